"""Samples of the losses of margins, pairs and counts: one line an op."""

from itertools import groupby, product

import numpy as np

from . import reference as ref
from .draw import i, op, scalar, x

A, B, C = x(3, 4), x(3, 4), x(3, 4)
ROW = x(4)
PLAIN = [{}, {"reduction": "sum"}, {"reduction": "none"}]
FLOAT = {"dtypes": "f", "atol": 64, "special": False, "half_tol": 8}


def signs(*shape, value):
    return x(*shape, low=value, high=value, grad=False)


def norm(z, p=2.0, axis=-1):
    return (abs(z) ** p).sum(axis) ** (1 / p)


def triplet(a, pos, neg, margin=1.0, p=2.0, eps=1e-6, swap=False):
    far = norm(a - neg + eps, p)
    far = np.minimum(far, norm(pos - neg + eps, p)) if swap else far
    return np.maximum(margin + norm(a - pos + eps, p) - far, 0)


def cosine_embedding(a, b, t, margin=0.0):
    cos = (a * b).sum(-1) / np.sqrt(((a * a).sum(-1) + 1e-12) * ((b * b).sum(-1) + 1e-12))
    return np.where(t == 1, 1 - cos, np.maximum(cos - margin, 0))


def hinge(v, t, margin=1.0):
    return np.where(t == 1, v, np.maximum(margin - v, 0))


def poisson(v, t, log_input, full, eps, reduction):
    loss = np.exp(v) - t * v if log_input else v - t * np.log(v + eps)
    if full:
        loss = loss + np.where(t > 1, t * np.log(t) - t + 0.5 * np.log(2 * np.pi * t), 0)
    return ref.loss(lambda v, t: loss)(v, t, reduction=reduction)


def multi_margin(v, t, p=1, margin=1.0, weight=None):
    rows, t = np.atleast_2d(v), np.atleast_1d(t)
    z = np.maximum(margin - np.take_along_axis(rows, t[:, None], 1) + rows, 0) ** p
    np.put_along_axis(z, t[:, None], 0, 1)
    z = z if weight is None else z * weight[t][:, None]
    loss = z.sum(1) / rows.shape[1]
    return loss if v.ndim > 1 else loss[0]


def multilabel_margin(v, t):
    losses = []
    for row, to in zip(np.atleast_2d(v), np.atleast_2d(t)):
        listed = [*to[: [*to, -1].index(-1)]]
        others = [k for k in range(len(row)) if k not in listed]
        losses.append(sum(max(0, 1 - row[j] + row[k]) for j in listed for k in others) / len(row))
    return np.array(losses) if v.ndim > 1 else np.array(losses[0])


def ctc(v, targets, steps, labels, blank=0, reduction=0, zero_infinity=False):
    """Over all paths of classes, one a step: those that name the labels once repetitions and blanks are gone."""
    v = v if v.ndim == 3 else v[:, None]
    rows = np.split(targets, np.cumsum(labels)[:-1]) if targets.ndim == 1 else targets
    losses = []
    for n, row in enumerate(rows):
        likelihood = 0.0
        for path in product(range(v.shape[2]), repeat=int(steps[n])):
            if [c for c, _ in groupby(path) if c != blank] == [*row[: labels[n]]]:
                likelihood += np.exp(sum(v[t, n, c] for t, c in enumerate(path)))
        losses.append(-np.log(likelihood))
    losses = np.array(losses)
    return [losses, (losses / np.maximum(labels, 1)).mean(), losses.sum()][reduction]


MARGINS = {
    "soft_margin_loss": op(*[(A, signs(3, 4, value=v), o) for v, o in zip((1, -1, 1), PLAIN)], ref=ref.loss(lambda v, t: np.log1p(np.exp(-t * v))), **FLOAT),
    "margin_ranking_loss": op(*[(x(5), x(5), signs(5, value=v), o) for v, o in zip((1, -1, 1), PLAIN)], (x(5), x(5), signs(5, value=1), 0.3),
        ref=ref.loss(lambda a, b, t, margin=0.0: np.maximum(-t * (a - b) + margin, 0)), **FLOAT),
    "hinge_embedding_loss": op(*[(A, signs(3, 4, value=v), o) for v, o in zip((1, -1, -1), PLAIN)], (A, signs(3, 4, value=-1), 0.3), ref=ref.loss(hinge), **FLOAT),
    "cosine_embedding_loss": op(*[(A, B, signs(3, value=v), o) for v, o in zip((1, -1, 1), PLAIN)], (ROW, ROW, scalar(low=1, high=1, grad=False)), (A, B, signs(3, value=-1), 0.2),
        ref=ref.loss(cosine_embedding), **FLOAT),
    "triplet_margin_loss": op(*[(A, B, C, o) for o in PLAIN], (A, B, C, 0.5, 3.0, 1e-6, True), (ROW, ROW, ROW, {"margin": 5.0}), ref=ref.loss(triplet), **FLOAT),
    "poisson_nll_loss": op((A, B, True, False, 1e-8, "mean"), (x(3, 4, low=0.5), x(3, 4, low=1.1, high=4), False, True, 1e-8, "sum"),
        (A, x(3, 4, low=-2, high=0.9, grad=False), True, False, 1e-8, "none"), ref=poisson, **FLOAT),
    "multi_margin_loss": op(*[(A, i(3, high=4), o) for o in PLAIN], (A, i(3, high=4), 2, 0.5, x(4, low=0.1, high=1, grad=False)), (ROW, i(high=4)),
        ref=ref.loss(multi_margin), **FLOAT),
    "multilabel_margin_loss": op(*[(A, i(3, 4, high=4, low=-1), o) for o in PLAIN], (ROW, i(4, high=4, low=-1)), ref=ref.loss(multilabel_margin), **FLOAT),
    # the gradient is that of log_softmax's argument: tests/nn/test_ctc.py
    "ctc_loss": op((x(4, 2, 3, grad=False), i(2, 2, low=1, high=3), [4, 4], [2, 1], 0, 1), (x(4, 2, 3, grad=False), i(3, high=2), [4, 3], [1, 2], 2, 0),
        (x(4, 2, 3, grad=False), i(2, 1, low=1, high=3), i(2, low=1, high=5), i(2, high=2), 0, 2), ref=ctc, halves=False, layouts=False, **FLOAT),
}
