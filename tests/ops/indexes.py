"""Samples of the ops that read or write where indices or masks say: one line an op."""

import numpy as np

from .draw import f, i, mask, op, scalar, x

M = x(3, 4)


def changed(v, change):
    v = v.copy()
    change(v)
    return v


def at(dim, index):
    return (slice(None),) * dim + (index,)


def grid(index, dim):
    """Where gather and scatter look: the index itself along `dim`, the position along the others."""
    where = list(np.indices(index.shape))
    where[dim] = index
    return tuple(where)


def scatter(v, dim, index, src, reduce=None):
    def write(y):
        values = src[tuple(map(slice, index.shape))] if isinstance(src, np.ndarray) else src
        if reduce:
            {"add": np.add, "multiply": np.multiply}[reduce].at(y, grid(index, dim), values)
        else:
            y[grid(index, dim)] = values

    return changed(v, write)


def scatter_reduce(v, dim, index, src, reduce, include_self=True):
    of = {"sum": np.add, "prod": np.multiply, "amax": np.maximum, "amin": np.minimum, "mean": np.add}[reduce]
    count = changed(np.ones(v.shape), lambda y: np.add.at(y, grid(index, dim), 1))
    y = changed(v, lambda y: of.at(y, grid(index, dim), src))
    if reduce != "mean":
        return y
    return y / count if v.dtype.kind == "f" else np.floor_divide(y, count.astype(v.dtype))


def index_put(v, indices, values, accumulate=False):
    indices = tuple(slice(None) if k is None else k for k in indices)
    return changed(v, lambda y: np.add.at(y, indices, values) if accumulate else y.__setitem__(indices, values))


def put(v, index, source, accumulate=False):
    def write(y):
        np.add.at(y.reshape(-1), index, source) if accumulate else y.reshape(-1).__setitem__(index, source)

    return changed(v, write)


INDEXES = {
    "gather": op((M, 1, i(3, 2, high=4)), (M, 0, i(2, 4, high=3)),
        ref=lambda v, d, k, **_: np.take_along_axis(v[tuple(slice(n) if a != d else slice(None) for a,
        n in enumerate(k.shape))], k, d)),
    "scatter": op((M, 1, i(3, 1, high=4), x(3, 1)), (M, 0, i(1, 4, high=3), 1),
        (M, 1, i(3, 5, high=4), x(3, 5), {"reduce": "add"}), (M, 1, i(3, 5, high=4), 2, {"reduce": "multiply"}),
        ref=scatter, grad="partly"),
    "scatter_add": op((M, 1, i(3, 5, high=4), x(3, 5)), (M, 0, i(2, 4, high=3), x(3, 4)),
        ref=lambda *a: scatter(*a, "add"), dtypes="fi"),
    "scatter_reduce": op((M, 1, i(3, 5, high=4), x(3, 5, away=0.3), "sum"),
        (x(3, 4, away=0.3), 1, i(3, 5, high=4), x(3, 5, away=0.3), "prod"), (M, 1, i(3, 5, high=4), x(3, 5), "amax"),
        (M, 1, i(3, 5, high=4), x(3, 5), "amin"), (M, 1, i(3, 5, high=4), x(3, 5), "mean"), ref=scatter_reduce,
        dtypes="fi"),
    "take_along_dim": op((M, i(3, 2, high=4), 1), (M, i(5, high=12)),
        ref=lambda v, k, d=None: np.take_along_axis(v.reshape(-1) if d is None else v, k, 0 if d is None else d)),
    "take": op((M, i(2, 5, high=12)), (M, i(3, high=0, low=-12)), ref=np.take),
    "put": op((M, i(1, high=12), x(1)), (M, i(9, high=12), x(9), True), ref=put),
    "index_select": op((M, 1, i(5, high=4)), (x(2, 3, 4), 0, i(3, high=2)), (x(3), 0, i(0, high=3)),
        ref=lambda v, d, k: np.take(v, k, d)),
    "index_add": op((M, 1, i(5, high=4), x(3, 5)), (M, 0, i(2, high=3), x(2, 4), {"alpha": 2}),
        ref=lambda v, d, k, s, alpha=1: changed(v, lambda y: np.add.at(y, at(d, k), alpha * s)), dtypes="fi"),
    "index_copy": op((M, 1, i(1, high=4), x(3, 1)), (M, 0, i(1, high=3), x(1, 4)),
        ref=lambda v, d, k, s: changed(v, lambda y: y.__setitem__(at(d, k), s))),
    "index_fill": op((M, 1, i(3, high=4), 1), (M, 0, i(2, high=3), scalar()),
        ref=lambda v, d, k, s: changed(v, lambda y: y.__setitem__(at(d, k), s))),
    "index_put": op((M, (i(1, high=3), i(1, high=4)), scalar()), (M, (i(7, high=3), i(7, high=4)), x(7), True),
        (M, (mask(3, 4),), scalar()), (M, (None, i(1, high=4)), x(1)), ref=index_put),
    "masked_select": op((M, mask(3, 4)), (M, mask(4)), ref=lambda v, m: v[np.broadcast_to(m, v.shape)]),
    "masked_scatter": op((M, mask(3, 4), x(12)), (M, mask(3, 1), x(12)),
        ref=lambda v, m, s: changed(v, lambda y: np.place(y, np.broadcast_to(m, y.shape), s))),
    "nonzero": op(M, (M, {"as_tuple": True}), scalar(),
        ref=lambda v, as_tuple=False: v.nonzero() if as_tuple else np.argwhere(v), grad=False),
    "argwhere": op(M, ref=np.argwhere, grad=False),
    "embedding": op((i(2, 3, high=5), f(5, 4)), (i(5, high=5), f(5, 4, grad=False), {"padding_idx": 1}),
        ref=lambda k, w, padding_idx=None: w[k], dtypes="f"),
    "one_hot": op((i(2, 3, high=5), 5), ref=lambda k, n: np.eye(n, dtype=int)[k], dtypes="i", grad=False),
}
