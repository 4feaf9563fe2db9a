"""The benchmark: every row by steepest and by PyTorch turn by turn, at 1 and at 2 threads, beside the machine's limits.

    python benchmarks/speed.py --quick                    a pass of minutes
    python benchmarks/speed.py --only 'exp|matmul' --threads 1
    python benchmarks/speed.py --store                    also keep PyTorch's figures for machines without it

Both results are compared before a row is timed. A ratio is PyTorch's time over steepest's (larger is better), the median over
pairs of neighbouring samples; the share is that of the limit: copy bandwidth or multiply-adds, whichever bounds the row. Files
are written to --out: speed.json, speed.md, speed.svg and history.jsonl, whose last entry a new pass is compared with. Without
PyTorch the ratio is to its figures in stored.json, which are in units of the limits.
"""

import argparse
import importlib.util
import json
import math
import re
import statistics
import sys
import time
from itertools import chain
from pathlib import Path

import chart
import limits
import rows_layers
import rows_ops
import rows_sequences
import rows_training
import rows_wide
from pair import Library, compare

STORED = Path(__file__).with_name("stored.json")
# A ratio below this part of that in the last entry of the history, beyond both spreads, is called a regression.
REGRESSION = 0.8


def agree(ours, theirs, tolerance):
    """Whether two digests are the same to `tolerance` of the largest value."""
    scale = max((abs(v) for v in theirs if math.isfinite(v)), default=0) + 1e-30

    def same(a, b):
        return a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= tolerance * scale

    return len(ours) == len(theirs) and all(map(same, ours, theirs))


class Bench:
    def __init__(self, options):
        self.options = options
        self.limits = limits.measure()
        self.ours = Library("steepest", sys.executable)
        has_torch = options.torch_python != sys.executable or importlib.util.find_spec("torch")
        self.theirs = Library("torch", options.torch_python) if has_torch else None
        self.stored = json.loads(STORED.read_text()) if STORED.exists() else {}

    def limit_of(self, row, threads):
        return limits.seconds(self.limits, row, threads) or limits.unit(self.limits)

    def pairs(self, row, threads):
        for _ in range(self.options.pairs):
            yield self.ours.sample(row, threads), self.theirs.sample(row, threads)

    def row(self, row, threads):
        """The line of a row; one that fails says so in place of figures."""
        key = f"{row.name}, {threads} threads" if threads > 1 else row.name
        bound = limits.seconds(self.limits, row, threads)
        try:
            if self.theirs:
                same = agree(self.ours.check(row, threads), self.theirs.check(row, threads), row.tolerance)
                line = compare(key, "ns", *zip(*self.pairs(row, threads)), row.target)
                line["agree"] = same
                if self.options.store:
                    self.stored[key] = float(f"{line['torch'] * 1e-9 / self.limit_of(row, threads):.4g}")
            else:
                times = [self.ours.sample(row, threads) for _ in range(self.options.pairs)]
                theirs = self.stored.get(key, math.nan) * self.limit_of(row, threads) * 1e9
                line = compare(key, "ns", times, [theirs] * len(times), row.target)
        except RuntimeError as error:
            return {"name": key, "error": str(error)}
        line["share"] = bound and bound * 1e9 / line["steepest"]
        return line

    def fresh(self, name, unit, code):
        libraries = [self.ours, self.theirs] if self.theirs else [self.ours]
        code = f"import sys; sys.path.insert(0, {str(STORED.parent)!r})\n" + code
        pairs = [[library.fresh(code) for library in libraries] for _ in range(min(self.options.pairs, 3))]
        pairs = [(max(pair[0], 0.1), pair[1] if self.theirs else math.nan) for pair in pairs]
        return compare(name, unit, *zip(*pairs))

    def close(self):
        for library in (self.ours, self.theirs):
            if library:
                library.close()


def text(line):
    if "error" in line:
        return f"{line['name']:44} {line['error']}"
    low, high = line["quartiles"]
    share = f"{line['share']:6.0%}" if line.get("share") else " " * 6
    notes = "" if line.get("agree", True) else "  RESULTS DIFFER"
    if line["target"] is not None and line["ratio"] < line["target"]:
        notes += f"  target {line['target']}"
    figures = f"{line['steepest']:14,.1f} {line['torch']:14,.1f} {line['unit']}"
    return f"{line['name']:44} {figures} {line['ratio']:7.2f} [{low:6.2f} {high:6.2f}] {share}{notes}"


