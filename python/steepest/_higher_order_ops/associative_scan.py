"""All prefixes of a sequence under an associative function, in a logarithmic number of steps.

G. E. Blelloch, "Prefix sums and their applications" (1990): join neighbours, scan the half as many pairs, and fill in what lies between.
"""

from .. import cat, stack
from ..utils._pytree import tree_flatten, tree_unflatten

__all__ = ["associative_scan"]


def _interleaved(even, odd, dim):
    """even[0], odd[0], even[1], ...; even has as many elements along the dimension as odd, or one more."""
    even, odd = even.movedim(dim, 0), odd.movedim(dim, 0)
    pairs = stack([even[: len(odd)], odd], 1).flatten(0, 1)
    return cat([pairs, even[len(odd) :]]).movedim(0, dim)


def associative_scan(combine_fn, xs, dim, reverse=False, combine_mode="pointwise"):
    """x0, f(x0, x1), f(f(x0, x1), x2), ... along a dimension of a tensor or a tree of tensors.

    combine_fn(a, b): joins two trees of equal shape, element by element along `dim`; it must be associative. reverse: from the end.
    combine_mode is accepted and not used.

    >>> import steepest as torch
    >>> from steepest._higher_order_ops.associative_scan import associative_scan
    >>> associative_scan(lambda a, b: a + b, torch.arange(5), 0)
    tensor([ 0,  1,  3,  6, 10])
    """
    leaves, spec = tree_flatten(xs)
    if not callable(combine_fn):
        raise ValueError(f"Combine_fn must be a callable, but got {combine_fn}")
    if not isinstance(dim, int):
        raise ValueError(f"Dim must be an int, but got {type(dim)}")
    if reverse:
        leaves = [leaf.flip(dim) for leaf in leaves]

    def part(elements, start, stop, step):
        return [x.movedim(dim, 0)[start:stop:step].movedim(0, dim) for x in elements]

    def joined(a, b):
        return tree_flatten(combine_fn(tree_unflatten(a, spec), tree_unflatten(b, spec)))[0]

    def scanned(elements):
        count = elements[0].shape[dim]
        if count < 2:
            return elements
        odd = scanned(joined(part(elements, 0, count - 1, 2), part(elements, 1, None, 2)))
        first = part(elements, 0, 1, 1)
        between = part(odd, 0, -1 if count % 2 == 0 else None, 1)
        rest = part(elements, 2, None, 2)
        later = joined(between, rest) if rest[0].shape[dim] else rest
        even = [cat(pair, dim) for pair in zip(first, later, strict=True)]
        return [_interleaved(a, b, dim) for a, b in zip(even, odd, strict=True)]

    found = scanned(leaves)
    return tree_unflatten([x.flip(dim) for x in found] if reverse else found, spec)
