"""Samples of the losses, and of what is random in training: one line an op."""

import numpy as np

from . import reference as ref
from .draw import i, op, x

M = x(3, 4)
P = x(3, 4, low=0.1, high=0.9)
HARD = i(3, high=4)
WEIGHT = x(4, low=0.1, high=1, grad=False)
PAIR = [(M, M), (M, M, {"reduction": "sum"}), (M, M, {"reduction": "none"}), (x(37), x(37))]
CHANCES = [(P, P), (P, P, {"reduction": "sum"}), (P, P, WEIGHT, {"reduction": "none"})]
LOGITS = [(M, P), (M, P, WEIGHT, {"reduction": "sum"}), (M, P, {"pos_weight": WEIGHT, "reduction": "none"})]
CLASSES = [(M, HARD), (M, HARD, WEIGHT), (M, HARD, {"ignore_index": 1, "reduction": "sum"}),
    (M, HARD, WEIGHT, {"reduction": "none"})]
CLASSES += [(x(2, 4, 5), i(2, 5, high=4)), (x(4), i(high=4))]
SMOOTH = [(M, HARD, {"label_smoothing": 0.1}), (M, P), (M, P, {"label_smoothing": 0.1, "reduction": "sum"})]


def kl_div(logp, t, log_target=False):
    return np.exp(t) * (t - logp) if log_target else t * np.log(t) - t * logp


LOSSES = {
    "mse_loss": op(*PAIR, ref=ref.loss(lambda v, t: (v - t) ** 2), dtypes="f"),
    "l1_loss": op(*PAIR, ref=ref.loss(lambda v, t: abs(v - t)), dtypes="f"),
    "smooth_l1_loss": op(*PAIR, (M, M, {"beta": 0.5}),
        ref=ref.loss(lambda v, t, beta=1.0: ref.huber(v, t, beta) / beta), dtypes="f"),
    "huber_loss": op(*PAIR, (M, M, {"delta": 0.5}), ref=ref.loss(ref.huber), dtypes="f"),
    "kl_div": op((M, P), (M, P, {"reduction": "sum"}), (M, M, {"log_target": True, "reduction": "none"}),
        ref=ref.loss(kl_div), dtypes="f"),
    "binary_cross_entropy": op(*CHANCES, ref=ref.loss(ref.binary_cross_entropy), dtypes="f"),
    "binary_cross_entropy_with_logits": op(*LOGITS, ref=ref.loss(ref.binary_cross_entropy_with_logits), dtypes="f"),
    "nll_loss": op(*CLASSES, ref=ref.nll_loss, dtypes="f"),
    "cross_entropy": op(*CLASSES, *SMOOTH, ref=ref.cross_entropy, dtypes="f"),
}
