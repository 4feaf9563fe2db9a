"""The loss as a function of one weight, its derivative by hand and by backward(), and an exercise in three weights."""

import numpy as np

import steepest as torch
from figures import Figures
from steepest import viz

X = [1.0, 2.0, 3.0]
Y = [2.0, 4.0, 6.0]
STEP = 0.01


def squared_error(w, x, y):
    error = x * w - y
    return error * error


def loss_graph(figures):
    """Mean loss at w = 0 ... 4: a parabola whose minimum is the weight wanted."""
    print("== loss graph")

    def mean_loss(w):
        return sum(squared_error(w, x, y) for x, y in zip(X, Y)) / len(X)

    for w in range(5):
        print(f"w={w} mean={mean_loss(w):.1f}")
    grid = np.linspace(0, 4, 81)
    axes = figures.axes("Loss graph", "w", "loss")
    axes.plot(grid, mean_loss(grid))
    axes.plot(range(5), [mean_loss(w) for w in range(5)], "o")
    figures.save(axes, "loss_graph")


def train(w, slope, number, epochs=10):
    """Descend sample by sample; `slope(w, x, y)` is the derivative, `number(t)` its plain value for printing."""
    print("predict (before training)", 4, number(4 * w))
    for epoch in range(epochs):
        for x, y in zip(X, Y):
            gradient = slope(w, x, y)
            with torch.no_grad():
                w -= STEP * gradient
            print("\tgrad: ", x, y, round(number(gradient), 2))
            loss = squared_error(w, x, y)
        print("progress:", epoch, "w=", round(number(w), 2), "loss=", round(number(loss), 2))
    print("predict (after training)", "4 hours", f"{number(4 * w):.2f}")


def slope_by_backward(w, x, y):
    w.grad = None
    squared_error(w, x, y).backward()
    return w.grad


def exercise(figures):
    """y = x^2 w2 + x w1 + b: three derivatives, by the chain rule and by backward(), then a fit with them."""
    print("== exercise 3-1")
    w1, w2, b = (torch.tensor([1.0], requires_grad=True) for _ in range(3))
    parameters = {"w1": w1, "w2": w2, "b": b}

    def predict(x):
        return x**2 * w2 + x * w1 + b

    for x, y in zip(X, Y):
        error = predict(x) - y
        loss = error**2
        loss.backward()
        by_hand = 2 * error.item()
        print("backward:", w1.grad.item(), w2.grad.item(), b.grad.item())
        print("by hand: ", by_hand * x, by_hand * x**2, by_hand)
        for parameter in parameters.values():
            parameter.grad.zero_()
    figures.save_graph(viz.graph(loss, parameters), "exercise_graph")

    losses = []
    for _ in range(100):
        total = 0.0
        for x, y in zip(X, Y):
            loss = (predict(x) - y) ** 2
            loss.backward()
            total += loss.item()
            with torch.no_grad():
                for parameter in parameters.values():
                    parameter -= STEP * parameter.grad
                    parameter.grad.zero_()
        losses.append(total / len(X))
    print(f"loss after 1 epoch {losses[0]:.3f}, after 100 epochs {losses[-1]:.3f}")
    print(f"predict (after training) 4 hours {predict(4.0).item():.2f}")
    axes = figures.axes("Exercise 3-1", "epoch", "mean loss")
    axes.semilogy(losses)
    figures.save(axes, "exercise_loss")


def main(argv=None):
    figures = Figures(__doc__, argv)
    loss_graph(figures)
    print("== derivative by hand")
    train(1.0, lambda w, x, y: 2 * x * (x * w - y), float)
    print("== derivative by backward")
    train(torch.tensor(1.0, requires_grad=True), slope_by_backward, lambda t: t.item())
    exercise(figures)


if __name__ == "__main__":
    main()
