"""How ops are called with batched tensors: rules by family, found from the op's record, and calls by element where there is none.

A rule is a function of (the function called, the map, args, kwargs); ``_batch_*.py`` have them. See Note [Batched tensors].
"""

import functools

from .. import _C, stack
from .._C import Tensor
from ..utils._pytree import tree_flatten, tree_unflatten
from ._batch_signatures import base_name, called, ops
from ._batches import Batched

__all__ = ["RULES", "by_element", "check_written", "each", "in_place", "placed", "pointwise", "rule", "signed"]

RULES = {}  # by the op's name


def rule(*names):
    """Makes a function the rule of ops of these names."""

    def register(f):
        RULES.update(dict.fromkeys(names, f))
        return f

    return register


def in_place(name, found):
    """The rule for the form of an op that writes to its first argument."""
    return _refused_shape if name in _RESHAPING else functools.partial(_written, found)


_RESHAPING = frozenset(("as_strided", "squeeze", "swapaxes", "swapdims", "t", "transpose", "unsqueeze"))


def _refused_shape(func, m, args, kwargs):
    raise RuntimeError(f"vmap: {func.__name__}() would give a tensor another shape in place; use {func.__name__[:-1]}()")


_SMALLER = (
    "vmap: inplace arithmetic(self, *extra_args) is not possible because there exists a Tensor `other` in extra_args that has more "
    "elements than `self`. This happened due to `other` being vmapped over but `self` not being vmapped over in a vmap. Please try to use "
    "out-of-place operators instead of inplace arithmetic. If said operator is being called inside the PyTorch framework, please file a "
    "bug report instead."
)


def check_written(m, x):
    """RuntimeError for writing elements of a batch to a tensor that all of them share."""
    if not m.has(x):
        raise RuntimeError(_SMALLER)


def _written(found, func, m, args, kwargs):
    check_written(m, args[0] if args else kwargs["input"])
    found(func, m, args, kwargs)
    return args[0]


def _category(dtype):
    return 3 if dtype.is_complex else 2 if dtype.is_floating_point else dtype is not _C.bool


def _promoted(tensors, rank):
    """The dtype for tensors of no dimensions, which promotion would see as more than numbers; None where there are no others."""
    if rank == 0 or len({x.dtype for x in tensors}) == 1:
        return None
    wide = [x.dtype for x in tensors if x.dim()]
    return functools.reduce(_C.promote_types, wide)


def pointwise(func, m, args, kwargs):
    """Ops of elements that stand in the same place: all batches are laid out with as many dimensions, and the op is called once."""
    tensors = [x for x in (*args, *kwargs.values()) if isinstance(x, Tensor)]
    if len(tensors) == 1:
        return m.wrapped(func(*map(m.values, args), **{key: m.values(x) for key, x in kwargs.items()}))
    rank = max(x.dim() for x in tensors)
    dtype = _promoted(tensors, rank)

    def laid_out(x):
        if type(x) is not Batched or x._map is not m:
            return x
        values = m.aligned(x, rank)
        if dtype is not None and x.dim() == 0 and x.dtype is not _C.bool and _category(x.dtype) <= _category(dtype):
            values = values.to(dtype)
        return values

    return m.wrapped(func(*map(laid_out, args), **{key: laid_out(x) for key, x in kwargs.items()}))


def signed(f):
    """A rule from a function of (the function called, the map, a signature, the arguments by name): the first signature that they fit."""

    fitting = {}  # signatures that calls of a form have fitted

    @functools.wraps(f)
    def found(func, m, args, kwargs):
        form = (func, *map(_form, args), *((key, _form(value)) for key, value in kwargs.items()))
        signature = fitting.get(form)
        if signature is None:
            name = called().get(func, func.__name__)
            signatures = ops().get(name) or ops().get(base_name(name)[0], ())
            signature = next((s for s in signatures if s.fits(args, kwargs)), None)
            if signature is None:
                return by_element(func, m, args, kwargs)
            fitting[form] = signature
        return f(func, m, signature, signature.bind(args, kwargs))

    return found


def _form(value):
    cls = type(value)
    return (cls, type(value[0]) if value else None) if cls is tuple or cls is list else cls


def placed(signature, values):
    """(args, kwargs) of arguments by name: by place where the signature has one, as functions and methods may name them differently."""
    given = signature.given(values)
    names = signature.names.copy()
    while names[-1] not in given:
        names.pop()
    return [values[name] for name in names], {name: value for name, value in given.items() if name not in names}


def each(func, m, signature, values):
    """by_element() of arguments by name."""
    return by_element(func, m, *placed(signature, values))


def by_element(func, m, args, kwargs):
    """The op called for each element alone, and its results stacked."""
    flat, spec = tree_flatten((args, kwargs))
    columns = [_elements(m, x) for x in flat]
    results = []
    for i in range(max(m.size, 1)):
        given, named = tree_unflatten([c[i] if m.has(x) else x for c, x in zip(columns, flat, strict=True)], spec)
        results.append(func(*given, **named))
    leaves, spec = tree_flatten(results[0])
    if not all(isinstance(y, Tensor) for y in leaves):
        name = func.__name__ if hasattr(func, "__name__") else func.qualname
        raise RuntimeError(f"Batching rule not implemented for aten::{name}. We could not generate a fallback.")
    parts = zip(*(tree_flatten(result)[0] for result in results), strict=True)
    return tree_unflatten([m.wrap(stack(column) if m.size else column[0].expand(0, *column[0].shape)) for column in parts], spec)


def _elements(m, x):
    if not m.has(x):
        return x
    return x._held.unbind() if m.size else (x._held.new_zeros(x.shape),)
