"""Instructions of ten hot paths, counted by callgrind: a guard that a busy machine cannot blur.

    python benchmarks/counts.py            compare with counts.json; fails where a path takes over 3 % more
    python benchmarks/counts.py --write    make the present counts the baseline

One process runs all paths, each so often after as many runs that warm up; a call of getppid before and after makes callgrind
write down what it has counted, so the start of Python does not count. The loop of Python around a path does.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BASELINE = Path(__file__).with_name("counts.json")
TIMES = 300
ALLOWED = 0.03

SCALARS = "x = torch.tensor(1.5{0}); y = torch.tensor(2.5{0})"
GRAD = ", requires_grad=True"
LINEAR = "l = torch.nn.Linear(4, 3); v = torch.ones(2, 4); torch.set_grad_enabled({})"
# Name: setup, what is run.
PATHS = {
    "x + y": (SCALARS.format(""), "x + y"),
    "x + y recorded": (SCALARS.format(GRAD), "x + y"),
    "x + 1.0": (SCALARS.format(""), "x + 1.0"),
    "backward of ten nodes": (SCALARS.format(GRAD), "z = x * y\nfor _ in range(9): z = z * y\nz.backward()"),
    "no_grad": ("", "with torch.no_grad(): pass"),
    "index": ("v = torch.arange(4.0)", "v[1]"),
    "tensor of a list": ("", "torch.tensor([1.0, 2.0])"),
    "Linear": (LINEAR.format(False), "l(v)"),
    "Linear recorded": (LINEAR.format(True), "l(v)"),
    "SGD step": ("p = torch.ones(3, requires_grad=True); p.grad = torch.ones(3); o = torch.optim.SGD([p], lr=0.1)", "o.step()"),
}


def program():
    lines = ["import os", "import steepest as torch", "torch.set_num_threads(1)"]
    for name, (setup, statement) in PATHS.items():
        body = "\n".join("        " + line for line in statement.splitlines())
        # In a function of its own, as a path would be in a program.
        lines += [f"torch.set_grad_enabled(True)\ndef path(times):  # {name}\n    {setup or 'pass'}"]
        lines += [f"    for _i in range(times):\n{body}\n    os.getppid()\n    for _i in range(times):\n{body}\n    os.getppid()"]
        lines += [f"path({TIMES})"]
    return "\n".join(lines)


def count(isa):
    """Instructions of one run of each path."""
    environment = {**os.environ, "STEEPEST_ISA": isa, "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        tool = ["valgrind", "--tool=callgrind", "--dump-before=getppid", f"--callgrind-out-file={folder}/out"]
        run = subprocess.run([*tool, sys.executable, "-W", "ignore", "-c", program()], env=environment, capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(run.stderr[-2000:])
        parts = sorted(Path(folder).glob("out.*"), key=lambda part: int(part.suffix[1:]))
        totals = [int(re.search(r"^(?:totals|summary): (\d+)", part.read_text(), re.MULTILINE)[1]) for part in parts]
    # The parts: up to the first call, a path, up to the next first call, a path, ...
    return {name: round(total / TIMES) for name, total in zip(PATHS, totals[1::2])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="make the present counts the baseline")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        print("valgrind is not installed: nothing is counted")
        return
    # One instruction set that every machine, and valgrind, has; another Python or compiler has a baseline of its own.
    key = f"python {sys.version_info.major}.{sys.version_info.minor}"
    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    known = baseline.setdefault(key, {})
    grown = []
    for name, now in count("v2").items():
        before = known.get(name)
        print(f"{name:24} {now:8} {'' if before is None else f'{now / before - 1:+7.1%} of {before}'}")
        if before is not None and now > before * (1 + ALLOWED):
            grown.append(name)
        if options.write:
            known[name] = now
    if options.write:
        BASELINE.write_text(json.dumps(baseline, indent=1) + "\n")
    elif grown:
        raise SystemExit(f"more instructions than the baseline: {', '.join(grown)}")


if __name__ == "__main__":
    main()
