"""Two libraries, each in a process of its own, asked for samples turn by turn: both ends of the protocol, and what is made of the pairs.

A busy machine is busy for both, so the ratio is the median over pairs of neighbouring samples. A request is one line of JSON on the
worker's stdin, an answer one line on its stdout.
"""

import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import timeit
from dataclasses import asdict, dataclass

SAMPLE_SECONDS = 0.02


@dataclass
class Row:
    """`statement` is timed after `setup`; it counts as `count` things, and is to be `target` times PyTorch's speed."""

    name: str
    setup: str
    statement: str
    target: float | None = None
    count: int = 1
    # Run before each execution of the statement, untimed.
    before: str = ""
    # What both libraries must agree on, to `tolerance` of its largest value: by default what the statement returns.
    check: str = ""
    tolerance: float = 1e-4
    # The least traffic to memory and the arithmetic of one execution, where they bound it.
    bytes: float = 0
    flops: float = 0
    # Part of the short pass.
    quick: bool = False


# What the setups of rows may use; the data comes from numpy, the same for both libraries.
HELPERS = """
import numpy
F = torch.nn.functional
def rnd(*shape, low=-2.0, high=2.0, dtype='float32', grad=False):
    data = numpy.random.default_rng(len(shape)).uniform(low, high, shape).astype(dtype)
    return torch.from_numpy(data).requires_grad_(grad)
def integers(high, *shape):
    return torch.from_numpy(numpy.random.default_rng(1).integers(0, high, shape))
"""


def digest(value):
    """Some numbers that stand for a result: at most 32 elements of every tensor, and its mean."""
    if isinstance(value, (tuple, list)):
        return [number for item in value for number in digest(item)]
    if not hasattr(value, "detach"):
        return [float(value)] if isinstance(value, (bool, int, float)) else []
    flat = value.detach().double().reshape(-1)
    step = max(1, flat.numel() // 32) | 1  # odd, so as not to meet one column of a matrix only
    return [*flat[::step].tolist(), flat.mean().item() if flat.numel() else 0.0]


class Prepared:
    """A row after its setup, with the number of executions that fill a quarter of a sample."""

    def __init__(self, torch, row, threads):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.row = row
        self.scope = {"torch": torch}
        exec(HELPERS + row.setup, self.scope)
        self.timer = timeit.Timer(row.statement, row.before or "pass", globals=self.scope)
        self.times = None

    def check(self):
        exec(self.row.before, self.scope)
        try:
            code = compile(self.row.check or self.row.statement, self.row.name, "eval")
        except SyntaxError:  # statements that return nothing
            return []
        return digest(eval(code, self.scope))

    def seconds(self):
        if self.times is None:
            # Setup runs once a call of timeit: a statement that needs it each time is executed once a call.
            self.times = 1
            while not self.row.before and self.timer.timeit(self.times) < SAMPLE_SECONDS / 4:
                self.times *= 2
        return min(self.timer.timeit(self.times) for _ in range(4)) / self.times / self.row.count


def worker(library):
    """Answer requests until stdin ends; one row at a time is kept."""
    torch = importlib.import_module(library)
    prepared = key = None
    for line in sys.stdin:
        request = json.loads(line)
        if key != (request["row"], request["threads"]):
            prepared = None
            key = request["row"], request["threads"]
        try:
            if prepared is None:
                prepared = Prepared(torch, Row(**request["row"]), request["threads"])
            answer = prepared.check() if request["check"] else prepared.seconds()
        except Exception as error:
            answer = f"{type(error).__name__}: {error}"
        print(json.dumps(answer), flush=True)


class Library:
    """A library in a process that measures on request."""

    def __init__(self, name, python):
        self.name, self.python = name, python
        self.environment = dict(os.environ)
        self.environment.pop("OPENBLAS_CORETYPE", None)  # it can halve OpenBLAS and leaves MKL alone
        self.process = subprocess.Popen(
            [python, "-W", "ignore", __file__, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        self.bytecode = None

    def ask(self, row, threads, check):
        request = {"row": asdict(row), "threads": threads, "check": check}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self.name} stopped at the row: {row.name}")
        answer = json.loads(answer)
        if isinstance(answer, str):
            raise RuntimeError(f"{self.name}: {answer}")
        return answer

    def sample(self, row, threads=1):
        """Nanoseconds per thing that the row counts."""
        return self.ask(row, threads, False) * 1e9

    def check(self, row, threads=1):
        return self.ask(row, threads, True)

    def fresh(self, code):
        """The number that `code` prints in a new process, which finds bytecode, as after an installation."""
        if self.bytecode is None:
            self.bytecode = tempfile.TemporaryDirectory()
            self.fresh("import LIBRARY; print(0)")
        environment = {**self.environment, "PYTHONPYCACHEPREFIX": self.bytecode.name}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [self.python, "-W", "ignore", "-c", code.replace("LIBRARY", self.name)]
        return float(subprocess.check_output(command, text=True, env=environment))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        if self.bytecode:
            self.bytecode.cleanup()


def compare(name, unit, ours, theirs, target=None):
    """One line of the result from paired samples."""
    ratios = [b / a for a, b in zip(ours, theirs)]
    low, ratio, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return {
        "name": name,
        "unit": unit,
        "steepest": statistics.median(ours),
        "torch": statistics.median(theirs),
        "ratio": ratio,
        "quartiles": [low, high],
        "target": target,
    }


if __name__ == "__main__":
    worker(sys.argv[1])