def machine(bounds):
    copies = ", ".join(f"{rate / 1e9:.1f} GB/s of {int(size) // 1024} KB" for size, rate in bounds["bandwidth"].items())
    return f"A thread copies {copies}; multiply-adds {bounds['peak'] / 1e9:.0f} GFLOP/s."


def markdown(lines, bounds):
    head = "| row | steepest | PyTorch | ratio | quartiles | share of the limit |\n|---|---|---|---|---|---|\n"
    body = ""
    for line in lines:
        if "error" in line:
            body += f"| {line['name']} | {line['error']} | | | | |\n"
            continue
        low, high = line["quartiles"]
        share = f"{line['share']:.0%}" if line.get("share") else ""
        times = f"{line['steepest']:,.1f} {line['unit']} | {line['torch']:,.1f} {line['unit']}"
        body += f"| {line['name']} | {times} | {line['ratio']:.2f} | {low:.2f}-{high:.2f} | {share} |\n"
    return f"{machine(bounds)}\n\n{head}{body}"


def summary(lines):
    ratios = {line["name"]: line["ratio"] for line in lines if not math.isnan(line.get("ratio", math.nan))}
    if ratios:
        below = sorted((ratio, name) for name, ratio in ratios.items() if ratio < 1)
        mean = statistics.geometric_mean(ratios.values())
        yield f"{len(ratios)} rows, geometric mean {mean:.2f}, {len(below)} below 1.0:"
        yield from (f"  {ratio:5.2f}  {name}" for ratio, name in below[:40])


def regressions(lines, history):
    """The rows whose ratio fell since the last entry of the history file."""
    if history.exists():
        last = json.loads(history.read_text().splitlines()[-1])["rows"]
        for line in lines:
            before = last.get(line["name"])
            if before and "ratio" in line and line["ratio"] < REGRESSION * before[1] and line["quartiles"][1] < before[0]:
                yield f"  fell from {before[1]:.2f} to {line['ratio']:.2f}: {line['name']}"


def write(lines, bounds, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speed.json").write_text(json.dumps({"limits": bounds, "rows": lines}, indent=1))
    (folder / "speed.md").write_text(markdown(lines, bounds))
    chart.draw(lines, folder / "speed.svg")
    history = folder / "history.jsonl"
    found = list(regressions(lines, history))
    # Of each row: the lower quartile and the median of its ratio.
    kept = {line["name"]: [line["quartiles"][0], line["ratio"]] for line in lines if line.get("ratio", math.nan) > 0}
    with history.open("a") as file:
        file.write(json.dumps({"time": time.strftime("%Y-%m-%d %H:%M"), "limits": bounds, "rows": kept}) + "\n")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch-python", default=sys.executable, help="interpreter that has PyTorch (this one)")
    parser.add_argument("--only", default="", metavar="REGEX", help="rows in whose name this is found")
    parser.add_argument("--quick", action="store_true", help="the most telling rows, with few pairs")
    parser.add_argument("--pairs", type=int, help="pairs of samples a row (11, and 3 with --quick)")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads (1 and 2, and 1 with --quick)")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="folder for the files (%(default)s)")
    parser.add_argument("--store", action="store_true", help="keep PyTorch's figures in stored.json")
    options = parser.parse_args()
    options.pairs = options.pairs or (3 if options.quick else 11)
    options.threads = options.threads or ([1] if options.quick else [1, 2])

    bench = Bench(options)
    wanted = re.compile(options.only)
    lines = []

    def show(line):
        lines.append(line)
        print(text(line), flush=True)

    print(machine(bench.limits))
    for row in chain(rows_training.rows(), rows_layers.rows(), rows_sequences.rows(), rows_ops.rows(), rows_wide.rows()):
        if wanted.search(row.name) and (row.quick or not options.quick):
            for threads in options.threads:
                show(bench.row(row, threads))
    for name, unit, code, quick in rows_training.fresh():
        if wanted.search(name) and (quick or not options.quick):
            show(bench.fresh(name, unit, code))
    bench.close()
    if options.store:
        STORED.write_text(json.dumps(bench.stored, indent=0, sort_keys=True) + "\n")
    for line in chain(summary(lines), write(lines, bench.limits, options.out)):
        print(line)
    if not all(line.get("agree", True) for line in lines):
        raise SystemExit("results differ")


if __name__ == "__main__":
    main()
