"""Samples of the ops that reduce, accumulate, sort, search or count: one line an op."""

import numpy as np

from . import reference as ref
from .draw import f, i, op, scalar, x

M = x(3, 4)
CUBE = x(2, 3, 4)
DIMS = [(CUBE, 1), (CUBE, (0, -1)), (CUBE, (0, 2), True), (CUBE, {"dim": -1, "keepdim": True})]
DIMS += [(x(0, 3), 0), (scalar(), 0)]
SOLE = [(CUBE, 1), (CUBE, -1, True), (scalar(), 0), (x(2, 0), 0)]
PAIR = [(CUBE,), (CUBE, 1), (CUBE, -1, True), (CUBE, {"dim": 0, "keepdim": True})]
SCANS = [(CUBE, 0), (CUBE, -1), (x(37), 0), (x(0, 3), 0)]


def sum_(v, axis, keepdims):
    return v.sum(axis, keepdims=keepdims, dtype=float if v.dtype.kind == "f" else int)


def prod(v, axis, keepdims):
    return v.prod(axis, keepdims=keepdims, dtype=float if v.dtype.kind == "f" else int)


def truth(of):
    """Of uint8 the result is uint8, else bool."""
    return lambda y, *a, **k: y.dtype in (bool, np.uint8) and np.array_equal(y, ref.reduction(of)(*a, **k))


def nanmean(v, axis, keepdims):
    return np.nanmean(v, axis=axis, keepdims=keepdims) if v.size else mean(v, axis, keepdims)


def mean(v, axis, keepdims):
    sums = v.sum(axis, keepdims=keepdims)
    return v.mean(axis, keepdims=keepdims) if v.size else np.full(sums.shape, np.nan)


