"""`python -m steepest demo`: its table, its pictures, and what it says where its packages are missing."""

import contextlib
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from steepest import __main__, demo


def test_descends_to_the_minimum_and_draws(tmp_path, capsys):
    import matplotlib.pyplot as plt

    picture = demo.descend(plt, tmp_path)
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last == ["30", "-0.992572", "-0.992572", "0.000086", "0.018569"]
    assert picture.read_bytes().startswith(b"\x89PNG")


class Bar(contextlib.nullcontext):
    """Stands for tqdm: iterates, and takes what is to be shown."""

    def __init__(self, steps, **options):
        super().__init__(self)
        self.steps, self.shown = steps, {}

    def __iter__(self):
        return iter(self.steps)

    def set_postfix(self, **values):
        self.shown = values


def test_classifier_learns_and_reports(tmp_path, capsys):
    import matplotlib.pyplot as plt

    # Ten patterns that are easy to tell apart, with noise.
    rng = np.random.default_rng(0)
    target = np.arange(300) % 10
    data = np.clip(16.0 * rng.integers(0, 2, (10, 64))[target] + rng.normal(0, 2, (300, 64)), 0, 16)
    pictures = demo.classify(plt, lambda: SimpleNamespace(data=data, target=target), Bar, tmp_path, epochs=6)
    printed = capsys.readouterr().out
    assert "240 to train on, 60 to test on" in printed
    rows = [line.split() for line in printed.splitlines() if line[:5].strip().isdigit()]
    assert [row[0] for row in rows] == ["1", "5", "6"]
    assert float(rows[-1][1]) < float(rows[0][1])
    assert rows[-1][3] == "100.0%"
    assert [picture.name for picture in pictures] == ["training.png", "digits.png"]
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)


def test_says_which_package_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(SystemExit, match=r"pip install 'steepest\[demo\]'"):
        __main__.main(["demo", "--out", str(tmp_path)])


def test_refuses_no_epochs():
    with pytest.raises(SystemExit, match="at least 1 epoch, got 0"):
        __main__.main(["demo", "--epochs", "0"])
