"""A noisy line fitted by batch and by stochastic gradient descent, with the step size at which the latter diverges."""

import steepest as torch
from figures import Figures

STEP_SIZE = 0.1
EPOCHS = 20


def noisy_line(figures):
    x = torch.arange(-5, 5, 0.1).view(-1, 1)
    line = -5 * x
    y = line + 0.4 * torch.randn(x.size())
    axes = figures.axes("Data", "x", "y")
    axes.plot(x.numpy(), y.numpy(), "b+", label="Y")
    axes.plot(x.numpy(), line.numpy(), "r", label="func")
    axes.legend()
    axes.grid(True, color="y")
    figures.save(axes, "noisy_line")
    return x, y


class Line:
    """w x + b from far away, updated through `.data`, which autograd does not see."""

    def __init__(self):
        self.w = torch.tensor(-10.0, requires_grad=True)
        self.b = torch.tensor(-20.0, requires_grad=True)

    def loss(self, x, y):
        return torch.mean((self.w * x + self.b - y) ** 2)

    def step(self, epoch, x, y):
        loss = self.loss(x, y)
        loss.backward()
        for p in (self.w, self.b):
            p.data = p.data - STEP_SIZE * p.grad.data
            p.grad.data.zero_()
        print(f"{epoch}, \t{loss.item()}, \t{self.w.item()}, \t{self.b.item()}")
        return loss.item()


def batch(x, y):
    """One step an epoch, on the mean over all points."""
    line = Line()
    return [line.step(epoch, x, y) for epoch in range(EPOCHS)]


def stochastic(x, y):
    """One step a point: the points at the ends are too steep for this step size, and the loss grows."""
    line, losses = Line(), []
    for epoch in range(EPOCHS):
        losses.append(line.loss(x, y).tolist())
        for one_x, one_y in zip(x, y):
            line.step(epoch, one_x, one_y)
    return losses


def main(argv=None):
    figures = Figures(__doc__, argv)
    torch.manual_seed(0)
    x, y = noisy_line(figures)
    print("== batch")
    losses = {"Batch Gradient Descent": batch(x, y)}
    print("== stochastic")
    losses["Stochastic Gradient Descent"] = stochastic(x, y)

    both = figures.axes("Loss", "Epoch", "Cost/Total loss")
    both.set_yscale("log")
    for name, history in losses.items():
        both.plot(history, label=name)
        axes = figures.axes(name, "Epoch", "Cost/Total loss")
        axes.plot(history, label=name)
        axes.legend()
        figures.save(axes, name.split()[0].lower())
    both.legend()
    figures.save(both, "batch_and_stochastic")


if __name__ == "__main__":
    main()
