"""What autograd records, how a gradient is asked for, stopped, accumulated and reset; then SGD and a regression."""

import numpy as np

import steepest as torch
from figures import Figures
from steepest.optim import SGD


def recorded_operations():
    """Every result names the operation that made it."""
    print("== recorded operations")
    # A random start in a program of one's own: torch.randn(3, requires_grad=True).
    x = torch.tensor([-0.8525, -0.6867, -0.5735], requires_grad=True)
    print(x)
    print(x + 2)
    y = x - 2
    print(y)
    z = x.mean()
    print(z)

    print("== backward")
    # y is no scalar, so the vector of the vector-Jacobian product must be given.
    y.backward(torch.tensor([0.1, 1.0, 0.001], dtype=torch.float32))
    print(y)
    z.backward()
    print(z)
    print("== gradient of both")
    print(x.grad)

    print("== two ways to stop recording")
    print(z.detach())
    x.requires_grad_(False)
    print(x)


def accumulate(reset):
    weights = torch.ones(4, requires_grad=True)
    for _ in range(3):
        print(f"At the beginning of iteration : {weights.grad}")
        (weights * 3).sum().backward()
        print(f"At the end of iteration : {weights.grad}")
        if reset:
            weights.grad.zero_()


def four_steps_of_sgd():
    x, y = torch.tensor(1.0), torch.tensor(2.0)
    w = torch.tensor(1.0, requires_grad=True)
    optimizer = SGD([w], lr=0.05)
    for _ in range(4):
        loss = (w * x - y) ** 2
        print(loss)
        loss.backward()
        print(f"gradient = {w.grad} weight = {w}")
        optimizer.step()
        print(f"After step weight = {w}")
        optimizer.zero_grad()


def regression_in_numpy(epochs):
    x = np.array([1, 2, 3, 4], dtype=np.float32)
    y = np.array([2, 4, 6, 8], dtype=np.float32)
    w, losses = 0.0, []
    print(f"Prediction before training: f(5) = {w * 5:.3f}")
    for epoch in range(epochs):
        error = w * x - y
        losses.append(float((error**2).mean()))
        # In double precision, so that the digits do not hang on how this machine's numpy adds up.
        w -= 0.01 * float(np.dot((2 * x).astype(np.float64), error))
        print(f"epoch {epoch + 1}: w = {w:.3f}, loss = {losses[-1]:.8f}")
    print(f"Prediction after training: f(5) = {w * 5:.3f}")
    return losses


def regression_in_tensors(epochs):
    x = torch.tensor([1, 2, 3, 4], dtype=torch.float32)
    y = torch.tensor([2, 4, 6, 8], dtype=torch.float32)
    w = torch.tensor(0.0, dtype=torch.float32, requires_grad=True)
    losses = []
    print(f"Prediction before training: f(5) = {w * 5:.3f}")
    for epoch in range(epochs):
        loss = ((w * x - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.01 * w.grad
        w.grad.zero_()
        losses.append(loss.item())
        print(f"epoch {epoch + 1}: w = {w:.3f}, loss = {loss:.8f}")
    print(f"Prediction after training: f(5) = {w * 5:.3f}")
    return losses


def main(argv=None):
    figures = Figures(__doc__, argv)
    recorded_operations()
    print("== gradients add up")
    accumulate(reset=False)
    print("== and are reset")
    accumulate(reset=True)
    print("== SGD")
    four_steps_of_sgd()
    print("== regression in numpy")
    by_hand = regression_in_numpy(12)
    print("== regression in tensors")
    by_autograd = regression_in_tensors(100)

    axes = figures.axes("w x = y, x = 1 ... 4", "epoch", "loss")
    axes.semilogy(by_hand, label="numpy")
    axes.semilogy(by_autograd, label="tensors")
    axes.legend()
    figures.save(axes, "steps_loss")


if __name__ == "__main__":
    main()
