"""torch.fft: discrete Fourier transforms, made of the ops _fft_c2c, _fft_r2c and _fft_c2r."""

import math as _math

from . import _C
from .complex_numbers import into as _into
from .complex_numbers import scalar_type as _scalar_type
from .nn.functional import pad as _pad
from .size import wrap_dim as _wrap_dim

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "hfft2", "hfftn", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "ihfft2",
    "ihfftn", "irfft", "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
]

_NONE, _BY_ROOT, _BY_COUNT = 0, 1, 2  # how _fft_c2c and its like scale
_SCALINGS = {
    "backward": {True: _NONE, False: _BY_COUNT},
    "ortho": {True: _BY_ROOT, False: _BY_ROOT},
    "forward": {True: _BY_COUNT, False: _NONE},
}


def _scaling(norm, forward):
    if norm is not None and norm not in _SCALINGS:
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    return _SCALINGS[norm or "backward"][forward]


def _floating(x):
    return x if x.is_floating_point() else x.to(_C.get_default_dtype())


def _real(refusal, x):
    if x.is_complex():
        raise RuntimeError(f"{refusal} {_scalar_type(x)}")
    return _floating(x)


def _complex(x):
    if x.is_complex():
        return x
    x = _floating(x)
    return x.to(x.dtype.to_complex())


def _resized(x, sizes, dims):
    """x cut or filled with zeros to sizes along dims, which count from the front."""
    for n, dim in zip(sizes, dims, strict=True):
        if n < x.shape[dim]:
            x = x.narrow(dim, 0, n)
        elif n > x.shape[dim]:
            x = _pad(x, [0, 0] * (x.ndim - 1 - dim) + [0, n - x.shape[dim]])
    return x


def _wrapped(x, dim):
    if x.ndim == 0:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return _wrap_dim(dim, x.ndim)


def _checked(n):
    if n < 1:
        raise RuntimeError(f"Invalid number of data points ({n}) specified")
    return n


def _one(x, n, dim):
    """x cut or filled to n elements along a dimension, and that dimension."""
    dims = [_wrapped(x, dim)]
    return _resized(x, [_checked(x.shape[dim] if n is None else n)], dims), dims


def _several(x, s, dim):
    """The sizes and dimensions of a transform of several dimensions."""
    dims = None if dim is None else [dim] if isinstance(dim, int) else list(dim)
    sizes = None if s is None else [s] if isinstance(s, int) else list(s)
    if dims is not None:
        dims = [_wrapped(x, d) for d in dims]
        if len(set(dims)) < len(dims):
            raise RuntimeError("FFT dims must be unique")
    if sizes is None:
        dims = list(range(x.ndim)) if dims is None else dims
        return [x.shape[d] for d in dims], dims
    if dims is None:
        if len(sizes) > x.ndim:
            raise RuntimeError(f"Got shape with {len(sizes)} values but input tensor only has {x.ndim} dimensions.")
        dims = list(range(x.ndim - len(sizes), x.ndim))
    elif len(dims) != len(sizes):
        raise RuntimeError("When given, dim and shape arguments must have the same length")
    sizes = [x.shape[d] if n == -1 else n for n, d in zip(sizes, dims, strict=True)]
    return list(map(_checked, sizes)), dims


def _transform(x, n, dim, norm, forward, out):
    x, dims = _one(x, n, dim)
    scaling = _scaling(norm, forward)
    if x.is_complex():
        return _into(_C._fft_c2c(x, dims, scaling, forward), out)
    y = _C._fft_r2c(_floating(x), dims, scaling, False)
    return _into(y if forward else y.conj(), out)


def fft(input, n=None, dim=-1, norm=None, *, out=None):
    """The discrete Fourier transform of one dimension, cut or filled with zeros to n elements; complex.

    norm is "backward" (no factor), "ortho" (1 / sqrt(n)) or "forward" (1 / n).

    >>> import steepest as torch
    >>> torch.fft.fft(torch.tensor([1.0, 0.0, 0.0, 0.0]))
    tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.-0.j])
    """
    return _transform(input, n, dim, norm, True, out)


def ifft(input, n=None, dim=-1, norm=None, *, out=None):
    """The inverse of fft(); norm "backward" divides by n."""
    return _transform(input, n, dim, norm, False, out)


def rfft(input, n=None, dim=-1, norm=None, *, out=None):
    """fft() of real input without the half that mirrors the other: n // 2 + 1 elements."""
    x = _real("rfft expects a real input tensor, but got", input)
    return _into(_C._fft_r2c(*_one(x, n, dim), _scaling(norm, True), True), out)


def ihfft(input, n=None, dim=-1, norm=None, *, out=None):
    """ifft() of real input without the half that mirrors the other: n // 2 + 1 elements."""
    x = _real("ihfft expects a real input tensor, but got", input)
    return _into(_C._fft_r2c(*_one(x, n, dim), _scaling(norm, False), True).conj(), out)


def irfft(input, n=None, dim=-1, norm=None, *, out=None):
    """The inverse of rfft(): real, of n elements, 2 * (size - 1) unless given."""
    return _into(_to_real(_complex(input), n, dim, _scaling(norm, False)), out)


def hfft(input, n=None, dim=-1, norm=None, *, out=None):
    """The inverse of ihfft(): fft() of the half of a signal that mirrors the other; real, of n elements, 2 * (size - 1) unless given."""
    return _into(_to_real(_complex(input).conj(), n, dim, _scaling(norm, True)), out)


