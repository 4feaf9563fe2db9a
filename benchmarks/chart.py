"""A picture of a pass of the benchmark: for each group of rows, how many times PyTorch's speed they reach.

    python benchmarks/chart.py build/bench/speed.json docs/speed.svg
"""

import json
import re
import statistics
import sys
from pathlib import Path

# Title: the names of its rows; the first that matches counts.
GROUPS = {
    "import, first step, memory": "^(import|memory|peak memory|growth)",
    "loops of the tutorials": "^(loop: |fan-out|chain)|^step: MLP 2-",
    "training steps, data loading": "^(step: |MLP|DataLoader)",
    "optimizers": r" of \d+, (loop|foreach|fused)$",
    "products of matrices": "^(matmul|bmm|linear) ",
    "convolutions, pooling": r"^(conv2d|\w*pool2d|interpolate)",
    "attention, recurrent layers": "^(attention|LSTM|GRU|RNN) ",
    "further calls at one large size": "^wide: ",
    "ops on 1 to 256 elements": r" (1|16|256)(,|$)|^stack 16 ",
    "ops on 4k elements": " 4k(,|$)",
    "ops on 64k elements": " 64k(,|$)",
    "ops on 1M elements": " 1M(,|$)",
    "ops on 10M elements": " 10M(,|$)",
    "rows, norms, joins, choices": "x|of",
}


def group_of(name):
    return next(title for title, pattern in GROUPS.items() if re.search(pattern, re.sub(r", \d+ threads$", "", name)))


def draw(lines, path):
    """Writes the picture of the lines that have a ratio: all of a group's ratios, their middle half, their geometric mean."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "speed", "font.size": 9})
    import matplotlib.pyplot as plt

    groups = {title: [] for title in GROUPS}
    for line in lines:
        if line.get("ratio", 0) > 0:
            groups[group_of(line["name"])].append(line["ratio"])
    groups = {title: sorted(ratios) for title, ratios in groups.items() if ratios}
    figure, axes = plt.subplots(figsize=(8, 0.3 * len(groups) + 0.9), layout="constrained")
    for place, ratios in enumerate(groups.values()):
        low, _, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        mean = statistics.geometric_mean(ratios)
        axes.plot([ratios[0], ratios[-1]], [place, place], color="#9db4c8", linewidth=1.2)
        axes.plot([low, high], [place, place], color="#3f6d93", linewidth=7, solid_capstyle="butt")
        axes.plot(mean, place, marker="D", color="#d9822b", markersize=5)
        axes.annotate(f"{mean:.1f}", (1, place), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points", va="center")
    axes.axvline(1, color="#444444", linewidth=0.8)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_yticks(range(len(groups)), [f"{title} ({len(ratios)})" for title, ratios in groups.items()])
    axes.invert_yaxis()
    figure.supxlabel("times PyTorch's speed: all rows (line), the middle half (bar), geometric mean (diamond)", fontsize=9)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main():
    source, target = map(Path, sys.argv[1:])
    draw(json.loads(source.read_text())["rows"], target)


if __name__ == "__main__":
    main()
