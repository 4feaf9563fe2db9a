"""The benchmark's rows run, and its comparison tells a different result from the same."""

import math
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import chart
import pair
import rows_layers
import rows_ops
import rows_sequences
import rows_training
import rows_wide
import speed

import steepest as torch

ROWS = [*rows_training.rows(), *rows_layers.rows(), *rows_sequences.rows(), *rows_ops.rows(), *rows_wide.rows()]
STARTS = "step: MLP 2", "Adam 1 of", "GRU 16"
SMALL = [row for row in ROWS if row.name.rsplit(", ")[0].endswith((" 16", " 4")) or row.name.startswith(STARTS)]


def test_names_are_unique():
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_small_rows_run():
    threads = torch.get_num_threads()
    try:
        for row in SMALL:
            prepared = pair.Prepared(torch, row, 1)
            assert speed.agree(prepared.check(), pair.Prepared(torch, row, 1).check(), row.tolerance), row.name
    finally:
        torch.set_num_threads(threads)


def test_agree():
    assert speed.agree([1.0, math.nan, math.inf], [1.0 + 1e-6, math.nan, math.inf], 1e-4)
    assert not speed.agree([1.0, 2.0], [1.0, 2.1], 1e-4)
    assert not speed.agree([1.0], [1.0, 1.0], 1e-4)


def test_lines_are_printed():
    line = pair.compare("row", "ns", [1.0, 2.0, 1.0], [3.0, 4.0, 3.0], 8)
    assert line["ratio"] == pytest.approx(3)
    assert "target 8" in speed.text(line)
    assert "| row | 1.0 ns | 3.0 ns | 3.00 |" in speed.markdown([line], {"bandwidth": {"1024": 1e9}, "peak": 1e9})


def test_chart(tmp_path):
    lines = [{"name": row.name, "ratio": 1 + place} for place, row in enumerate(ROWS)] + [{"name": "failed", "error": "why"}]
    chart.draw(lines, tmp_path / "speed.svg")
    text = (tmp_path / "speed.svg").read_text()
    found = {chart.group_of(row.name) for row in ROWS} | {chart.group_of(name) for name, *_ in rows_training.fresh()}
    assert found == set(chart.GROUPS)
    assert all(f"{title} (" in text for title in found - {chart.group_of("import")})
    assert chart.group_of("exp 1M, recorded, 2 threads") == chart.group_of("exp 1M")
