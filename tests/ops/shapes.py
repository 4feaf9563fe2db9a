"""Samples of the ops that rearrange, join, split or copy elements: one line an op."""

import numpy as np

import steepest as st

from .draw import i, op, scalar, x
from .reference import sizes

M = x(3, 4)
CUBE = x(2, 3, 4)


def split(v, size, dim=0):
    at = range(size, v.shape[dim], size) if isinstance(size, int) else np.cumsum(size)[:-1]
    return np.split(v, at, dim)


def chunk(v, n, dim=0):
    return split(v, -(-v.shape[dim] // n), dim)


def strided(v, size, stride, offset=0):
    flat = np.ascontiguousarray(v).reshape(-1)[offset:]
    return np.lib.stride_tricks.as_strided(flat, size, [s * flat.itemsize for s in stride])


def expand(v, *size):
    size = sizes(size)
    own = (1,) * (len(size) - v.ndim) + v.shape
    return np.broadcast_to(v, [o if n == -1 else n for n, o in zip(size, own)])


def meshgrid(*v, indexing):
    return np.meshgrid(*(v[0] if isinstance(v[0], list) else v), indexing=indexing)


def diag_embed(v, offset=0, dim1=-2, dim2=-1):
    n = v.shape[-1] + abs(offset)
    y = np.zeros((*v.shape[:-1], n, n), v.dtype)
    k = np.arange(v.shape[-1])
    y[..., k + max(-offset, 0), k + max(offset, 0)] = v
    return np.moveaxis(y, (-2, -1), (dim1, dim2))


def repeat_interleave(v, n=None, dim=None, output_size=None):
    return np.repeat(np.arange(v.size), v) if n is None else np.repeat(v, n, dim)


def block_diag(*v):
    y = np.zeros(np.sum([m.shape for m in v], 0), v[0].dtype)
    at = np.cumsum([(0, 0), *(m.shape for m in v)], 0)
    for m, (r, c) in zip(v, at):
        y[r : r + m.shape[0], c : c + m.shape[1]] = m
    return y


def permute(v, *dims):
    return v.transpose(*dims)


def reshape(v, *shape):
    return v.view(float) if shape == (st.float64,) else v.reshape(*shape)


def squeeze(v, dim=None):
    dims = range(v.ndim) if dim is None else dim if isinstance(dim, tuple) else (dim,)
    return v.squeeze(tuple(d for d in dims if v.shape[d] == 1))


def flatten(v, start=0, end=-1):
    return v.reshape(*v.shape[:start], -1, *v.shape[end % v.ndim + 1 :])


SHAPES = {
    "clone": op(CUBE, scalar(), ref=np.copy),
    "contiguous": op(CUBE, scalar(), ref=np.copy, views=True),
    "detach": op(CUBE, ref=np.copy, grad=False, views=True),
    "detach_": op(CUBE, ref=np.copy, grad=False, views=True),
    "type_as": op((M, x(2)), ref=lambda v, other: v, views=True),
    "permute": op((CUBE, (2, 0, 1)), (CUBE, 1, -1, 0), ref=permute, views=True),
    "transpose": op((CUBE, 0, 2), (CUBE, -1, 1), ref=np.swapaxes, views=True),
    "swapaxes": op((CUBE, 0, 2), (CUBE, -1, 1), ref=np.swapaxes, views=True),
    "swapdims": op((CUBE, 0, 2), (CUBE, -1, 1), ref=np.swapaxes, views=True),
    "transpose_": op((CUBE, 0, 2), ref=np.swapaxes, views=True),
    "swapaxes_": op((CUBE, 0, 2), ref=np.swapaxes, views=True),
    "swapdims_": op((CUBE, 0, 2), ref=np.swapaxes, views=True),
    "t": op(M, x(3), scalar(), ref=np.transpose, views=True),
    "t_": op(M, ref=np.transpose, views=True),
    "adjoint": op(CUBE, ref=lambda v: v.swapaxes(-1, -2), views=True),
    "movedim": op((CUBE, 0, 2), (CUBE, (0, 1), (-1, 0)), ref=np.moveaxis, views=True),
    "moveaxis": op((CUBE, 0, 2), (CUBE, (0, 1), (-1, 0)), ref=np.moveaxis, views=True),
    "view": op((CUBE, 6, 4), (CUBE, (-1, 2)), (scalar(), 1), (i(3, 4, high=9), st.float64), ref=reshape, views=True,
        layouts=False),
    "view_as": op((CUBE, x(6, 4, grad=False)), ref=lambda v, o: v.reshape(o.shape), views=True, layouts=False),
    "reshape": op((CUBE, 6, 4), (CUBE, (-1, 2)), (scalar(), (1, 1)), (x(0, 3), (3, 0)), ref=reshape, views=True),
    "reshape_as": op((CUBE, x(6, 4, grad=False)), ref=lambda v, o: v.reshape(o.shape), views=True),
    "flatten": op((CUBE,), (CUBE, 1), (CUBE, 0, 1), ref=flatten, views=True),
    "unflatten": op((CUBE, 2, (2, 2)), (CUBE, -1, (-1, 1)), ref=lambda v, d, s: v.reshape(2, 3, *s), views=True),
    "ravel": op(CUBE, scalar(), ref=np.ravel, views=True),
    "squeeze": op((x(1, 3, 1),), (x(1, 3, 1), 0), (x(1, 3, 1), 1), (x(1, 3, 1), (0, 2)), ref=squeeze, views=True),
    "squeeze_": op((x(1, 3, 1),), (x(1, 3, 1), 0), (x(1, 3, 1), (0, 2)), ref=squeeze, views=True),
    "unsqueeze": op((M, 0), (M, -1), (scalar(), 0), ref=np.expand_dims, views=True),
    "unsqueeze_": op((M, 0), (M, -1), ref=np.expand_dims, views=True),
    "expand": op((x(3, 1), 2, 3, 4), (x(3, 1), (-1, 4)), (scalar(), 2), ref=expand, views=True),
    "expand_as": op((x(3, 1), x(2, 3, 4, grad=False)), ref=lambda v, o: np.broadcast_to(v, o.shape), views=True),
    "broadcast_to": op((x(3, 1), (2, 3, 4)), ref=np.broadcast_to, views=True),
    "broadcast_tensors": op((x(3, 1), x(4)), (x(3, 1), x(2, 1, 4), scalar()), ref=np.broadcast_arrays, views=True),
    "sum_to_size": op((CUBE, 3, 1), (CUBE, (2, 1, 4)),
        ref=lambda v, *s: v.sum((0, 2))[:, None] if s == (3, 1) else v.sum(1, keepdims=True)),
    "atleast_1d": op(M, scalar(), (scalar(), M), ref=lambda *v: np.atleast_1d(*v), views=True),
    "atleast_2d": op(M, x(3), (scalar(), M), ref=lambda *v: np.atleast_2d(*v), views=True),
    "atleast_3d": op(M, x(3), (scalar(), M), ref=lambda *v: np.atleast_3d(*v), views=True),
    "select": op((CUBE, 1, 2), (CUBE, -1, -1), ref=lambda v, d, k: np.take(v, k, d), views=True),
    "slice": op((M, 1, 1, 3), (M, 0, None, -1), ref=lambda v, d, a, b: v[:, a:b] if d else v[a:b],
        call=lambda v, d, a, b: v[:, a:b] if d else v[a:b], views=True),
    "narrow": op((CUBE, 1, 1, 2), (CUBE, -1, -3, 2), (CUBE, 0, i(high=1), 1),
        ref=lambda v, d, s, n: np.take(v, [int(s) % v.shape[d] + k for k in range(n)], d), views=True),
    "diagonal": op(M, (M, 1), (CUBE, -1, 0, 2), ref=np.diagonal, views=True),
    "diagonal_copy": op(M, (M, 1), (CUBE, -1, 0, 2), ref=np.diagonal),
    "unfold": op((x(7), 0, 3, 2), ref=lambda v, d, n, s: np.stack([v[k : k + n] for k in range(0, 5, s)]), views=True),
    "as_strided": op((M, (2, 2), (1, 3)), (M, (2, 3), (4, 1), 1), ref=strided, views=True, layouts=False),
    "as_strided_": op((M, (2, 2), (1, 3)), ref=strided, views=True, layouts=False),
    "unbind": op(M, (CUBE, -1), ref=lambda v, d=0: list(np.moveaxis(v, d, 0)), views=True),
    "split": op((x(7, 2), 3), (x(2, 7), 3, 1), (x(7), (2, 5)), ref=split, views=True),
    "split_with_sizes": op((x(7, 2), (3, 4)), (x(2, 7), (0, 2, 5), 1), ref=split, views=True),
    "chunk": op((x(7, 2), 3), (x(2, 7), 2, -1), ref=chunk, views=True),
    "tensor_split": op((x(7, 2), 3), (x(2, 7), (1, 4), 1), (x(7), i(high=4, low=3)),
        ref=lambda v, n, d=0: np.array_split(v, int(n) if np.ndim(n) == 0 else n, d), views=True),
    "hsplit": op((x(2, 6), 3), (x(2, 6), (1, 4)), ref=np.hsplit, views=True),
    "vsplit": op((x(6, 2), 3), (x(6, 2), (1, 4)), ref=np.vsplit, views=True),
    "dsplit": op((x(1, 2, 6), 3), (x(1, 2, 6), (1, 4)), ref=np.dsplit, views=True),
    "cat": op(([M, x(2, 4)],), ([M, x(3, 2)], 1), ([M, x(0)], -1),
        ref=lambda v, d=0: np.concatenate([a for a in v if a.shape != (0,)], d)),
    "concat": op(([M, x(2, 4)],), ([M, x(3, 2)], 1), ref=np.concatenate),
    "concatenate": op(([M, x(2, 4)],), ([M, x(3, 2)], 1), ref=np.concatenate),
    "stack": op(([M, M],), ([M, M, M], -1), ref=np.stack),
    "hstack": op(([M, x(3, 2)],), ([x(2), x(3)],), ref=np.hstack),
    "vstack": op(([M, x(2, 4)],), ([x(2), x(2)],), ref=np.vstack),
    "row_stack": op(([M, x(2, 4)],), ref=np.vstack),
    "dstack": op(([M, M],), ([x(2), x(2)],), ref=np.dstack),
    "column_stack": op(([M, x(3)],), ref=np.column_stack),
    "meshgrid": op((x(2), x(3), {"indexing": "ij"}), ([x(2), x(3)], {"indexing": "xy"}),
        ref=meshgrid, views=True),
    "block_diag": op((M, x(2, 2)), ref=block_diag),
    "flip": op((CUBE, 0), (CUBE, (0, 2)), ref=lambda v, d: np.flip(v, d)),
    "fliplr": op(M, ref=np.fliplr),
    "flipud": op(M, ref=np.flipud),
    "rot90": op(M, (CUBE, 2, (1, 2)), (CUBE, -1, (0, 2)), ref=lambda v, k=1, axes=(0, 1): np.rot90(v, k, axes)),
    "roll": op((M, 1), (M, 2, 1), (M, (1, -2), (0, 1)), ref=lambda v, s, d=None: np.roll(v, s, d)),
    "repeat": op((M, 2, 1), (M, (2, 1, 2)), (M, 0, 1), ref=lambda v, *n: np.tile(v, sizes(n))),
    "tile": op((M, 2), (M, (2, 1, 2)), ref=lambda v, *n: np.tile(v, sizes(n))),
    "repeat_interleave": op((M, 2), (M, 2, 1), (M, i(3, high=3), 0), (i(5, high=3),), ref=repeat_interleave),
    "tril": op(M, (CUBE, 1), (CUBE, -1), (x(5, 0),), ref=np.tril),
    "triu": op(M, (CUBE, 1), (CUBE, -1), (x(5, 0),), ref=np.triu),
    "diag": op(M, x(3), (x(3), 1), (M, -1), ref=np.diag),
    "diagflat": op(M, (x(3), 1), ref=np.diagflat),
    "diag_embed": op(x(3), (M, 1), (M, -1, 0, 2), ref=diag_embed),
}