def _to_real(x, n, dim, scaling):
    dims = [_wrapped(x, dim)]
    n = _checked(2 * (x.shape[dim] - 1) if n is None else n)
    return _C._fft_c2r(_resized(x, [n // 2 + 1], dims), dims, scaling, n)


def fftn(input, s=None, dim=None, norm=None, *, out=None):
    """The discrete Fourier transform of the dimensions dim (all, or the last of as many as s has), cut or filled to the sizes s."""
    return _transform_several(input, s, dim, norm, True, out)


def ifftn(input, s=None, dim=None, norm=None, *, out=None):
    """The inverse of fftn()."""
    return _transform_several(input, s, dim, norm, False, out)


def _transform_several(input, s, dim, norm, forward, out):
    sizes, dims = _several(input, s, dim)
    return _into(_C._fft_c2c(_resized(_complex(input), sizes, dims), dims, _scaling(norm, forward), forward), out)


def rfftn(input, s=None, dim=None, norm=None, *, out=None):
    """fftn() of real input without the half of the last of the dimensions that mirrors the other."""
    x = _real("rfftn expects a real-valued input tensor, but got", input)
    sizes, dims = _several(x, s, dim)
    if not dims:
        raise RuntimeError("rfftn must transform at least one axis")
    return _into(_C._fft_r2c(_resized(x, sizes, dims), dims, _scaling(norm, True), True), out)


def _real_sizes(name, x, s, dim):
    """Sizes and dimensions of a transform with real results, and the last dimension's size there."""
    sizes, dims = _several(x, s, dim)
    if not dims:
        raise RuntimeError(f"{name} must transform at least one axis")
    given = None if s is None else s if isinstance(s, int) else s[-1]
    last = _checked(2 * (x.shape[dims[-1]] - 1) if given in (None, -1) else given)
    return [*sizes[:-1], last // 2 + 1], dims, last


def irfftn(input, s=None, dim=None, norm=None, *, out=None):
    """The inverse of rfftn(): real; the last of the dimensions gets 2 * (size - 1) elements unless s says otherwise."""
    x = _complex(input)
    sizes, dims, last = _real_sizes("irfftn", x, s, dim)
    return _into(_C._fft_c2r(_resized(x, sizes, dims), dims, _scaling(norm, False), last), out)


def hfftn(input, s=None, dim=None, norm=None, *, out=None):
    """fftn() of what mirrors its other half in the last of the dimensions; real."""
    x = _complex(input)
    sizes, dims, last = _real_sizes("hfftn", x, s, dim)
    x, scaling = _resized(x, sizes, dims), _scaling(norm, True)
    x = _C._fft_c2c(x, dims[:-1], scaling, True) if len(dims) > 1 else x
    return _into(_C._fft_c2r(x.conj(), dims[-1:], scaling, last), out)


def ihfftn(input, s=None, dim=None, norm=None, *, out=None):
    """The inverse of hfftn(), of real input."""
    x = _real("Only supports floating-point dtypes, but found:", input)
    sizes, dims = _several(x, s, dim)
    if not dims:
        raise RuntimeError("ihfftn must transform at least one axis")
    scaling = _scaling(norm, False)
    y = _C._fft_r2c(_resized(x, sizes, dims), dims[-1:], scaling, True).conj()
    return _into(_C._fft_c2c(y, dims[:-1], scaling, False) if len(dims) > 1 else y, out)


def fft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """fftn() of two dimensions."""
    return fftn(input, s, dim, norm, out=out)


def ifft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """ifftn() of two dimensions."""
    return ifftn(input, s, dim, norm, out=out)


def rfft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """rfftn() of two dimensions."""
    return rfftn(input, s, dim, norm, out=out)


def irfft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """irfftn() of two dimensions."""
    return irfftn(input, s, dim, norm, out=out)


def hfft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """hfftn() of two dimensions."""
    return hfftn(input, s, dim, norm, out=out)


def ihfft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """ihfftn() of two dimensions."""
    return ihfftn(input, s, dim, norm, out=out)


def fftfreq(n, d=1.0, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """The frequencies of fft()'s n elements, for samples that lie d apart: 0, 1, ..., -2, -1, over n * d.

    >>> import steepest as torch
    >>> torch.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    steps = _C.arange(n, dtype=dtype or _C.get_default_dtype(), device=device)
    steps[(n + 1) // 2 :] -= n
    return _frequencies("fftfreq", steps, n * d, out, requires_grad)


def rfftfreq(n, d=1.0, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """The frequencies of rfft()'s n // 2 + 1 elements."""
    steps = _C.arange(n // 2 + 1, dtype=dtype or _C.get_default_dtype(), device=device)
    return _frequencies("rfftfreq", steps, n * d, out, requires_grad)


def _frequencies(name, steps, length, out, requires_grad):
    if not steps.is_floating_point():
        raise RuntimeError(f"{name} requires a floating point or complex dtype")
    return _into(steps * (1.0 / length if length else _math.inf), out).requires_grad_(requires_grad)


def _shifted(input, dim, by):
    dims = list(range(input.ndim)) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    return input.roll([by(input.shape[_wrapped(input, d)]) for d in dims], dims)


def fftshift(input, dim=None):
    """The elements along dim (all dimensions) so that frequency 0, which fft() puts first, lies in the middle."""
    return _shifted(input, dim, lambda n: n // 2)


def ifftshift(input, dim=None):
    """The inverse of fftshift()."""
    return _shifted(input, dim, lambda n: (n + 1) // 2)
