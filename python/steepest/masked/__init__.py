"""torch.masked: reductions and normalisations in which only the elements take part that a mask names.

A mask is a bool tensor that broadcasts to the input; without one all elements take part. Where none does, the result is
what the reduction has over nothing: 0 for sums, 1 for products, the infinities for extremes, nan for means.

>>> import steepest as torch
>>> torch.masked.mean(torch.tensor([1.0, 2.0, 30.0]), 0, mask=torch.tensor([True, True, False]))
tensor(1.5000)
"""

import builtins

from .. import _C
from ..limits import iinfo
from ..size import wrap_dim

__all__ = [
    "amax",
    "amin",
    "argmax",
    "argmin",
    "cumprod",
    "cumsum",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "mean",
    "median",
    "norm",
    "normalize",
    "prod",
    "softmax",
    "softmin",
    "std",
    "sum",
    "var",
]

_WHOLE = (_C.uint8, _C.int8, _C.int16, _C.int32, _C.int64)


def _accumulated(dtype):
    """What integers and bools add up to."""
    return _C.int64 if dtype == _C.bool or dtype in _WHOLE else dtype


def _dims(dim, input):
    """The dimensions as a sorted tuple; None and () are all of them."""
    n = input.dim()
    if dim is None or dim == ():
        return tuple(range(n))
    dim = (dim,) if isinstance(dim, builtins.int) else tuple(dim)
    found = []
    for d in dim:
        d = wrap_dim(d, n)
        if d in found:
            raise RuntimeError(f"dim={d} appears multiple times in the list of dims")
        found.append(d)
    return tuple(sorted(d for d in found if n))


def _filled(input, mask, value):
    """`input` with `value` where the mask is false."""
    if mask is None:
        return input
    try:
        mask = mask.to(_C.bool).expand(input.shape) if mask.dim() <= input.dim() else mask
    except RuntimeError:
        pass
    if mask.shape != input.shape:
        raise ValueError(
            "_input_mask expected mask to be broadcastable to the input shape "
            f"{tuple(input.shape)}, but got {tuple(mask.shape)}"
        )
    return _C.where(mask, input, _C.full((), value, dtype=input.dtype))


def _lowest(dtype):
    if dtype == _C.bool:
        return False
    return iinfo(dtype).min if dtype in _WHOLE else float("-inf")


def _highest(dtype):
    if dtype == _C.bool:
        return True
    return iinfo(dtype).max if dtype in _WHOLE else float("inf")


def _counted(input, mask, dims, keepdim):
    """How many elements take part in each result."""
    ones = _C.ones(input.shape, dtype=_C.int64)
    return _C.sum(_filled(ones, mask, 0), dims, keepdim) if input.dim() else _filled(ones, mask, 0)


