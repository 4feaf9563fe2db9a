"""Sobol' points are PyTorch's, scrambled ones too."""

import pytest

from parity.pair import st, torch

DRAWS = [
    "e(1).draw(9)",
    "e(40).draw(1)",
    "e(1111).fast_forward(77).draw(5)",
    "e(7, scramble=True, seed=4).draw(33, dtype=T.float64)",
    "e(60, scramble=True).draw_base2(3)",
    "e(21201).draw(20)",
]


@pytest.mark.parametrize("text", DRAWS)
def test_draws(text):
    found = []
    for T in (st, torch):
        T.manual_seed(9)
        found.append(eval(text, {"e": T.quasirandom.SobolEngine, "T": T}).tolist())
    assert found[0] == found[1]
