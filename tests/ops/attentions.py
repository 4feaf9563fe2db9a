"""Samples of attention: one line an op."""

import numpy as np

from .draw import mask, op, x


def attention(q, k, v, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    if enable_gqa:
        k, v = (np.repeat(t, q.shape[-3] // t.shape[-3], -3) for t in (k, v))
    scores = q @ k.swapaxes(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if attn_mask is not None:
        scores = np.where(attn_mask, scores, -np.inf) if attn_mask.dtype == bool else scores + attn_mask
    if is_causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf)
    top = scores.max(-1, keepdims=True)
    weights = np.exp(scores - np.where(np.isinf(top), 0, top))
    total = weights.sum(-1, keepdims=True)
    return weights / np.where(total == 0, 1, total) @ v


Q, K, V = x(2, 2, 5, 3), x(2, 2, 7, 3), x(2, 2, 7, 4)

ATTENTIONS = {
    "scaled_dot_product_attention": op((Q, K, V), (Q, K, V, mask(5, 7)), (Q, K, V, x(2, 1, 5, 7), {"scale": 0.5}),
        (x(5, 3), x(7, 3), x(7, 4), {"is_causal": True}), (x(2, 5, 3), x(1, 7, 3), x(2, 7, 4)),
        (x(1, 4, 5, 3), x(1, 2, 7, 3), x(1, 2, 7, 4), {"enable_gqa": True}),
        ref=attention, dtypes="f", rtol=64, atol=64, half_tol=8.0),
}
