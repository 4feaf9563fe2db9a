"""Singular values and eigenvalues by numpy's LAPACK, for the C++ ops: see docs/adr/0004-lapack.md."""

import numpy as np
from numpy.linalg import _umath_linalg as _loops

from . import _C

# How the loops of numpy.linalg mark what they compute: the types of arguments and results, d standing for the real type.
_ROUTINES = {
    "svd": ("svd_s", "d->ddd"),
    "svd_full": ("svd_f", "d->ddd"),
    "svdvals": ("svd", "d->d"),
    "eigh_lower": ("eigh_lo", "d->dd"),
    "eigh_upper": ("eigh_up", "d->dd"),
    "eigh_complex_lower": ("eigh_lo", "D->dD"),
    "eigh_complex_upper": ("eigh_up", "D->dD"),
    "eigvalsh_lower": ("eigvalsh_lo", "d->d"),
    "eigvalsh_upper": ("eigvalsh_up", "d->d"),
    "eig": ("eig", "d->DD"),
    "eigvals": ("eigvals", "d->D"),
}


def run(routine, x):
    """The results of a routine for a batch of matrices, as a tuple of tensors; nan where it did not converge.

    Example::

        >>> import steepest as torch
        >>> from steepest.lapack import run
        >>> run("eigvalsh_lower", torch.eye(2))
        (tensor([1., 1.]),)
    """
    name, types = _ROUTINES[routine]
    if x.dtype in (_C.float32, _C.complex64):
        types = types.replace("d", "f").replace("D", "F")
    with np.errstate(all="ignore"):
        results = _loop(name, x.shape)(x.detach().numpy(), signature=types)
    results = results if isinstance(results, tuple) else (results,)
    return tuple(_C.from_numpy(np.ascontiguousarray(r)) for r in results)


def _loop(name, shape):
    if hasattr(_loops, name):
        return getattr(_loops, name)
    # Before numpy 2 the loops of svd were split by which of the sizes is smaller.
    base, _, form = name.partition("_")
    return getattr(_loops, f"{base}_{'m' if shape[-2] < shape[-1] else 'n'}" + (f"_{form}" if form else ""))