REDUCTIONS = {
    "sum": op(CUBE, x(0), *DIMS, (CUBE, {"dim": ()}), ref=ref.reduction(sum_), special=True),
    "nansum": op(CUBE, *DIMS, ref=ref.reduction(np.nansum), special=True, dtypes="fi"),
    "mean": op(CUBE, x(0), *DIMS, ref=ref.reduction(mean), dtypes="f", special=True),
    "nanmean": op(CUBE, *DIMS, ref=ref.reduction(nanmean), dtypes="f", special=True),
    "prod": op(CUBE, x(0), *SOLE[:3], ref=ref.reduction(prod), atol=32),
    "max": op(*PAIR, (CUBE, CUBE), ref=ref.extreme(np.max, np.argmax), special=True),
    "min": op(*PAIR, (CUBE, CUBE), ref=ref.extreme(np.min, np.argmin), special=True),
    "amax": op(CUBE, *DIMS[:4], ref=ref.reduction(np.max), special=True),
    "amin": op(CUBE, *DIMS[:4], ref=ref.reduction(np.min), special=True),
    "aminmax": op((CUBE,), (CUBE, {"dim": 1}), (CUBE, {"dim": 1, "keepdim": True}),
        ref=lambda *a, **k: (ref.reduction(np.min)(*a, **k), ref.reduction(np.max)(*a, **k)), special=True),
    "argmax": op(CUBE, (CUBE, 1), (CUBE, -1, True), ref=ref.reduction(np.argmax), grad=False, special=True,
        dtypes="fi"),
    "argmin": op(CUBE, (CUBE, 1), (CUBE, -1, True), ref=ref.reduction(np.argmin), grad=False, special=True,
        dtypes="fi"),
    "var": op(M, (M, False), (CUBE, (0, 2), True, True), (CUBE, 1, False), (CUBE, 1),
        (CUBE, {"dim": (0, 2), "correction": 0, "keepdim": True}), ref=ref.moments(np.var), dtypes="f"),
    "std": op(M, (M, False), (CUBE, (0, 2), True, True), (CUBE, 1, False), (CUBE, 1),
        (CUBE, {"dim": (0, 2), "correction": 0, "keepdim": True}), ref=ref.moments(np.std), dtypes="f"),
    "var_mean": op(M, (M, False), (CUBE, (0, 2), True, True), (CUBE, 1), (CUBE, {"correction": 0}),
        ref=ref.with_mean(np.var), dtypes="f"),
    "std_mean": op(M, (M, False), (CUBE, (0, 2), True, True), (CUBE, 1), (CUBE, {"correction": 0}),
        ref=ref.with_mean(np.std), dtypes="f"),
    "any": op(CUBE, *DIMS, check=truth(np.any), grad=False, special=True),
    "all": op(CUBE, *DIMS, check=truth(np.all), grad=False, special=True),
    "count_nonzero": op(CUBE, (CUBE, 1), (CUBE, (0, 2)), ref=lambda v, dim=None: np.count_nonzero(v, axis=dim),
        grad=False, special=True),
    "norm": op(M, (M, 1), (M, 3.0, 1), (M, float("inf"), 0, True), (M, "fro"), (M, 2, (0, 1)), (M, -float("inf")),
        (M, 0, 1), ref=ref.norm, dtypes="f"),
    "linalg_vector_norm": op(M, (M, 1), (M, 3.0, 1), (M, float("inf"), 0, True), (M, 2, (0, 1)), (M, 0, 1),
        ref=ref.norm, dtypes="f"),
    "logsumexp": op((M, 1), (M, (0, 1)), (M, 0, True), ref=ref.logsumexp, dtypes="fi"),
    "softmax": op((CUBE, 1), (CUBE, -1), (x(3, 37), 1), (scalar(), 0), ref=ref.softmax, dtypes="f"),
    "log_softmax": op((CUBE, 1), (CUBE, -1), (x(3, 37), 1), (scalar(), 0), ref=ref.log_softmax, dtypes="f"),
    "cumsum": op(*SCANS, (scalar(), 0), ref=lambda v, dim: np.cumsum(np.atleast_1d(v), dim).reshape(v.shape),
        special=True),
    "cumprod": op(*SCANS, ref=lambda v, dim: np.cumprod(v, dim), atol=32),
    "cummax": op(*SCANS[:3], ref=ref.cumulative_extreme(np.maximum)),
    "cummin": op(*SCANS[:3], ref=ref.cumulative_extreme(np.minimum)),
    "median": op(CUBE, (CUBE, 1), (CUBE, -1, True), (x(5), 0), ref=ref.lower_median, dtypes="fi", ties=True),
    "nanmedian": op(CUBE, (CUBE, 1), (CUBE, -1, True), (x(5, at=(np.nan,)), 0),
        ref=lambda *a: ref.lower_median(*a, skip_nan=True), dtypes="f", ties=True),
    "mode": op((i(3, 5, high=9),), (i(3, 5, high=3), 0, True),
        check=lambda y, v, dim=-1, keepdim=False: (np.take_along_axis(v,
        y[1] if keepdim else np.expand_dims(y[1], dim), dim).reshape(y[0].shape) == y[0]).all(), dtypes="i",
        grad=False, ties=True),
    "sort": op((x(3, 37),), (CUBE, 0), (CUBE, 1, True), (CUBE, {"dim": 0, "stable": True}), (scalar(),), (x(0, 3), 0),
        ref=lambda v, *a, **k: (v, np.zeros((), int)) if v.ndim == 0 else ref.ordered(v, *a, **k), dtypes="f",
        ties=True),
    "argsort": op((x(3, 37),), (CUBE, 0), (CUBE, 1, True), (CUBE, {"dim": 0, "stable": True}),
        ref=lambda *a, **k: ref.ordered(*a, **k)[1], dtypes="f", grad=False, ties=True),
    "msort": op(CUBE, x(0, 3), ref=lambda v: np.sort(v, 0), special=True),
    "topk": op((x(3, 37), 5), (CUBE, 2, 1), (CUBE, 2, 0, False), ref=ref.topk, dtypes="f", ties=True),
    "kthvalue": op((x(3, 37), 5), (CUBE, 2, 1), (CUBE, 2, 0, True), ref=ref.kthvalue, dtypes="f", ties=True),
    "unique": op(i(5, 7, high=9), ref=lambda v: np.unique(v), dtypes="i", grad=False),
    "unique_consecutive": op(i(37, high=3), ref=lambda v: v[np.r_[True, v[1:] != v[:-1]]], dtypes="i", grad=False),
    "searchsorted": op((x(1, at=(0,)), x(5)), (x(2, at=(-1, 1)), x(3, 4), {"right": True}), (x(2, at=(-1, 1)), 1),
        ref=lambda s, v, right=False: np.searchsorted(s, v, "right" if right else "left"), dtypes="f", grad=False),
    "bucketize": op((x(3, 4), x(2, at=(-1, 1))), (x(5), x(2, at=(-1, 1)), {"right": True}), (1, x(2, at=(-1, 1))),
        ref=lambda v, s, right=False: np.searchsorted(s, v, "right" if right else "left"), dtypes="f", grad=False),
    "isin": op((x(3, 4), x(5)), (x(3, 4), 1), (1, x(5)), (x(3, 4), x(5), {"invert": True}), ref=np.isin, dtypes="fi",
        grad=False),
    "bincount": op((i(37, high=9),), (i(37, high=9), f(37, grad=False)), (i(37, high=9), {"minlength": 12}),
        ref=np.bincount, dtypes="f", halves=False, grad=False),
    "histc": op((x(37), 5, -2, 2), (x(5, 7), {"bins": 4, "min": -1, "max": 1}),
        ref=lambda v, bins=100, min=0, max=0: np.histogram(v, bins, (min, max))[0] * 1.0, dtypes="f", grad=False),
    "equal": op((CUBE, CUBE), (M, CUBE), ref=np.array_equal, grad=False),
    "allclose": op((M, M), (M, M, 2.0, 5.0), ref=np.allclose, grad=False, dtypes="fi"),
}
