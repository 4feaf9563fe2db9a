"""Finds w in y = w x for y = 2 x: first in numpy with a derivative worked out by hand, then with backward()."""

import numpy as np

import steepest as torch
from figures import Figures

LEARNING_RATE = 0.01


def mean_squared_error(y, y_predicted):
    return ((y_predicted - y) ** 2).mean()


def report(w, epoch, loss):
    print(f"epoch {epoch + 1}: w = {w:.3f}, loss = {loss:.8f}")
    print(f"Prediction during training: f(5) = {w * 5:.3f}")
    print("\n")


def fit_in_numpy(epochs, every):
    """The summed derivative 2 x (w x - y) as the step; w, loss of each epoch are returned."""
    x = np.array([1, 2, 3, 4], dtype=np.float32)
    y = np.array([2, 4, 6, 8], dtype=np.float32)
    w, history = 0.0, []
    print(f"Prediction before training: f(5) = {w * 5:.3f}")
    print("******************\n")
    for epoch in range(epochs):
        y_predicted = w * x
        loss = mean_squared_error(y, y_predicted)
        w -= LEARNING_RATE * float((2 * x * (y_predicted - y)).sum())
        history.append((w, float(loss)))
        if epoch % every == 0:
            report(w, epoch, loss)
    print("******************\n")
    print(f"Prediction after training: f(5) = {w * 5:.3f}")
    return history


def fit_with_autograd(epochs, every):
    """The mean's derivative comes from backward(): a quarter of the step above, so w takes more epochs."""
    x = torch.tensor([1, 2, 3, 4], dtype=torch.float32)
    y = torch.tensor([2, 4, 6, 8], dtype=torch.float32)
    w = torch.tensor(0.0, dtype=torch.float32, requires_grad=True)
    history = []
    print(f"Prediction before training: f(5) = {w * 5:.3f}")
    print("******************\n")
    for epoch in range(epochs):
        loss = mean_squared_error(y, w * x)
        loss.backward()
        # The update is no part of what is differentiated.
        with torch.no_grad():
            w -= LEARNING_RATE * w.grad
        w.grad.zero_()
        history.append((w.item(), loss.item()))
        if epoch % every == 0:
            report(w, epoch, loss)
    print("******************\n")
    print(f"Prediction after training: f(5) = {w * 5:.3f}")
    return history


def main(argv=None):
    figures = Figures(__doc__, argv)
    print("== numpy, 10 epochs")
    fit_in_numpy(10, every=1)
    print("== numpy, 20 epochs")
    by_hand = fit_in_numpy(20, every=2)
    print("== tensors, 20 epochs")
    fit_with_autograd(20, every=2)
    print("== tensors, 100 epochs")
    by_autograd = fit_with_autograd(100, every=10)

    axes = figures.axes("Linear regression by gradient descent", "epoch", "loss")
    axes.semilogy([loss for _, loss in by_hand], label="numpy, summed gradient")
    axes.semilogy([loss for _, loss in by_autograd], label="tensors, mean gradient")
    axes.legend()
    figures.save(axes, "regression_loss")


if __name__ == "__main__":
    main()
