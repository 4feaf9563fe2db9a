"""finfo and iinfo: the limits of element types."""

import builtins
import math

from . import _C

# Of each format: the bits of its significand, the hidden one among them, and the largest exponent.
_FORMATS = {_C.float16: (11, 15), _C.bfloat16: (8, 127), _C.float32: (24, 127), _C.float64: (53, 1023)}
# Of formats that can be named only: eps, largest, smallest normal and least number, as PyTorch gives them.
_NARROW = {
    _C.float8_e4m3fn: (2.0**-3, 448.0, 2.0**-6, -448.0),
    _C.float8_e4m3fnuz: (2.0**-3, 240.0, 2.0**-7, -240.0),
    _C.float8_e5m2: (2.0**-2, 57344.0, 2.0**-14, -57344.0),
    _C.float8_e5m2fnuz: (2.0**-3, 57344.0, 2.0**-15, -57344.0),
    _C.float8_e8m0fnu: (1.0, 2.0**127, 2.0**-127, 2.0**-127),
}


def _demand_dtype(name, dtype):
    if not isinstance(dtype, _C.dtype):
        raise TypeError(f"{name}(): argument 'type' (position 1) must be torch.dtype, not {builtins.type(dtype).__name__}")


class _Info:
    """Limits of one dtype, read-only."""

    def __repr__(self):
        fields = ", ".join(f"{k}={getattr(self, k):g}" for k in self._fields)
        return f"{builtins.type(self).__name__}({fields}, dtype={self.dtype})"

    def __eq__(self, other):
        return builtins.type(self) is builtins.type(other) and self.dtype == other.dtype

    def __hash__(self):
        return hash(self.dtype)


class finfo(_Info):
    """Limits of a floating-point type: bits, eps, max, min, tiny, smallest_normal, smallest_subnormal, resolution.

    >>> import steepest as torch
    >>> torch.finfo(torch.float32).eps
    1.1920928955078125e-07
    """

    _fields = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")

    def __init__(self, type=None):
        dtype = _C.get_default_dtype() if type is None else type
        _demand_dtype("finfo", dtype)
        if not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError("torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'")
        real = dtype.to_real()
        self.dtype = str(real).removeprefix("torch.")
        self.bits = 8 * real.itemsize
        if real in _NARROW:
            self.eps, self.max, self.tiny, self.min = _NARROW[real]
            self.smallest_normal, self.resolution = self.tiny, 1.0
            return
        if real not in _FORMATS:
            raise NotImplementedError(f'"epsilon" not implemented for \'{self.dtype.capitalize()}\'')
        precision, top = _FORMATS[real]
        self.eps = 2.0 ** (1 - precision)
        self.max = (2 - self.eps) * 2.0**top
        self.min = -self.max
        self.tiny = self.smallest_normal = 2.0 ** (1 - top)
        self.smallest_subnormal = self.tiny * self.eps
        self.resolution = 10.0 ** -math.floor((precision - 1) * math.log10(2))


class iinfo(_Info):
    """Limits of an integer type: bits, max, min.

    >>> import steepest as torch
    >>> torch.iinfo(torch.int8).max
    127
    """

    _fields = ("min", "max")

    def __init__(self, type):
        dtype = type
        _demand_dtype("iinfo", dtype)
        if dtype.is_floating_point or dtype.is_complex:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        if dtype is _C.bool:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        self.dtype = str(dtype).removeprefix("torch.")
        self.bits = 8 * dtype.itemsize
        self.min = -(2 ** (self.bits - 1)) if dtype.is_signed else 0
        self.max = self.min + 2**self.bits - 1
