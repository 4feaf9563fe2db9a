"""Samples of the products of matrices and vectors: one line an op."""

import numpy as np

from .draw import op, scalar, x

M = x(3, 4)
BATCH = x(2, 3, 4), x(2, 4, 5)


def added(product):
    return lambda v, a, b, beta=1, alpha=1: beta * v + alpha * product(a, b)


SCALED = {"beta": 2, "alpha": 3}

PRODUCTS = {
    "mm": op((M, x(4, 5)), (x(3, 0), x(0, 5)), (x(33, 17), x(17, 19)), ref=np.matmul, dtypes="fi"),
    "mv": op((M, x(4)), (x(3, 0), x(0)), ref=np.matmul, dtypes="fi"),
    "bmm": op(BATCH, (x(0, 3, 4), x(0, 4, 5)), ref=np.matmul, dtypes="fi"),
    "dot": op((x(37), x(37)), (x(0), x(0)), ref=np.dot, dtypes="fi"),
    "vdot": op((x(37), x(37)), ref=np.vdot, dtypes="fi"),
    "outer": op((x(3), x(4)), ref=np.outer),
    "ger": op((x(3), x(4)), ref=np.outer),
    "inner": op((M, x(2, 4)), (x(4), x(4)), (scalar(), M), ref=np.inner, dtypes="fi"),
    "matmul": op((M, x(4, 5)), (x(4), x(4)), (M, x(4)), (x(3), M), BATCH, (x(2, 1, 3, 4), x(5, 4, 2)),
        (x(2, 3, 4), x(4)), ref=np.matmul, dtypes="fi"),
    "linalg_matmul": op((M, x(4, 5)), BATCH, ref=np.matmul, dtypes="fi"),
    "addmm": op((x(3, 5), M, x(4, 5)), (x(5), M, x(4, 5), SCALED), ref=added(np.matmul), dtypes="fi"),
    "addmv": op((x(3), M, x(4)), (scalar(), M, x(4), SCALED), ref=added(np.matmul), dtypes="fi"),
    "addbmm": op((x(3, 5), *BATCH), (x(3, 5), *BATCH, SCALED), ref=added(lambda a, b: (a @ b).sum(0)), dtypes="fi"),
    "baddbmm": op((x(2, 3, 5), *BATCH), (x(3, 5), *BATCH, SCALED), ref=added(np.matmul), dtypes="fi"),
    "addr": op((M, x(3), x(4)), (x(4), x(3), x(4), SCALED), ref=added(np.outer), dtypes="fi"),
    "linear": op((M, x(5, 4)), (M, x(5, 4), x(5)), (x(2, 3, 4), x(5, 4), x(5)), (x(4), x(5, 4)), (x(2, 3, 4), x(5, 4)),
        ref=lambda v, w, b=0: v @ w.T + b, dtypes="fi"),
    "bilinear": op((x(3, 2), M, x(5, 2, 4)), (x(3, 2), M, x(5, 2, 4), x(5)),
        ref=lambda a, b, w, c=0: np.einsum("ni,kij,nj->nk", a, w, b) + c, dtypes="f"),
    "linalg_multi_dot": op(([M, x(4, 5), x(5, 2)],), ([x(4), x(4, 5)],), ref=np.linalg.multi_dot, dtypes="f"),
    "chain_matmul": op((M, x(4, 5), x(5, 2)), ref=lambda *v: np.linalg.multi_dot(v), dtypes="f"),
    "trace": op(M, x(4, 4), ref=np.trace, dtypes="fi"),
}
