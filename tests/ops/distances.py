"""Samples of distances between vectors, and of activations with a parameter or halves: one line an op."""

import numpy as np

from . import reference as ref
from .draw import op, scalar, x

A, B = x(3, 4), x(5, 4)
FLOAT = {"dtypes": "f", "atol": 64, "special": False, "half_tol": 8}
MODE = {"compute_mode": "donot_use_mm_for_euclid_dist"}


def norm(z, p, axis=-1, keepdims=False):
    if p == 0:
        return (z != 0).astype(float).sum(axis, keepdims=keepdims)
    if np.isinf(p):
        return abs(z).max(axis, keepdims=keepdims)
    return (abs(z) ** p).sum(axis, keepdims=keepdims) ** (1 / p)


def cdist(a, b, p=2.0, compute_mode=None):
    return norm(a[..., :, None, :] - b[..., None, :, :], p)


def pdist(v, p=2.0):
    return cdist(v, v, p)[np.triu_indices(len(v), 1)]


def cosine(a, b, dim=1, eps=1e-8):
    a, b = np.broadcast_arrays(a, b)
    length = [np.maximum(norm(v, 2, dim, True), eps) for v in (a, b)]
    return (a / length[0] * (b / length[1])).sum(dim)


def glu(v, dim=-1):
    a, b = np.split(v, 2, dim)
    return a * ref.sigmoid(b)


def prelu(v, weight):
    return np.where(v > 0, v, v * weight.reshape(1, -1, *(1,) * (v.ndim - 2)) if v.ndim > 1 else v * weight)


DISTANCES = {
    "cdist": op((A, B), (A, B, 1.0), (A, B, 3.0), (A, B, 1.5), (A, B, np.inf), (x(2, 3, 20), x(5, 20)), (x(30, 4), B), (x(26, 3), x(2, 3, 3), MODE),
        ref=cdist, halves=False, **FLOAT),
    "pdist": op(B, (B, 1.0), (B, 3.0), (B, np.inf), (x(4, 19), 2.0), ref=pdist, halves=False, **FLOAT),
    "pairwise_distance": op((A, x(3, 4)), (A, x(3, 4), 1.0, 1e-3, True), (A, x(4)), (x(4), x(4), 3.0),
        ref=lambda a, b, p=2.0, eps=1e-6, keepdim=False: norm(a - b + eps, p, -1, keepdim), **FLOAT),
    "cosine_similarity": op((A, x(3, 4)), (A, x(4), {"dim": 0}), (x(2, 3, 4), x(3, 4), -1, 1.0), ref=cosine, **FLOAT),
    "glu": op(x(3, 4), (x(4, 3), 0), (x(2, 6, 3), 1), ref=glu, **FLOAT),
    "prelu": op((x(3, 4), x(1)), (x(3, 4), x(4)), (x(2, 3, 5), x(3)), (x(7), scalar()), ref=prelu, **FLOAT),
}
