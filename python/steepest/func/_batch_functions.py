"""autograd.Function and ops of programs within vmap: a rule of their own, or a call for each element."""

from typing import NamedTuple

from ..autograd.function import Function, answers
from ..utils._pytree import tree_flatten, tree_map, tree_unflatten
from ._batch_rules import by_element
from ._batches import Batched, innermost

__all__ = ["program_op"]

_MORE = "For more details, please see https://pytorch.org/docs/main/notes/extending.func.html"


class VmapInfo(NamedTuple):
    """What a function's rule is told of the map."""

    batch_size: int
    randomness: str


def _applied(function, args, kwargs):
    m = innermost(args, kwargs)
    if getattr(function, "setup_context", None) is None:
        raise RuntimeError(
            "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it must override the "
            f"setup_context staticmethod. {_MORE}"
        )
    own = function.vmap is not Function.vmap
    if own and function.generate_vmap_rule:
        raise RuntimeError(
            f"You tried to vmap over {function.__name__}, but it has both generate_vmap_rule=True and an overriden vmap staticmethod. "
            f"Please set generate_vmap_rule=False or delete the overriden vmap staticmethod to avoid ambiguity. {_MORE}"
        )
    if not own and not function.generate_vmap_rule:
        raise RuntimeError(
            f"You tried to vmap over {function.__name__}, but it does not have vmap support. Please override and implement the vmap "
            f"staticmethod or set generate_vmap_rule=True. {_MORE}"
        )
    return m.answer(_by_rule if own else by_element, function if own else function.apply, args, kwargs)


def program_op(op, args, kwargs):
    """(the innermost map that arguments have elements of, what the op answers), or (None, None): see Note [Ops of a program]."""
    m = innermost(args, kwargs)
    return (None, None) if m is None else (m, m.answer(by_element if op.vmap is None else _by_rule, op, args, kwargs))


def _by_rule(function, m, args, kwargs):
    in_dims = tuple(tree_map(lambda a: 0 if m.has(a) else None, args))
    outputs, out_dims = function.vmap(VmapInfo(m.size, m.randomness), in_dims, *tree_map(m.values, args), **kwargs)
    flat, spec = tree_flatten(outputs)
    dims = out_dims if isinstance(out_dims, (tuple, list)) else (out_dims,) * len(flat)
    return tree_unflatten([y if d is None else m.wrap(y.movedim(d, 0)) for y, d in zip(flat, dims, strict=True)], spec)


answers[Batched] = _applied
