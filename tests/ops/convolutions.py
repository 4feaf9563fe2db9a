"""Samples of the convolutions and of sliding blocks: one line an op, and what they are by their definition."""

from itertools import product

import numpy as np

from .draw import op, x


def several(value, n):
    return tuple(value) * (n // len(value)) if isinstance(value, (tuple, list)) else (value,) * n


def conv(v, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The sum over taps of products with the input shifted; what is read outside it counts as 0."""
    n = weight.ndim - 2
    if v.ndim == n + 1:
        return conv(v[None], weight, bias, stride, padding, dilation, groups)[0]
    stride, dilation = several(stride, n), several(dilation, n)
    reach = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same":
        padding, sizes = [r // 2 for r in reach], v.shape[2:]
    else:
        padding = several(0 if padding == "valid" else padding, n)
        sizes = [(s + 2 * p - r - 1) // t + 1 for s, p, r, t in zip(v.shape[2:], padding, reach, stride)]
    out = np.zeros((len(v), len(weight), *sizes), v.dtype)
    ci, co = weight.shape[1], len(weight) // groups
    for tap in product(*map(range, weight.shape[2:])):
        places = [np.arange(o) * s + t * d - p for o, s, t, d, p in zip(sizes, stride, tap, dilation, padding)]
        inside = [(0 <= place) & (place < size) for place, size in zip(places, v.shape[2:])]
        part = v[(slice(None), slice(None), *np.ix_(*(np.clip(p, 0, s - 1) for p, s in zip(places, v.shape[2:]))))]
        mask = np.ones((), bool)
        for i, each in enumerate(inside):
            mask = mask & each.reshape([-1 if i == j else 1 for j in range(n)])
        part = part * mask
        for g in range(groups):
            w = weight[(slice(g * co, (g + 1) * co), slice(None), *tap)]
            out[:, g * co : (g + 1) * co] += np.einsum("oc,nc...->no...", w, part[:, g * ci : (g + 1) * ci])
    return out if bias is None else out + bias.reshape(-1, *[1] * n)


def conv_transpose(v, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """A convolution of the input with zeros between its elements, with the kernel turned round."""
    n = weight.ndim - 2
    if v.ndim == n + 1:
        return conv_transpose(v[None], weight, bias, stride, padding, output_padding, groups, dilation)[0]
    stride, padding, more, dilation = (several(a, n) for a in (stride, padding, output_padding, dilation))
    reach = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    full = [(s - 1) * t + 1 + 2 * r + m for s, t, r, m in zip(v.shape[2:], stride, reach, more)]
    wide = np.zeros((*v.shape[:2], *full), v.dtype)
    wide[(..., *(slice(r, r + (s - 1) * t + 1, t) for r, s, t in zip(reach, v.shape[2:], stride)))] = v
    ci = v.shape[1] // groups
    w = np.concatenate([weight[g * ci : (g + 1) * ci].swapaxes(0, 1) for g in range(groups)])
    out = conv(wide, np.flip(w, tuple(range(2, n + 2))), None, 1, 0, dilation, groups)
    out = out[(..., *(slice(p, s - p) for p, s in zip(padding, out.shape[2:])))]
    return out if bias is None else out + bias.reshape(-1, *[1] * n)


def im2col(v, kernel, dilation, padding, stride):
    if v.ndim == 3:
        return im2col(v[None], kernel, dilation, padding, stride)[0]
    v = np.pad(v, [(0, 0), (0, 0), *((p, p) for p in padding)])
    blocks = [(s - d * (k - 1) - 1) // t + 1 for s, d, k, t in zip(v.shape[2:], dilation, kernel, stride)]
    taps = [
        v[:, :, a * dilation[0] :: stride[0], b * dilation[1] :: stride[1]][:, :, : blocks[0], : blocks[1]]
        for a, b in product(*map(range, kernel))
    ]
    return np.stack(taps, 2).reshape(len(v), -1, blocks[0] * blocks[1])


def col2im(v, size, kernel, dilation, padding, stride):
    if v.ndim == 2:
        return col2im(v[None], size, kernel, dilation, padding, stride)[0]
    places = np.arange(size[0] * size[1]).reshape(1, 1, *size) + 1
    names = im2col(places, kernel, dilation, padding, stride)[0].astype(int).reshape(kernel[0] * kernel[1], -1)
    v = v.reshape(len(v), -1, *names.shape)
    out = np.zeros((*v.shape[:2], size[0] * size[1] + 1), v.dtype)
    for tap, block in np.ndindex(names.shape):
        out[:, :, names[tap, block]] += v[:, :, tap, block]
    return out[:, :, 1:].reshape(*v.shape[:2], *size)


def conv_tbc(v, weight, bias, pad=0):
    return conv(v.transpose(1, 2, 0), weight.transpose(2, 1, 0), bias, padding=pad).transpose(2, 0, 1)


def convolution(v, weight, bias, stride, padding, dilation, transposed, output_padding, groups):
    if transposed:
        return conv_transpose(v, weight, bias, stride, padding, output_padding, groups, dilation)
    return conv(v, weight, bias, stride, padding, dilation, groups)


CONVOLUTIONS = {
    "conv1d": op((x(2, 3, 9), x(4, 3, 3)), (x(3, 9), x(4, 3, 3), x(4)), (x(2, 4, 9), x(6, 2, 3), x(6), 2, 3, 2, 2),
        (x(1, 2, 7), x(2, 2, 4), {"padding": "same"}), (x(0, 3, 9), x(4, 3, 3)), (x(1, 2, 40), x(2, 2, 3)), ref=conv, dtypes="fi"),
    "conv2d": op((x(2, 3, 5, 6), x(4, 3, 3, 2)), (x(2, 3, 5, 6), x(4, 3, 3, 3), x(4), {"padding": 1}),
        (x(4, 5, 6), x(4, 2, 3, 2), x(4), (2, 1), (1, 2), (1, 2), 2), (x(2, 4, 5, 5), x(4, 1, 3, 3), {"groups": 4, "padding": 1}),
        (x(1, 2, 5, 5), x(2, 2, 3, 4), {"padding": "same", "dilation": 2}), (x(2, 3, 4, 4), x(5, 3, 1, 1), x(5)),
        (x(1, 2, 7, 7), x(3, 2, 2, 2), {"stride": 3, "padding": "valid"}), (x(1, 1, 4, 20), x(9, 1, 3, 3), {"padding": 3}),
        ref=conv, dtypes="fi"),
    "conv3d": op((x(2, 2, 4, 3, 5), x(3, 2, 2, 3, 2), x(3)), (x(2, 4, 4, 4), x(2, 1, 2, 2, 2), x(2), 2, 1, 1, 2),
        (x(1, 1, 3, 3, 3), x(1, 1, 3, 3, 3), {"padding": "same"}), ref=conv, dtypes="fi"),
    "conv_transpose1d": op((x(2, 3, 5), x(3, 4, 3)), (x(4, 5), x(4, 3, 3), x(6), 3, 1, 2, 2, 2), ref=conv_transpose, dtypes="f"),
    "conv_transpose2d": op((x(2, 3, 4, 5), x(3, 4, 3, 2)), (x(4, 3, 4), x(4, 2, 3, 3), x(4), (2, 3), 1, 1, 2),
        (x(1, 2, 3, 3), x(2, 2, 2, 2), {"output_padding": 2, "dilation": 3}), (x(1, 2, 4, 4), x(2, 3, 1, 1), {"stride": 2}),
        ref=conv_transpose, dtypes="f"),
    "conv_transpose3d": op((x(2, 2, 3, 2, 3), x(2, 3, 2, 3, 2), x(3)), (x(2, 3, 3, 3), x(2, 1, 2, 2, 2), x(2), 2, 1, 1, 2),
        ref=conv_transpose, dtypes="f"),
    "convolution": op((x(2, 3, 6), x(4, 3, 3), x(4), [2], [1], [1], False, [0], 1),
        (x(2, 4, 3, 3), x(4, 1, 3, 3), None, [2, 2], [1, 1], [1, 1], True, [1, 0], 2), ref=convolution, dtypes="f"),
    "conv_tbc": op((x(6, 2, 3), x(3, 3, 4), x(4)), (x(6, 2, 3), x(3, 3, 4), x(4), 2), ref=conv_tbc, dtypes="f"),
    "im2col": op((x(2, 3, 5, 6), (3, 2), (1, 1), (0, 0), (1, 1)), (x(3, 5, 6), (2, 3), (2, 1), (1, 2), (2, 3)), ref=im2col, dtypes="f"),
    "col2im": op((x(2, 18, 15), (5, 6), (3, 2), (1, 1), (0, 0), (1, 1)), (x(18, 9), (5, 6), (2, 3), (2, 1), (1, 2), (2, 3)),
        ref=col2im, dtypes="f"),
}
