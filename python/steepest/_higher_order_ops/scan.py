"""A loop along a dimension that carries a value."""

from .. import stack
from ..utils._pytree import tree_flatten, tree_map, tree_unflatten

__all__ = ["scan"]


def scan(combine_fn, init, xs, *, dim=0, reverse=False):
    """combine_fn(carry, x) -> (carry, y) along a dimension: (the last carry, the ys stacked along `dim`)."""
    leaves, spec = tree_flatten(xs)
    steps = range(leaves[0].shape[dim])
    carry, found = init, []
    for i in reversed(steps) if reverse else steps:
        carry, y = combine_fn(carry, tree_unflatten([leaf.select(dim, i) for leaf in leaves], spec))
        found.append(y)
    if reverse:
        found.reverse()
    return carry, tree_map(lambda *parts: stack(parts, dim), found[0], *found[1:])
