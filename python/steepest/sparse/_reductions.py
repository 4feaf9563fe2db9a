"""Sums, norms and softmax of sparse tensors."""

import math

from .. import _C
from ..size import wrap_dim
from ._parts import linear
from ._tensor import like, make, op

__all__ = ["log_softmax", "softmax", "sparse_sum"]


@op("sum")
def sparse_sum(x, dim=None, keepdim=False, *, dtype=None):
    """The sum of all entries, a dense tensor of no dimensions, or sums along dimensions: sparse unless all sparse ones are summed."""
    if dtype is not None:
        x = x.to(dtype)
    if dim is None or dim == ():
        return x._held[1].sum()
    dims = sorted({wrap_dim(d, x.dim()) for d in ((dim,) if isinstance(dim, int) else dim)})
    n, (indices, values) = x.sparse_dim(), x._held
    dense = [d - n + 1 for d in dims if d >= n]
    values = values.sum(dense) if dense else values
    left = [d for d in range(n) if d not in dims]
    size = [s for d, s in enumerate(x.shape) if d not in dims]
    if not left:
        result = values.sum(0)
    elif len(left) == n:
        result = make(indices, values, size, x._in_order)
    else:
        result = make(indices[left], values, size).coalesce()
    for d in dims if keepdim else ():
        result = result.unsqueeze(d)
    return result


@op("norm")
def _norm(x, p="fro", dim=None, keepdim=False, dtype=None):
    if dim not in (None, (), []) and len({wrap_dim(d, x.dim()) for d in ((dim,) if isinstance(dim, int) else dim)}) < x.dim():
        raise RuntimeError(
            "norm_sparse currently only supports full reductions, so 'dim' must either be empty or contain all dimensions of the input"
        )
    return x.coalesce()._held[1].flatten().norm(2 if p == "fro" else p, dtype=dtype)


@op("is_same_size")
def _is_same_size(x, other):
    return x.shape == other.shape


@op("any")
def _any(x):
    return x.coalesce()._held[1].any()


def softmax(input, dim, *, dtype=None):
    """Softmax along a dimension among the entries that are there; absent ones count as minus infinity, and stay absent.

    >>> import steepest as torch
    >>> torch.sparse.softmax(torch.tensor([[1.0, 0.0, 1.0]]).to_sparse(), 1).to_dense()
    tensor([[0.5000, 0.0000, 0.5000]])
    """
    x = (input if dtype is None else input.to(dtype)).coalesce()
    dim = wrap_dim(dim, x.dim())
    shifted, sums, at = _shares(x, dim)
    return like(x, x._held[1].softmax(dim - x.sparse_dim() + 1) if sums is None else shifted.exp() / sums[at])


def log_softmax(input, dim, *, dtype=None):
    """The logarithm of :func:`softmax`.

    >>> import steepest as torch
    >>> torch.sparse.log_softmax(torch.tensor([[1.0, 0.0, 1.0]]).to_sparse(), 1).values()
    tensor([-0.6931, -0.6931])
    """
    x = (input if dtype is None else input.to(dtype)).coalesce()
    dim = wrap_dim(dim, x.dim())
    shifted, sums, at = _shares(x, dim)
    return like(x, x._held[1].log_softmax(dim - x.sparse_dim() + 1) if sums is None else shifted - sums.log()[at])


def _shares(x, dim):
    """(values less the largest of their group, sums of exponentials by group, groups), a group being what differs in `dim` alone."""
    if dim >= x.sparse_dim():
        return None, None, None
    values = x._held[1]
    _, at = _C.unique(linear(x, [d for d in range(x.sparse_dim()) if d != dim]), return_inverse=True)
    groups = int(at.max()) + 1 if at.numel() else 0
    largest = _C.full((groups, *values.shape[1:]), -math.inf, dtype=values.dtype)
    largest = largest.index_reduce(0, at, values.detach(), "amax")
    shifted = values - largest[at]
    return shifted, _C.zeros_like(largest).index_add(0, at, shifted.exp()), at
