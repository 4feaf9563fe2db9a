"""Singular values and eigenvalues by numpy's LAPACK, for the C++ ops: see docs/adr/0004-lapack.md."""

import numpy as np
from numpy.linalg import _umath_linalg as _loops

from . import _C

# The loops of numpy.linalg, with the types of arguments and results: x that of the matrix, r its real type and c its complex one.
_ROUTINES = {
    "svd": ("svd_s", "x->xrx"),
    "svd_full": ("svd_f", "x->xrx"),
    "svdvals": ("svd", "x->r"),
    "eigh_lower": ("eigh_lo", "x->rx"),
    "eigh_upper": ("eigh_up", "x->rx"),
    "eigvalsh_lower": ("eigvalsh_lo", "x->r"),
    "eigvalsh_upper": ("eigvalsh_up", "x->r"),
    "eig": ("eig", "x->cc"),
    "eigvals": ("eigvals", "x->c"),
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
    a = x.detach().numpy()
    real, whole = "fF" if a.itemsize == (8 if a.dtype.kind == "c" else 4) else "dD"
    signature = types.translate({ord("x"): a.dtype.char, ord("r"): real, ord("c"): whole})
    loop = _loop(name, x.shape)
    with np.errstate(all="ignore"):
        if signature in loop.types:
            results = loop(a, signature=signature)
        else:  # numpy has no loop for eigenvalues of complex64
            results = loop(a.astype(np.complex128))
    results = results if isinstance(results, tuple) else (results,)
    results = [r.astype(char, copy=False) for r, char in zip(results, signature.partition("->")[2], strict=True)]
    return tuple(_C.from_numpy(np.ascontiguousarray(r)) for r in results)


def _loop(name, shape):
    if hasattr(_loops, name):
        return getattr(_loops, name)
    # Before numpy 2 the loops of svd were split by which of the sizes is smaller.
    base, _, form = name.partition("_")
    return getattr(_loops, f"{base}_{'m' if shape[-2] < shape[-1] else 'n'}" + (f"_{form}" if form else ""))