def sum(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The sum along `dim`."""
    dtype = _accumulated(input.dtype) if dtype is None else dtype
    dims = _dims(dim, input)
    x = _filled(input.to(dtype), mask, 0)
    return _C.sum(x, dims, keepdim) if dims else x.clone()


def prod(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The product along `dim`."""
    y = _filled(input.to(_accumulated(input.dtype) if dtype is None else dtype), mask, 1)
    for d in reversed(_dims(dim, input)):
        y = _C.prod(y, d, keepdim)
    return y


def cumsum(input, dim, *, dtype=None, mask=None):
    """Running sums along `dim`; a masked element adds nothing."""
    dtype = _accumulated(input.dtype) if dtype is None else dtype
    return _C.cumsum(_filled(input.to(dtype), mask, 0), dim)


def cumprod(input, dim, *, dtype=None, mask=None):
    """Running products along `dim`; a masked element changes nothing."""
    dtype = _accumulated(input.dtype) if dtype is None else dtype
    return _C.cumprod(_filled(input.to(dtype), mask, 1), dim)


def amax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The largest element along `dim`."""
    x = input if dtype is None else input.to(dtype)
    return _C.amax(_filled(x, mask, _lowest(x.dtype)), _dims(dim, input), keepdim)


def amin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The smallest element along `dim`."""
    x = input if dtype is None else input.to(dtype)
    return _C.amin(_filled(x, mask, _highest(x.dtype)), _dims(dim, input), keepdim)


def argmax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Where the largest element along `dim` stands."""
    x = input if dtype is None else input.to(dtype)
    return _C.argmax(_filled(x, mask, _lowest(x.dtype)), dim, keepdim).to(x.dtype)


def argmin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Where the smallest element along `dim` stands."""
    x = input if dtype is None else input.to(dtype)
    return _C.argmin(_filled(x, mask, _highest(x.dtype)), dim, keepdim).to(x.dtype)


def mean(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The mean along `dim`; ValueError for integers, unless a floating-point `dtype` is asked for."""
    given = input.dtype if dtype is None else dtype
    if not given.is_floating_point and dtype is None:
        raise ValueError(
            "mean(): Could not infer output dtype. Input dtype must be either "
            f"a floating point or complex dtype. Got: {input.dtype}"
        )
    dims = _dims(dim, input)
    total = sum(input.to(given), dim, keepdim=keepdim, mask=mask)
    return total / _counted(input, mask, dims, keepdim)


def median(input, dim=-1, *, keepdim=False, dtype=None, mask=None):
    """The lower median along `dim`; ValueError where integers of a line are all masked."""
    x = input if dtype is None else input.to(dtype)
    wide = x if x.is_floating_point() else x.double()
    (d,) = _dims(dim, input) or (0,)
    y = _C.nanmedian(_filled(wide, mask, float("nan")), d, keepdim).values
    if wide is not x:
        if y.isnan().any():
            raise ValueError("masked median expects no fully masked out rows if dtype is not floating point")
        y = y.to(x.dtype)
    return y


def logsumexp(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """log(sum(exp(input))) along `dim`."""
    x = input if dtype is None else input.to(dtype)
    return _C.logsumexp(_filled(x, mask, _lowest(x.dtype)), _dims(dim, input), keepdim).to(x.dtype)


def logaddexp(input, other, *, dtype=None, input_mask=None, other_mask=None):
    """log(exp(input) + exp(other)), each where its mask is true."""
    x, y = (t if dtype is None else t.to(dtype) for t in (input, other))
    return _C.logaddexp(_filled(x, input_mask, float("-inf")), _filled(y, other_mask, float("-inf")))


def norm(input, ord=2.0, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The norm of order `ord` along `dim`."""
    x = input if dtype is None else input.to(dtype)
    value = float("inf") if ord is not None and ord == float("-inf") else 0
    return _C._linalg.vector_norm(_filled(x, mask, value), ord, _dims(dim, input), keepdim)


def normalize(input, ord, dim, *, eps=1e-12, dtype=None, mask=None):
    """`input` over its norm along `dim`, or over eps where that is larger; 0 where it is masked."""
    x = input if dtype is None else input.to(dtype)
    size = norm(x, ord, dim, keepdim=True, mask=mask)
    return _filled(x, mask, 0) / _C.clamp(size, min=eps)


def softmax(input, dim, *, dtype=None, mask=None):
    """softmax along `dim`; nan where a whole line is masked."""
    x = input if dtype is None else input.to(dtype)
    return _C.softmax(_filled(x, mask, _lowest(x.dtype)), dim)


def log_softmax(input, dim, *, dtype=None, mask=None):
    """Logarithm of softmax() along `dim`."""
    x = input if dtype is None else input.to(dtype)
    return _C.log_softmax(_filled(x, mask, _lowest(x.dtype)), dim)


def softmin(input, dim, *, dtype=None, mask=None):
    """softmax() of -input along `dim`."""
    x = input if dtype is None else input.to(dtype)
    return _C.softmax(-_filled(x, mask, float("inf")), dim)


def _spread(input, dim, unbiased, correction, keepdim, dtype, mask):
    if unbiased is not None and correction is not None:
        raise ValueError("Only one of unbiased and correction may be given")
    correction = builtins.float(unbiased if unbiased is not None else True) if correction is None else correction
    x = input.to(dtype) if dtype is not None else input
    if not x.is_floating_point():
        x = x.to(_C.float32)
    dims = _dims(dim, input)
    count = _counted(x, mask, dims, True)
    away = x - sum(x, dim, keepdim=True, mask=mask) / count
    total = sum(away * away, dim, keepdim=keepdim, mask=mask)
    count = count if keepdim or not dims else count.reshape(total.shape)
    return total / _C.clamp(count - correction, min=0)


def var(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    """The variance along `dim`."""
    return _spread(input, dim, unbiased, correction, keepdim, dtype, mask)


def std(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    """The standard deviation along `dim`."""
    return _C.sqrt(_spread(input, dim, unbiased, correction, keepdim, dtype, mask))
