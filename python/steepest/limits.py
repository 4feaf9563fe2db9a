"""finfo and iinfo: the limits of element types."""

import builtins

import numpy as np

from . import _C

_BFLOAT16 = {
    "bits": 16,
    "eps": 2.0**-7,
    "max": (2 - 2.0**-7) * 2.0**127,
    "tiny": 2.0**-126,
    "smallest_subnormal": 2.0**-133,
    "digits": 2,
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
        if real is _C.bfloat16:
            limits = _BFLOAT16
        else:
            n = np.finfo(self.dtype)
            limits = {
                "bits": n.bits,
                "eps": float(n.eps),
                "max": float(n.max),
                "tiny": float(n.tiny),
                "smallest_subnormal": float(n.smallest_subnormal),
                "digits": n.precision,
            }
        self.bits, self.eps, self.max = limits["bits"], limits["eps"], limits["max"]
        self.tiny, self.smallest_subnormal = limits["tiny"], limits["smallest_subnormal"]
        self.resolution = 10.0 ** -limits["digits"]
        self.min = -self.max
        self.smallest_normal = self.tiny


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
        limits = np.iinfo(self.dtype)
        self.bits, self.min, self.max = limits.bits, int(limits.min), int(limits.max)
