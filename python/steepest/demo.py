"""The demonstration: the minimum of a parabola by gradient descent, then a classifier of handwritten digits."""

import time
from pathlib import Path

import steepest as torch
from steepest import nn

BATCH = 32


def _imports():
    """pyplot, the digits and the progress bar, which only the demonstration needs."""
    try:
        import matplotlib

        matplotlib.use("Agg")  # pictures are saved, so no display is needed
        import matplotlib.pyplot as plt
        from sklearn.datasets import load_digits
        from tqdm import tqdm
    except ImportError as error:
        raise SystemExit(f"the demo needs {error.name}: pip install 'steepest[demo]'") from None
    return plt, load_digits, tqdm


def descend(plt, out):
    """Minimise x^2 + 2x + 1 from x = 5 by hand and with SGD; print both, and draw the path."""
    by_hand = torch.tensor(5.0, requires_grad=True)
    by_sgd = torch.tensor(5.0, requires_grad=True)
    optimizer = torch.optim.SGD([by_sgd], lr=0.1)
    path = []
    print("Gradient descent on y = x^2 + 2x + 1\n")
    print(f"{'step':>4} {'x by hand':>12} {'x by SGD':>12} {'y':>12} {'dy/dx':>12}")
    for step in range(1, 31):
        y = by_hand**2 + 2 * by_hand + 1
        path.append((by_hand.item(), y.item()))
        y.backward()
        slope = by_hand.grad.item()
        with torch.no_grad():
            by_hand -= 0.1 * by_hand.grad
            by_hand.grad.zero_()

        optimizer.zero_grad()
        (by_sgd**2 + 2 * by_sgd + 1).backward()
        optimizer.step()
        if step <= 5 or step % 5 == 0:
            print(f"{step:4} {by_hand:12.6f} {by_sgd:12.6f} {y:12.6f} {slope:12.6f}")

    xs = torch.linspace(-8, 6, 200)
    figure, axes = plt.subplots()
    axes.plot(xs.numpy(), (xs**2 + 2 * xs + 1).numpy())
    axes.plot(*zip(*path), "o-", markersize=4)
    axes.set(title="Gradient descent on y = x^2 + 2x + 1", xlabel="x", ylabel="y")
    return _save(plt, figure, out / "descent.png")


def digits(load_digits):
    """The 1797 images (N, 64) scaled to [0, 1] and their labels (N,): four fifths to train on, one to test on."""
    data = load_digits()
    images = torch.tensor(data.data, dtype=torch.float32) / 16
    labels = torch.tensor(data.target, dtype=torch.int64)
    order = torch.randperm(len(labels))
    test = len(labels) // 5
    return images[order[test:]], labels[order[test:]], images[order[:test]], labels[order[:test]]


def accuracy(model, images, labels):
    with torch.no_grad():
        return (model(images).argmax(1) == labels).float().mean().item()


def train(tqdm, model, train_images, train_labels, test_images, test_labels, epochs):
    """Adam on the cross entropy; the rows (loss, training accuracy, test accuracy) of all epochs."""
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    rows = []
    with tqdm(range(epochs), desc="training", unit="epoch") as bar:
        for _ in bar:
            total = 0.0
            for batch in torch.randperm(len(train_labels)).split(BATCH):
                optimizer.zero_grad()
                loss = criterion(model(train_images[batch]), train_labels[batch])
                loss.backward()
                optimizer.step()
                total += loss.item() * len(batch)
            rows.append(
                (
                    total / len(train_labels),
                    accuracy(model, train_images, train_labels),
                    accuracy(model, test_images, test_labels),
                )
            )
            bar.set_postfix(loss=f"{rows[-1][0]:.3f}", test=f"{rows[-1][2]:.1%}")
    return rows


def classify(plt, load_digits, tqdm, out, epochs):
    """Train, print the table, and draw the curves and some test images with what the model takes them for."""
    torch.manual_seed(0)
    train_images, train_labels, test_images, test_labels = digits(load_digits)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    print(f"\nHandwritten digits: {len(train_labels)} to train on, {len(test_labels)} to test on\n{model}\n")
    start = time.perf_counter()
    rows = train(tqdm, model, train_images, train_labels, test_images, test_labels, epochs)
    seconds = time.perf_counter() - start

    print(f"\n{'epoch':>5} {'loss':>8} {'train':>7} {'test':>7}")
    shown = sorted({0, *range(4, epochs, 5), epochs - 1})
    for epoch in shown:
        loss, train_accuracy, test_accuracy = rows[epoch]
        print(f"{epoch + 1:5} {loss:8.4f} {train_accuracy:7.1%} {test_accuracy:7.1%}")
    print(f"\n{epochs} epochs in {seconds:.2f} s")

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    losses, train_accuracies, test_accuracies = zip(*rows)
    left.plot(range(1, epochs + 1), losses)
    left.set(title="Loss", xlabel="epoch", yscale="log")
    right.plot(range(1, epochs + 1), train_accuracies, label="train")
    right.plot(range(1, epochs + 1), test_accuracies, label="test")
    right.set(title="Accuracy", xlabel="epoch")
    right.legend()
    saved = [_save(plt, figure, out / "training.png")]

    with torch.no_grad():
        guesses = model(test_images[:24]).argmax(1).tolist()
    figure, grid = plt.subplots(3, 8, figsize=(8, 3.6))
    for axes, image, guess, label in zip(grid.flat, test_images, guesses, test_labels.tolist()):
        axes.imshow(image.view(8, 8).numpy(), cmap="gray_r")
        axes.set_title(str(guess), color="tab:green" if guess == label else "tab:red")
        axes.axis("off")
    return [*saved, _save(plt, figure, out / "digits.png")]


def _save(plt, figure, path):
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
    return path


def main(out=Path("figures"), epochs=20):
    """Run it; pictures go into the folder `out`."""
    if epochs < 1:
        raise SystemExit(f"the demo trains for at least 1 epoch, got {epochs}")
    plt, load_digits, tqdm = _imports()
    out.mkdir(parents=True, exist_ok=True)
    pictures = [descend(plt, out), *classify(plt, load_digits, tqdm, out, epochs)]
    print("\nPictures:")
    for picture in pictures:
        print(" ", picture.resolve())
