"""Numbers given for every dimension at once, as the layers of several dimensions take them."""

from collections.abc import Iterable


def _ntuple(n, name="parse"):
    """A function that makes a tuple: of what is iterable already, else of `n` times the same."""

    def parse(x):
        return tuple(x) if isinstance(x, Iterable) else (x,) * n

    parse.__name__ = name
    return parse


_single = _ntuple(1, "_single")
_pair = _ntuple(2, "_pair")
_triple = _ntuple(3, "_triple")
_quadruple = _ntuple(4, "_quadruple")


def _reverse_repeat_tuple(t, n):
    """(a, b) as (b, b, a, a) for n = 2: the order in which pad() takes what a layer has by dimension."""
    return tuple(x for x in reversed(t) for _ in range(n))
