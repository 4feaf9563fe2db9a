"""Gradient descent on a parabola, by hand and with an optimizer; then NOT as a neuron, and a network of four."""

import numpy as np

import steepest as torch
from figures import Figures
from steepest import viz


def parabola(x):
    return x**2 + 2 * x + 1


def plot_parabola(figures):
    x = np.linspace(-10, 10, 100)
    axes = figures.axes("y = x^2 + 2x + 1", "x", "y")
    axes.plot(x, parabola(x))
    return axes


def gradient_at_five(figures):
    """One call of backward() gives the slope that the first part of a calculus course gives."""
    print("== gradient")
    x = torch.tensor(5, requires_grad=True, dtype=torch.float32)
    y = parabola(x)
    axes = plot_parabola(figures)
    axes.plot(x.detach().numpy(), y.detach().numpy(), "o")
    figures.save(axes, "parabola")
    figures.save_graph(viz.graph(y, {"x": x}), "parabola_graph")

    y.backward()
    print(x.grad)

    print("== nothing requires grad")
    x = torch.tensor(5, requires_grad=False, dtype=torch.float32)
    try:
        parabola(x).backward()
    except RuntimeError as error:
        print("RuntimeError:", error)


def descend_by_hand(steps, on_step):
    x = torch.tensor(5, requires_grad=True, dtype=torch.float32)
    alpha = 0.1
    for _ in range(steps):
        y = parabola(x)
        start = x.item()
        y.backward()
        slope = x.grad.item()
        with torch.no_grad():
            x -= alpha * x.grad
            # backward() adds to x.grad, so the next step must find zero there.
            x.grad.zero_()
        on_step(start, x.detach().numpy(), y.detach().numpy(), slope)


def descend(figures):
    """To the minimum at -1: ten steps, fifty with the slope and a picture, ten with SGD."""
    print("== ten steps by hand")
    descend_by_hand(10, lambda start, x, y, slope: print(x, y))

    print("== fifty steps with the slope")
    axes = plot_parabola(figures)

    def show(start, x, y, slope):
        axes.plot(start, y, "o")
        print(x, y, slope)

    descend_by_hand(50, show)
    figures.save(axes, "descent")

    print("== ten steps with SGD")
    x = torch.tensor(5, requires_grad=True, dtype=torch.float32)
    optimizer = torch.optim.SGD([x], lr=0.1)
    for _ in range(10):
        y = parabola(x)
        y.backward()
        optimizer.step()
        optimizer.zero_grad()
        print(x.detach().numpy(), y.detach().numpy())


X = torch.tensor([[0], [1]], dtype=torch.float32)
NOT_X = torch.tensor([1, 0], dtype=torch.float32)


def not_gate_once(figures):
    print("== one gradient of the NOT gate")
    w = torch.tensor([[3]], requires_grad=True, dtype=torch.float32)
    b = torch.tensor([[1]], requires_grad=True, dtype=torch.float32)
    a = torch.sigmoid(w @ X.T + b)
    print("a = ", a)
    loss = torch.square(a - NOT_X)
    print("loss = ", loss.detach().numpy())
    loss = torch.mean(loss)
    print("sum loss = ", loss.detach().numpy())
    figures.save_graph(viz.graph(loss, {"w": w, "b": b}), "not_gate_graph")
    loss.backward()
    print("w_grad = ", w.grad)
    print("b_grad = ", b.grad)


def train_not_gate(predict, w, b):
    """Five steps of SGD on the weight and the bias of `predict`, each one printed."""
    optimizer = torch.optim.SGD([w, b], lr=10)
    for i in range(5):
        print("Iteration ", i)
        print("w = ", w.detach().numpy())
        print("b = ", b.detach().numpy())
        a = predict(X)
        print("a = ", a)
        loss = torch.square(a - NOT_X)
        print("loss = ", loss.detach().numpy())
        loss = torch.mean(loss)
        print("mean loss = ", loss.detach().numpy())
        loss.backward()
        print("w_grad = ", w.grad)
        print("b_grad = ", b.grad)
        optimizer.step()
        optimizer.zero_grad()
        print()


