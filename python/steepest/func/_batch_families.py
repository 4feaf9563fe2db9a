"""Rules of batched tensors by family: an op's record and signature say which it belongs to; names stand here where they do not."""

import functools

from .. import _C
from .._C import Tensor
from . import (  # noqa: F401  whose rules register themselves
    _batch_functions,
    _batch_index,
    _batch_losses,
    _batch_products,
    _batch_random,
    _batch_rows,
    _batch_shapes,
)
from ._batch_dims import DIMS, reduced, shifted
from ._batch_rules import RULES, by_element, each, in_place, placed, pointwise, rule, signed
from ._batch_signatures import base_name, called, kinds, ops
from ._batches import Map

__all__ = []

# Composites whose elements stay in their places, which the record says of single kernels only.
_POINTWISE = frozenset(
    "_rdiv alias_copy celu clamp clip clone conj conj_physical contiguous copy detach detach_copy empty_like float_power frexp "
    "full_like gelu imag isclose isreal mvlgamma nan_to_num ones_like polygamma positive real relu6 resolve_conj resolve_neg selu "
    "zero zeros_like".split()
)

# Ops of the last dimensions, which take any number of others before them; all their tensors have to be batches then.
_LAST = frozenset(
    "adjoint cholesky cholesky_inverse cholesky_solve det inverse logdet lu_solve lu_unpack matrix_exp matrix_power orgqr "
    "pinverse pixel_shuffle pixel_unshuffle qr slogdet svd tril triangular_solve triu".split()
)
_NOT_LAST = frozenset(("linalg_multi_dot", "linalg_tensorinv", "linalg_tensorsolve", "linalg_vander", "linalg_lstsq"))

# Signatures with a `dim` beside which others take part, or with tensors that are laid out otherwise.
_BY_ELEMENT = frozenset("combinations corrcoef cov masked_scatter nuclear_norm renorm slice".split())

_NUMBERS = frozenset(("is_conj", "is_neg", "is_distributed", "is_same_size", "is_signed"))


def _by_form(func, m, args, kwargs):
    """What an op says of sizes and dtype alone."""
    with _C.DisableTorchFunctionSubclass():
        return func(*args, **kwargs)


def _last(func, m, args, kwargs):
    ranks = {x.dim() for x in (*args, *kwargs.values()) if isinstance(x, Tensor)}
    too_few = min(ranks) < (3 if func.__name__.startswith("pixel_") else 2)  # the batch would be taken for a dimension of the element
    if ranks != {1, 2} and (len(ranks) > 1 or too_few):
        return by_element(func, m, args, kwargs)
    values = {id(x): m.spread(x) for x in (*args, *kwargs.values()) if isinstance(x, Tensor)}
    args = [values[id(x)] if isinstance(x, Tensor) else x for x in args]
    return m.wrapped(func(*args, **{key: values[id(x)] if isinstance(x, Tensor) else x for key, x in kwargs.items()}))


@rule("linalg_solve", "linalg_solve_ex")
@signed
def _solve(func, m, signature, values):
    a, b = values["A"], values["B"]
    if b.dim() == 1 and (not values["left"] or a.shape[-1:] != b.shape):
        return each(func, m, signature, values)  # the batch of vectors that do not fit might be a matrix that does
    return _last(func, m, *placed(signature, values))


@rule("scaled_dot_product_attention", "cdist")
def _broadcast(func, m, args, kwargs):
    if func.__name__ != "cdist" and not _batch_random.at_rest(func.__name__, args, kwargs):
        return _batch_random.drawn_from_batch(func, m, args, kwargs)
    ranks = [x.dim() for x in (*args, *kwargs.values()) if isinstance(x, Tensor)]
    if min(ranks) < 2:
        return by_element(func, m, args, kwargs)  # says what does not fit
    rank = max(ranks)

    def laid_out(x):
        return m.aligned(x if m.has(x) else m.wrap(m.spread(x)), rank) if isinstance(x, Tensor) else x

    return m.wrap(func(*map(laid_out, args), **{key: laid_out(x) for key, x in kwargs.items()}))


def family(name, signatures):
    """The rule for the op of this name, or None."""
    if name in _NUMBERS:
        return _by_form
    elementwise, random = kinds()
    if name in random:
        return _batch_random.drawn_from_batch
    if name in _BY_ELEMENT:
        return by_element
    if name in _POINTWISE or name in elementwise:
        return pointwise
    if name in _LAST or (name.startswith("linalg_") and name not in _NOT_LAST and not _has(signatures, DIMS)):
        return _last
    if _has(signatures, ("reduction",)):
        return _batch_losses.loss
    if _has(signatures, ("keepdim",)):
        return reduced
    if _has(signatures, DIMS):
        return shifted
    return None


@functools.cache
def rule_of(func):
    """The rule for a function or method that was called."""
    name, inplace = base_name(called().get(func, func.__name__))
    found = RULES.get(name) or family(name, ops().get(name, ())) or by_element
    return in_place(name, found) if inplace else found


Map.rule_of = staticmethod(rule_of)
Map.drawn = staticmethod(_batch_random.drawn)


def _has(signatures, names):
    return any(name in s.by_name for s in signatures for name in names)


@rule("equal", "allclose")
def _refused(func, m, args, kwargs):
    if func.__name__ == "allclose":
        raise RuntimeError(
            "vmap over torch.allclose isn't supported yet. Please file an issue at https://github.com/pytorch/pytorch/issues if you need "
            "this feature."
        )
    raise RuntimeError(f"Batching rule not implemented for aten::{func.__name__}. We could not generate a fallback.")


@rule("nonzero", "argwhere", "unique", "unique_consecutive")
def _dynamic(func, m, args, kwargs):
    name = {"unique": "_unique2", "unique_consecutive": "unique_consecutive"}.get(func.__name__, "nonzero")
    raise RuntimeError(
        f"vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over aten::{name}. Please file an "
        "issue at https://github.com/pytorch/pytorch/issues if you need this feature."
    )


@rule("where")
def _where(func, m, args, kwargs):
    return (pointwise if len(args) + len(kwargs) > 1 else _dynamic)(func, m, args, kwargs)


@rule("to", "float", "double", "half", "bfloat16", "long", "int", "short", "char", "byte", "bool", "cfloat", "cdouble")
def _converted(func, m, args, kwargs):
    x, *target = args
    target = [y.dtype if isinstance(y, Tensor) else y for y in target]
    return m.wrap(func(x._held, *target, **kwargs)) if m.has(x) else func(x, *target, **kwargs)


@rule("type_as")
def _type_as(func, m, args, kwargs):
    x, other = args
    return x.to(other.dtype)


@rule("masked_select")
def _masked_select(func, m, args, kwargs):
    raise RuntimeError(
        "vmap: Attempted to vmap over `mask` in torch.masked_select(self, mask) We cannot support this because for each batch this would "
        "return a differently shaped Tensor. Please file an issue at https://github.com/pytorch/pytorch/issues if you need this feature."
    )
