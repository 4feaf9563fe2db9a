"""Samples of the ops that make tensors or write whole ones: one line an op."""

import numpy as np

import steepest as st

from .draw import op, scalar, x
from .reference import sizes

M = x(3, 4)
DOUBLE = {"dtype": st.float64}


def eye(n, m=None, **_):
    return np.eye(n, m)


CREATIONS = {
    "empty": op((2, 3), ((2, 3), DOUBLE), values=False, grad=False),
    "empty_strided": op(((2, 3), (1, 2)), values=False, grad=False),
    "empty_like": op(M, values=False, grad=False),
    "new_empty": op((M, 2, 3), (M, (2,)), values=False, grad=False),
    "new_empty_strided": op((M, (2, 3), (1, 2)), values=False, grad=False),
    "zeros": op((2, 3), ((2, 0), DOUBLE), ((),), ref=lambda *s, **_: np.zeros(sizes(s)), grad=False),
    "ones": op((2, 3), ((2, 0), DOUBLE), ((),), ref=lambda *s, **_: np.ones(sizes(s)), grad=False),
    "full": op(((2, 3), 1.5), ((2, 0), 1), ((), True), ref=np.full, grad=False),
    "scalar_tensor": op((1.5,), ref=np.array, grad=False),
    "zeros_like": op(M, scalar(), ref=np.zeros_like, grad=False),
    "ones_like": op(M, scalar(), ref=np.ones_like, grad=False),
    "full_like": op((M, 1), ref=np.full_like, grad=False),
    "new_zeros": op((M, 2, 3), (M, (2,)), ref=lambda v, *s: np.zeros(sizes(s), v.dtype), grad=False),
    "new_ones": op((M, 2, 3), (M, (2,)), ref=lambda v, *s: np.ones(sizes(s), v.dtype), grad=False),
    "new_full": op((M, (2, 3), 1), ref=lambda v, s, n: np.full(s, n, v.dtype), grad=False),
    "eye": op((3,), (3, 4, DOUBLE), ref=eye, grad=False),
    "arange": op((5,), (1, 7, 2), (0.5, 2, 0.25, DOUBLE), (2, -1, -1), ref=lambda *a, **_: np.arange(*a), grad=False),
    "linspace": op((-1, 1, 5), (0, 1, 1), (3.0, 2.0, 37, DOUBLE), ref=lambda *a, **_: np.linspace(*a), grad=False),
    "logspace": op((-1, 1, 5), (0, 2, 3, 2.0, DOUBLE),
        ref=lambda a, b, n, base=10.0, **_: np.logspace(a, b, n, base=base), grad=False),
    "tril_indices": op((3, 4), (3, 4, 1), ref=lambda r, c, o=0: np.stack(np.tril_indices(r, o, c)), grad=False),
    "triu_indices": op((3, 4), (3, 4, -1), ref=lambda r, c, o=0: np.stack(np.triu_indices(r, o, c)), grad=False),
    "fill": op((M, 1), (M, scalar()), ref=lambda v, n: np.full_like(v, n)),
    "zero": op(M, ref=np.zeros_like),
    "copy": op((M, M), (M, x(4)), ref=lambda v, s: np.broadcast_to(s, v.shape)),
}
