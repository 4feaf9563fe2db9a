"""Discrete Fourier transforms by numpy's pocketfft, for the C++ ops: see docs/adr/0005-fft.md."""

import numpy as np

from . import _C

_ROUTINES = {
    "forward": lambda x, dims, last: np.fft.fftn(x, axes=dims),
    "inverse": lambda x, dims, last: np.fft.ifftn(x, axes=dims, norm="forward"),
    "real": lambda x, dims, last: np.fft.rfftn(x, axes=dims),
    "whole": lambda x, dims, last: np.fft.fftn(x, axes=dims),
    "to_real": lambda x, dims, last: np.fft.irfftn(x, [*(x.shape[d] for d in dims[:-1]), last], dims, norm="forward"),
}
_PRECISIONS = {"f": ("f", "F"), "d": ("d", "D"), "F": ("f", "F"), "D": ("d", "D")}


def run(routine, x, dims, last):
    """The transform of x along dims that a routine names, not scaled, in x's precision (before numpy 2, rounded to it).

    Example::

        >>> import steepest as torch
        >>> from steepest.fourier import run
        >>> run("real", torch.ones(4), (0,), 0)
        tensor([4.+0.j, 0.+0.j, 0.+0.j])
    """
    array = x.detach().numpy()
    result = _ROUTINES[routine](array, dims, last)
    precision = _PRECISIONS[array.dtype.char][routine != "to_real"]
    return _C.from_numpy(np.ascontiguousarray(result, precision))
