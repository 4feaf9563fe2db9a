"""Which of several equal elements an op names, and in which order, is what PyTorch names: programs print
those places. Of sort without `stable` that is left open: PyTorch asks a vector library there, whose order differs by machine."""

import pytest

import steepest as st
from parity.pair import to_torch, torch

PAIRS = ["kthvalue", "median", "nanmedian", "mode", "max", "min", "cummax", "cummin"]
PLACES = ["argmax", "argmin"]
LENGTHS = [1, 2, 3, 5, 8, 16, 17, 40, 150, 300, 1000]


def _cases():
    st.manual_seed(0)
    for n in LENGTHS:
        for levels in (2, 4, 20):
            numbers = st.randint(0, levels, (3, n))
            yield from (numbers, numbers.float(), -numbers.double(), st.where(numbers == 1, st.nan, numbers.float()))


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("ordered", [True, False])
def test_topk(largest, ordered):
    for x in _cases():
        n = x.shape[1]
        for k in sorted({1, 2, n // 70, n // 2, n - 1, n} & set(range(1, n + 1))):
            mine, theirs = x.topk(k, 1, largest, ordered).indices, torch.topk(to_torch(x), k, 1, largest, ordered).indices
            assert mine.tolist() == theirs.tolist(), (n, k, x.dtype)


@pytest.mark.parametrize("op", [*PAIRS, *PLACES])
def test_others(op):
    for x in _cases():
        if op == "mode" and x.isnan().any():
            continue  # it is sorted there by a comparison that is no order then
        for args in [(k,) for k in {1, 2, x.shape[1] // 2, x.shape[1]} if 1 <= k <= x.shape[1]] if op == "kthvalue" else [()]:
            mine, theirs = getattr(x, op)(*args, 1), getattr(to_torch(x), op)(*args, 1)
            if op in PAIRS:
                mine, theirs = mine.indices, theirs.indices
            assert mine.tolist() == theirs.tolist(), (x.shape, x.dtype, args)
