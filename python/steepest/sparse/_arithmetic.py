"""Sums, products and functions of sparse tensors, element by element."""

from .. import _C
from .._C import Tensor
from ._parts import become, fitted, is_sparse, linear, taken, zeros_like
from ._tensor import OPS, like, make, op, refusal


def _same_sizes(x, other):
    if x.shape != other.shape:
        raise RuntimeError(f"add: expected sizes of 'self' and 'other' to match, but {list(x.shape)} != {list(other.shape)}")


@op("add")
def _add(x, other, *, alpha=1):
    if not is_sparse(other):
        raise RuntimeError("add(sparse, dense) is not supported. Use add(dense, sparse) instead.")
    if not is_sparse(x):
        x = x if isinstance(x, Tensor) else _C._tensor(x, None, False)
        result = x.to(_C.promote_types(x.dtype, other.dtype), copy=True)
        return _take_up(result, other, alpha)
    _same_sizes(x, other)
    (indices, values), (more, added) = x._held, other._held
    if indices.shape[0] != more.shape[0]:
        raise RuntimeError("add: expected 'self' and 'other' to have same number of sparse dimensions")
    added = added if alpha == 1 else added * alpha
    if indices is more or _C.equal(indices, more):
        return make(indices, values + added, x.shape, x._in_order and other._in_order)
    dtype = _C.promote_types(values.dtype, added.dtype)
    both = make(_C.cat([indices, more], 1), _C.cat([values.to(dtype), added.to(dtype)]), x.shape)
    return both.coalesce() if x._in_order and other._in_order else both


def _take_up(x, other, alpha):
    """x += alpha * other, for a dense x."""
    if x.shape != other.shape:
        raise RuntimeError(
            f"add: expected 'self' and 'other' to have same size, but self has size {list(x.shape)} while other has size "
            f"{list(other.shape)} (FYI: dense-sparse addition does not currently support broadcasting)"
        )
    indices, values = other._held
    values = fitted(values if alpha == 1 else values * alpha, x.dtype)
    if indices.shape[0] == 1:
        return x.index_add_(0, indices[0], values)
    return x.index_put_(tuple(indices), values, accumulate=True) if indices.shape[0] else x.add_(values.sum(0))


@op("add_", "__iadd__")
def _add_(x, other, *, alpha=1):
    return become(x, _add(x, other, alpha=alpha)) if is_sparse(x) else _take_up(x, other, alpha)


@op("sub", "subtract")
def _sub(x, other, *, alpha=1):
    return _add(x, other, alpha=-alpha)


@op("sub_", "__isub__")
def _sub_(x, other, *, alpha=1):
    return _add_(x, other, alpha=-alpha)


@op("mul", "multiply")
def _mul(x, other):
    if not is_sparse(x):
        x, other = other, x
    if not isinstance(other, Tensor) or (not is_sparse(other) and other.dim() == 0):
        return like(x, x._held[1] * other)
    if not is_sparse(other):
        return like(x, x._held[1] * taken(other.expand(x.shape), x._held[0]))
    if x.shape != other.shape or x.sparse_dim() != other.sparse_dim():
        raise RuntimeError(
            "sparse_binary_op_intersection_cpu(): expects sparse inputs with equal dimensionality, number of sparse dimensions, and "
            "shape of sparse dimensions"
        )
    x, other = x.coalesce(), other.coalesce()
    at, places = linear(x), linear(other)
    if not places.numel():
        return zeros_like(x)
    found = _C.searchsorted(places, at).clamp(max=places.numel() - 1)
    there = places[found] == at
    return make(x._held[0][:, there], x._held[1][there] * other._held[1][found[there]], x.shape, True)


@op("mul_", "__imul__")
def _mul_(x, other):
    return become(x, _mul(x, other)) if is_sparse(x) else x.copy_(_mul(x, other).to_dense())


def _divided(name):
    @op(name)
    def divide(x, other, **kwargs):
        if is_sparse(other) or (isinstance(other, Tensor) and other.dim()):
            raise RuntimeError(
                f"Sparse division requires a scalar or zero-dim dense tensor divisor (got shape {list(other.shape)} for divisor)"
            )
        return like(x, getattr(x._held[1], name)(other, **kwargs))


for _name in ("div", "divide", "true_divide", "floor_divide"):
    _divided(_name)


@op("div_", "__itruediv__")
def _div_(x, other):
    return become(x, OPS["div"](x, other))


def _unary(name, in_order=True):
    @op(name)
    def unary(x, *args, **kwargs):
        x = x.coalesce() if in_order else x
        return like(x, getattr(x._held[1], name)(*args, **kwargs))


# Functions that are zero at zero; those that are not linear want each place's sum.
for _name in (
    "abs absolute arcsin arcsinh arctan arctanh asin asinh atan atanh ceil deg2rad erf erfinv expm1 floor frac isinf isnan isneginf "
    "isposinf log1p rad2deg relu round sgn sign signbit sin sinh sqrt square tan tanh trunc"
).split():
    _unary(_name)
_unary("neg", in_order=False)
_unary("negative", in_order=False)


@op("dropout")
def _dropout(input, p=0.5, training=True, inplace=False):
    if training:
        raise refusal("bernoulli_")
    return input


@op("pow")
def _pow(x, exponent):
    if isinstance(exponent, Tensor):
        raise refusal("pow.Tensor_Tensor")
    if exponent == 0:
        raise RuntimeError("pow: cannot raise to zeroth power on sparse tensor; it would make the result tensor dense")
    x = x.coalesce()
    return like(x, x._held[1] ** exponent)


@op("neg_", "negative_")
def _neg_(x):
    return become(x, x.neg())


@op("zero_")
def _zero_(x):
    return become(x, zeros_like(x))


@op("copy_")
def _copy_(x, other, non_blocking=False):
    if is_sparse(x) and is_sparse(other):
        return become(x, other.to(x.dtype).clone())
    raise RuntimeError(
        "copy_() between dense and sparse Tensors is not implemented! "
        f"Found self type = {x.type()} and src type = {other.type()}"
    )
