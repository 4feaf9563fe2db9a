"""Samples of the ops that take differences, combine elements of several tensors, or replace parts: one line an op."""

import itertools

import numpy as np

from .draw import f, i, op, x
from .indexes import changed, scatter_reduce

M = x(3, 4)
CUBE = x(2, 3, 4)
POINTS = x(4, low=0, high=1)


def diff(v, n=1, dim=-1, prepend=None, append=None):
    more = {name: part for name, part in (("prepend", prepend), ("append", append)) if part is not None}
    return np.diff(v, n, dim, **more)


def trapezoid(y, x=None, dx=1, dim=-1):
    return np.trapezoid(y, x, dx, dim) if hasattr(np, "trapezoid") else np.trapz(y, x, dx, dim)


def cumulative_trapezoid(y, x=None, dx=1, dim=-1):
    steps = dx if x is None else np.diff(x)
    return np.cumsum((y[..., 1:] + y[..., :-1]) / 2 * steps, -1)


def cov(v, correction=1, fweights=None, aweights=None):
    return np.cov(v, ddof=correction, fweights=fweights, aweights=aweights)


def quantile(of):
    return lambda v, q, dim=None, keepdim=False, interpolation="linear": of(v, q, axis=dim, keepdims=keepdim,
        method=interpolation)


def combinations(v, r=2, with_replacement=False):
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    return np.array(list(choose(v, r)), v.dtype).reshape(-1, r)


def renorm(v, p, dim, maxnorm):
    norms = np.linalg.norm(v, p, 1 - dim, keepdims=True)
    return v * np.where(norms > maxnorm, maxnorm / (norms + 1e-7), 1)


def index_reduce(v, dim, index, source, reduce):
    spread = np.expand_dims(index, 1 - dim)
    return scatter_reduce(v, dim, np.broadcast_to(spread, source.shape), source, reduce)


def logcumsumexp(v, dim):
    return np.logaddexp.accumulate(v, dim) if v.size else v


def put(where):
    """A copy with the elements that `where` names replaced."""
    return lambda v, src, *args: changed(v, lambda y: y.__setitem__(where(v, *args), src))


def diagonal_scatter(v, src, offset=0):
    rows = np.arange(len(src))
    return changed(v, lambda y: y.__setitem__((rows + max(-offset, 0), rows + max(offset, 0)), src))


COMBINED = {
    "diff": op(M, (M, 2), (M, 1, 0), (M, {"prepend": x(3, 1), "append": x(3, 2)}), (x(3), 3), ref=diff),
    "trapezoid": op(M, (M, {"dx": 2, "dim": 0}), (M, POINTS), (M, M), ref=trapezoid, dtypes="f"),
    "trapz": op(M, (M, {"dx": 2.0, "dim": 0}), (M, POINTS), ref=trapezoid, dtypes="f"),
    "cumulative_trapezoid": op(M, (M, {"dx": 2}), (M, POINTS), ref=cumulative_trapezoid, dtypes="f"),
    "cov": op(x(3, 7), (x(3, 7), {"correction": 0}), (x(3, 4), {"fweights": i(4, low=1, high=5)}),
        (x(3, 4), {"aweights": f(4, low=0.5, high=1, grad=False)}), ref=cov, dtypes="fi", atol=32, half_tol=8),
    "corrcoef": op(x(3, 7), ref=np.corrcoef, dtypes="fi", atol=32, half_tol=8),
    "quantile": op((M, 0.3), (M, 0.75, 1, True), (CUBE, x(2, low=0, high=1, grad=False), 1),
        (M, 0.5, {"interpolation": "lower"}), (M, 0.6, {"interpolation": "midpoint"}), ref=quantile(np.quantile),
        dtypes="f", halves=False),
    "nanquantile": op((x(9, at=(np.nan,)), 0.3), (CUBE, x(2, low=0, high=1, grad=False), 1),
        (CUBE, 0.4, 1, True, {"interpolation": "nearest"}), ref=quantile(np.nanquantile), dtypes="f", halves=False),
    "kron": op((x(2, 3), x(3, 2)), (x(2), CUBE), (x(), x(2)), ref=np.kron),
    "cross": op((x(4, 3), x(4, 3)), (x(3, 4), x(3, 4), 0), (x(3, 3), x(1, 3), 1),
        ref=lambda a, b, dim=-1: np.cross(a, b, axis=dim), dtypes="fi"),
    "linalg_cross": op((x(4, 3), x(4, 3)), (x(3, 4), x(3, 4), {"dim": 0}),
        ref=lambda a, b, dim=-1: np.cross(a, b, axis=dim), dtypes="fi"),
    "cartesian_prod": op((x(3), x(2)), (x(2), x(1), x(3)),
        ref=lambda *v: np.stack([m.reshape(-1) for m in np.meshgrid(*v, indexing="ij")], 1)),
    "combinations": op((x(4),), (x(4), 3), (x(3), 2, True), (x(2), 3), ref=combinations),
    "dist": op((M, M), (M, x(4), 1), (M, M, 3), (M, M, float("inf")),
        ref=lambda a, b, p=2: np.linalg.norm((a - b).reshape(-1), p), dtypes="f"),
    "renorm": op((M, 2, 0, 1.5), (M, 1, 1, 3), (M, 3, 0, 1), (M, float("inf"), 0, 1), ref=renorm, dtypes="f", half_tol=4),
    "index_reduce": op((x(3, 4, away=0.3), 1, i(5, high=4), x(3, 5, away=0.3), "prod"),
        (M, 0, i(2, high=3), x(2, 4), "amax"), (M, 1, i(5, high=4), x(3, 5), "amin"),
        (M, 1, i(5, high=4), x(3, 5), "mean"), ref=index_reduce, dtypes="fi"),
    "logcumsumexp": op((CUBE, 0), (CUBE, -1), (x(37), 0), (x(0, 3), 0), ref=logcumsumexp, dtypes="f"),
    "select_scatter": op((CUBE, x(2, 4), 1, 2), (CUBE, x(2, 3), -1, -1),
        ref=put(lambda v, d, k: (slice(None),) * (d % v.ndim) + (k,))),
    "slice_scatter": op((M, x(3, 2), 1, 1, 3), (M, x(2, 4), 0, None, -1), (M, x(3, 2), 1, 0, 4, 2),
        ref=put(lambda v, d, a, b, s=1: (slice(None),) * d + (slice(a, b, s),))),
    "diagonal_scatter": op((M, x(3)), (M, x(2), -1), ref=diagonal_scatter),
    "as_strided_scatter": op((M, x(2, 2), (2, 2), (4, 1)), (M, x(2), (2,), (5,), 1),
        ref=lambda v, s, size, stride, at=0: changed(v, lambda y: y.reshape(-1).__setitem__(
            at + np.add.outer(np.arange(2) * 4, np.arange(2)) if s.ndim == 2 else at + np.arange(2) * 5, s)),
        layouts=False),
}