class NotGate(torch.nn.Module):
    """A sigmoid neuron whose two numbers are declared one by one."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.tensor([[3.0]]))
        self.b = torch.nn.Parameter(torch.tensor([[1.0]]))

    def forward(self, x):
        return torch.sigmoid(self.w @ x.T + self.b)


class LinearNotGate(torch.nn.Module):
    """The same neuron out of a layer, which needs to know its two sizes only."""

    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(in_features=1, out_features=1)

    def forward(self, x):
        return torch.sigmoid(self.linear(x))


def not_gates(figures):
    """Three ways to write one neuron; the first two print the same numbers."""
    print("== NOT gate of raw tensors")
    w = torch.tensor([[3]], requires_grad=True, dtype=torch.float32)
    b = torch.tensor([[1]], requires_grad=True, dtype=torch.float32)
    train_not_gate(lambda x: torch.sigmoid(w @ x.T + b), w, b)

    print("== NOT gate as a module")
    gate = NotGate().train()
    train_not_gate(gate, gate.w, gate.b)

    print("== NOT gate of nn.Linear")
    gate = LinearNotGate().train()
    figures.save_graph(viz.graph(gate(X), gate.named_parameters()), "linear_not_gate_graph")
    # The layer starts at random; these are the values from which the table in the tutorial starts.
    with torch.no_grad():
        gate.linear.weight.fill_(-0.08132863)
        gate.linear.bias.fill_(0.9673029)
    train_not_gate(gate, gate.linear.weight, gate.linear.bias)


class Network(torch.nn.Module):
    """Two inputs, three hidden neurons, one output."""

    def __init__(self):
        super().__init__()
        self.linear1 = torch.nn.Linear(in_features=2, out_features=3)
        self.linear2 = torch.nn.Linear(in_features=3, out_features=1)

    def forward(self, x):
        return torch.relu(self.linear2(torch.relu(self.linear1(x))))


def train_network(network, iterations):
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    x = torch.tensor([[3, 5]], dtype=torch.float32)
    y = torch.tensor([[10]], dtype=torch.float32)
    network.train()
    for i in iterations:
        loss = torch.mean(torch.square(network(x) - y))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        print("Iteration ", i)
        print("w1 = ", network.linear1.weight.detach().numpy())
        print("b1 = ", network.linear1.bias.detach().numpy())
        print("w2 = ", network.linear2.weight.detach().numpy())
        print("b2 = ", network.linear2.bias.detach().numpy())
        print("loss = ", loss.detach().numpy())


def networks(figures):
    """With this step size the first step overshoots, the output's ReLU dies, and nothing changes any more."""
    print("== network from seed 0")
    torch.manual_seed(0)
    network = Network()
    output = network(torch.tensor([[3.0, 5.0]]))
    figures.save_graph(viz.graph(output, network.named_parameters()), "network_graph")
    train_network(network, range(5))

    print("== network")
    # Where the tutorial's own run stood after its first step, in the digits it prints.
    with torch.no_grad():
        network.linear1.weight.copy_(
            torch.tensor([[-1.30715728, -1.99724364], [2.1915283, 4.3640413], [0.104516685, -0.330105662]])
        )
        network.linear1.bias.copy_(torch.tensor([-0.287400067, 0.43799853, -0.0829244256]))
        network.linear2.weight.copy_(torch.tensor([[4.0976381, 4.571283, -0.45574307]]))
        network.linear2.bias.copy_(torch.tensor([1.728075]))
    train_network(network, range(1, 5))


def main(argv=None):
    figures = Figures(__doc__, argv)
    gradient_at_five(figures)
    descend(figures)
    not_gate_once(figures)
    not_gates(figures)
    networks(figures)


if __name__ == "__main__":
    main()
