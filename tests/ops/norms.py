"""Samples of the normalisations: one line an op."""

import numpy as np

import steepest as st

from .draw import op, x

M = x(3, 4)
CUBE = x(2, 4, 5)
PER_ROW = x(4)
PER_CHANNEL = x(4)
MEAN, VAR = x(4, grad=False), x(4, low=0.2, high=2, grad=False)


def by(v, axes, eps, weight=None, bias=None, mean=None, var=None):
    """(v - mean) / sqrt(var + eps) * weight + bias; the parameters lie along `axes`' complement already."""
    mean = v.mean(axes, keepdims=True) if mean is None else mean
    var = ((v - mean) ** 2).mean(axes, keepdims=True) if var is None else var
    scale = 1 / np.sqrt(var + eps)
    y = (v - mean) * scale
    y = y if weight is None else y * weight
    return (y if bias is None else y + bias), mean, scale


def last(shape):
    return tuple(range(-len(shape), 0))


def layer_norm(v, shape, weight=None, bias=None, eps=1e-5):
    return by(v, last(shape), eps, weight, bias)


def rms_norm(v, shape, weight=None, eps=None):
    y = v / np.sqrt((v * v).mean(last(shape), keepdims=True) + (eps or 0))
    return y if weight is None else y * weight


def beside(p, v):
    return None if p is None else p.reshape(-1, *(1,) * (v.ndim - 2))


def batch_norm(v, weight, bias, mean, var, training, momentum=0.1, eps=1e-5, cudnn_enabled=False):
    axes = (0, *range(2, v.ndim))
    kept = (None, None) if training else (beside(mean, v), beside(var, v))
    return by(v, axes, eps, beside(weight, v), beside(bias, v), *kept)


def batch_norm_call(*args, **kwargs):
    return (st.batch_norm if len(args) > 5 else st.nn.functional.batch_norm)(*args, **kwargs)


def batch_norm_any(v, *args, **kwargs):
    if len(args) > 4:
        return batch_norm(v, *args)[0]
    return batch_norm(v, kwargs.get("weight"), kwargs.get("bias"), *args, kwargs["training"])[0]


def native_batch_norm(v, weight, bias, mean, var, training, momentum, eps):
    y, m, r = batch_norm(v, weight, bias, mean, var, training, momentum, eps)
    return [y, m.reshape(-1), r.reshape(-1)] if training else [y, np.zeros(0), np.zeros(0)]


def instance_norm(v, weight, bias, mean, var, training, momentum, eps, cudnn_enabled):
    axes = tuple(range(2, v.ndim))
    kept = (None, None) if training else (beside(mean, v), beside(var, v))
    return by(v, axes, eps, beside(weight, v), beside(bias, v), *kept)[0]


def native_group_norm(v, weight, bias, n, c, s, groups, eps):
    y, m, r = by(v.reshape(n, groups, -1), 2, eps)
    y = y.reshape(n, c, s)
    y = y if weight is None else y * weight[:, None]
    y = y if bias is None else y + bias[:, None]
    return [y.reshape(v.shape), m.reshape(n, groups), r.reshape(n, groups)]


def group_norm(v, groups, weight=None, bias=None, eps=1e-5):
    return native_group_norm(v, weight, bias, *v.shape[:2], v[0, 0].size, groups, eps)[0]


TRAIN = [(v, w, b, MEAN, VAR, True, 0.1, 1e-3) for v, w, b in ((CUBE, PER_CHANNEL, PER_CHANNEL), (x(7, 4), PER_CHANNEL, None), (x(2, 4, 3, 2), None, None))]
EVAL = [(v, w, b, MEAN, VAR, False, 0.1, 1e-3) for v, w, b in ((CUBE, PER_CHANNEL, PER_CHANNEL), (x(7, 4), None, None))]
FLOAT = {"dtypes": "f", "special": False, "atol": 64, "half_tol": 4}

NORMS = {
    "layer_norm": op((M, [4]), (M, [4], PER_ROW, x(4)), (CUBE, [4, 5], x(4, 5), None, 1e-3), (CUBE, [5], None, x(5)), (x(2, 131), [131], x(131), x(131)),
        ref=lambda *a: layer_norm(*a)[0], **FLOAT),
    "native_layer_norm": op((M, [4], PER_ROW, x(4), 1e-5), (CUBE, [4, 5], None, None, 1e-3), ref=lambda *a: list(layer_norm(*a)), constants=2, **FLOAT),
    "rms_norm": op((M, [4]), (M, [4], PER_ROW, 1e-3), (CUBE, [4, 5], x(4, 5)), (x(2, 131), [131], x(131)), ref=rms_norm, **FLOAT),
    "batch_norm": op(*[(*call, False) for call in TRAIN + EVAL], (CUBE, MEAN, VAR, {"weight": PER_CHANNEL, "training": True}),
        (x(300, 5), None, None, {"training": True}), (CUBE, MEAN, VAR, {"bias": PER_CHANNEL, "training": False}),
        call=batch_norm_call, ref=batch_norm_any, **FLOAT),
    "native_batch_norm": op(*TRAIN, *EVAL, ref=native_batch_norm, constants=2, **FLOAT),
    "instance_norm": op(*[(*call, False) for call in (TRAIN[0], TRAIN[2], EVAL[0])], ref=instance_norm, **FLOAT),
    "group_norm": op((x(3, 4), 2), (CUBE, 2), (CUBE, 1, PER_CHANNEL, PER_CHANNEL), (x(2, 4, 3, 2), 4, PER_CHANNEL, None, 1e-3), ref=group_norm, **FLOAT),
    "native_group_norm": op((CUBE, PER_CHANNEL, PER_CHANNEL, 2, 4, 5, 2, 1e-5), (x(2, 4, 3, 2), None, None, 2, 4, 6, 1, 1e-3), ref=native_group_norm, **FLOAT),
}
