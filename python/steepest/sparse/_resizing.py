"""Sparse tensors laid out anew, in place."""

from .. import _C
from ._tensor import SparseTensor, make, op


def _check(size, sparse_dim, dense_dim):
    if len(size) != sparse_dim + dense_dim:
        raise RuntimeError(
            f"'len(size) == sparse_dim + dense_dim' is not satisfied: len(size) = {len(size)}, sparse_dim = {sparse_dim}, "
            f"dense_dim = {dense_dim}"
        )


@op("sparse_resize_and_clear_")
def _sparse_resize_and_clear_(x, size, sparse_dim, dense_dim):
    _check(size, sparse_dim, dense_dim)
    x.data = make(_C.zeros((sparse_dim, 0), dtype=_C.int64), _C.zeros((0, *size[sparse_dim:]), dtype=x.dtype), size)
    return x


@op("sparse_resize_")
def _sparse_resize_(x, size, sparse_dim, dense_dim):
    _check(size, sparse_dim, dense_dim)
    if not x._nnz():
        return _sparse_resize_and_clear_(x, size, sparse_dim, dense_dim)
    for kind, before, after in (("sparse", x.sparse_dim(), sparse_dim), ("dense", x.dense_dim(), dense_dim)):
        if before != after:
            raise RuntimeError(
                f"changing the number of {kind} dimensions (from {before} to {after}) on a non-empty sparse tensor is not supported."
            )
    for kind, old, new in (("sparse", x.shape[:sparse_dim], size[:sparse_dim]), ("dense", x.shape[sparse_dim:], size[sparse_dim:])):
        if any(b < a for a, b in zip(old, new, strict=True)):
            raise RuntimeError(
                f"shrinking the size of {kind} dimensions (from {list(old)} to {list(new)}) on a non-empty sparse tensor is not supported."
            )
    indices, values = x._held
    grown = _C.zeros((values.shape[0], *size[sparse_dim:]), dtype=x.dtype)
    grown[tuple(slice(n) for n in values.shape)] = values.detach()
    x.data = make(indices, grown, size, x._in_order)
    return x


SparseTensor.sparse_resize_, SparseTensor.sparse_resize_and_clear_ = _sparse_resize_, _sparse_resize_and_clear_
