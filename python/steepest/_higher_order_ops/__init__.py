"""torch.cond and its kin: branches and loops as functions. They run as Python does, whatever the compiler of PyTorch would make of them."""

from .. import Tensor, stack
from .._lazy import submodules
from ..utils._pytree import tree_flatten, tree_leaves, tree_map, tree_unflatten
from .associative_scan import associative_scan
from .scan import scan

__all__ = ["associative_scan", "cond", "map", "scan", "while_loop"]


def _holds(pred):
    if isinstance(pred, Tensor) and pred.numel() != 1:
        raise RuntimeError(f"Expected pred to be bool or single-element tensor, but got {pred}.")
    if not isinstance(pred, (bool, int, float, Tensor)):
        raise RuntimeError(f"Expected pred to be bool or tensor, but got {pred}.")
    return bool(pred)


def cond(pred, true_fn, false_fn, operands=()):
    """true_fn(*operands) where pred, a bool or a tensor of one element, holds, else false_fn(*operands).

    RuntimeError where pred is something else, or the operands are no tuple or list of tensors and ints.

    >>> import steepest as torch
    >>> torch.cond(torch.tensor(3) > 2, torch.sin, torch.cos, (torch.zeros(1),))
    tensor([0.])
    """
    chosen = _holds(pred)
    if not callable(true_fn) or not callable(false_fn):
        raise RuntimeError("Expect both branches to be callable.")
    if not isinstance(operands, (tuple, list)) or any(not isinstance(leaf, (Tensor, int)) for leaf in tree_leaves(operands)):
        raise RuntimeError("Expect operands to be a tuple of possibly nested dict/list/tuple that only consists of tensor leaves, "
                           f"but got {operands}.")
    return (true_fn if chosen else false_fn)(*operands)


def while_loop(cond_fn, body_fn, carried_inputs):
    """Replaces the tuple of carried values by body_fn(*values) as long as cond_fn(*values) holds; returns it.

    >>> import steepest as torch
    >>> from steepest._higher_order_ops import while_loop
    >>> while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * 2), (torch.tensor(0), torch.ones(1)))
    (tensor(3), tensor([8.]))
    """
    values = tuple(carried_inputs)
    while _holds(cond_fn(*values)):
        values = tuple(body_fn(*values))
    return values


def map(f, xs, *args):  # noqa: A001
    """f(x, *args) for the parts of a tree of tensors along their first dimension, stacked."""
    leaves, spec = tree_flatten(xs)
    results = [f(tree_unflatten([leaf[i] for leaf in leaves], spec), *args) for i in range(len(leaves[0]))]
    return tree_map(lambda *parts: stack(parts), results[0], *results[1:])


__getattr__ = submodules(__name__)
