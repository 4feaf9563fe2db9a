"""What an op costs from Python, steepest and PyTorch turn by turn in one run: a table of times, ratios and targets.

Each library runs in a process of its own, on one thread; the two are asked for one sample in turn, so that a busy
machine is busy for both, and the ratio is the median over such pairs.
"""

import argparse
import json
import sys

from pair import Library, Row, compare

QUADRATIC = "x = torch.tensor(5.0, requires_grad=True)\n"

BY_HAND = QUADRATIC + """
def step():
    global x
    y = x**2 + 2 * x + 1
    y.backward()
    with torch.no_grad():
        x -= 0.1 * x.grad
        x.grad.zero_()
"""

SGD = QUADRATIC + """
optimizer = torch.optim.SGD([x], lr=0.1)
def step():
    y = x**2 + 2 * x + 1
    y.backward()
    optimizer.step()
    optimizer.zero_grad()
"""

FOUR_POINTS = """
x = torch.tensor([1, 2, 3, 4], dtype=torch.float32)
y = torch.tensor([2, 4, 6, 8], dtype=torch.float32)
w = torch.tensor(0.0, requires_grad=True)
def step():
    global w
    loss = ((w * x - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
    w.grad.zero_()
"""

# A step small enough that neither run diverges, however many epochs are timed.
LINE = """
torch.manual_seed(0)
X = torch.arange(-5, 5, 0.1).view(-1, 1)
Y = -5 * X + 0.4 * torch.randn(X.size())
w = torch.tensor(-10.0, requires_grad=True)
b = torch.tensor(-20.0, requires_grad=True)
step_size = 0.01
losses = []
def criterion(y_pred, y):
    return torch.mean((y_pred - y) ** 2)
def step(x, y):
    loss = criterion(w * x + b, y)
    losses.append(loss.item())
    loss.backward()
    w.data = w.data - step_size * w.grad.data
    b.data = b.data - step_size * b.grad.data
    w.grad.data.zero_()
    b.grad.data.zero_()
def epoch():
    for x, y in zip(X, Y):
        step(x, y)
"""

NOT_GATE = """
x = torch.tensor([[0], [1]], dtype=torch.float32)
y = torch.tensor([1, 0], dtype=torch.float32)
w = torch.tensor([[3]], requires_grad=True, dtype=torch.float32)
b = torch.tensor([[1]], requires_grad=True, dtype=torch.float32)
optimizer = torch.optim.SGD([w, b], lr=0.1)
def step():
    loss = torch.mean(torch.square(torch.sigmoid(w @ x.T + b) - y))
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
"""

NETWORK = """
torch.manual_seed(0)
class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = torch.nn.Linear(2, 3)
        self.linear2 = torch.nn.Linear(3, 1)
    def forward(self, x):
        return torch.relu(self.linear2(torch.relu(self.linear1(x))))
model = Network()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
x = torch.tensor([[3, 5]], dtype=torch.float32)
y = torch.tensor([[10]], dtype=torch.float32)
def step():
    loss = torch.mean(torch.square(model(x) - y))
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
"""

PLAIN = "x = torch.tensor(1.5); y = torch.tensor(2.5)"
RECORDED = "x = torch.tensor(1.5, requires_grad=True); y = torch.tensor(2.5, requires_grad=True)"
CHAIN = "y = x\nfor _ in range(1000): y = y * 0.999"

ROWS = [
    Row("x + y, 0-d", PLAIN, "x + y", 25),
    Row("x + y, 0-d, recorded", RECORDED, "x + y", 15),
    Row("x + 1.0", PLAIN, "x + 1.0", 40),
    Row("2 * x", PLAIN, "2 * x", 40),
    Row("backward, per node", QUADRATIC, "y.backward()", 25, count=1000, before=CHAIN),
    Row("quadratic, by hand", BY_HAND, "step()", 40),
    Row("quadratic, SGD", SGD, "step()", 60),
    Row("w * x on 4 points", FOUR_POINTS, "step()", 40),
    Row("batch descent, epoch", LINE, "losses.clear(); step(X, Y)", 25),
    Row("stochastic descent, epoch", LINE, "losses.clear(); epoch()", 25),
    Row("NOT gate, SGD step", NOT_GATE, "step()"),
    Row("2-3-1 network, SGD step", NETWORK, "step()"),
]
IMPORT = "import time; start = time.perf_counter(); import LIBRARY; print((time.perf_counter() - start) * 1e3)"
IMPORT_TARGET_MS = 60


def text(line):
    reached = ""
    if line["target"] is not None:
        if line["unit"] == "ms":
            reached = f"at most {line['target']} ms: {'yes' if line['steepest'] <= line['target'] else 'NO'}"
        else:
            reached = f"at least {line['target']}: {'yes' if line['ratio'] >= line['target'] else 'NO'}"
    low, high = line["quartiles"]
    return (
        f"{line['name']:26} {line['steepest']:11,.1f} {line['torch']:11,.1f} {line['unit']}"
        f" {line['ratio']:8.1f} {low:8.1f} {high:8.1f}  {reached}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--torch-python", default=sys.executable, help="interpreter that has PyTorch (this one)")
    parser.add_argument("--pairs", type=int, default=15, help="pairs of samples a row (%(default)s)")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--json", help="file to write the figures to")
    options = parser.parse_args()

    ours, theirs = Library("steepest", sys.executable), Library("torch", options.torch_python)
    print(f"{'':26} {'steepest':>11} {'PyTorch':>11}    {'ratio':>8} {'25 %':>8} {'75 %':>8}  target")
    lines = []
    for row in ROWS:
        if options.only in row.name:
            pairs = [(ours.sample(row), theirs.sample(row)) for _ in range(options.pairs)]
            lines.append(compare(row.name, "ns", *zip(*pairs), row.target))
            print(text(lines[-1]), flush=True)
    if options.only in "import":
        pairs = [(ours.fresh(IMPORT), theirs.fresh(IMPORT)) for _ in range(5)]
        lines.append(compare("import", "ms", *zip(*pairs), IMPORT_TARGET_MS))
        print(text(lines[-1]))
    ours.close()
    theirs.close()
    if options.json:
        with open(options.json, "w") as file:
            json.dump(lines, file, indent=1)


if __name__ == "__main__":
    main()
