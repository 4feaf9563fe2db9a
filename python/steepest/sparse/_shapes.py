"""Sparse tensors of other shapes: dimensions in another order, more or fewer of them, parts, several joined."""

import operator

from .. import _C
from ..size import wrap_dim
from ._parts import is_sparse, linear
from ._tensor import SparseTensor, make, op


@op("permute")
def _permute(x, *dims):
    dims = tuple(dims[0]) if len(dims) == 1 and not isinstance(dims[0], int) else dims
    if len(dims) != x.dim():
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of "
            f"dimensions i.e. input.dim() = {x.dim()} is not equal to len(dims) = {len(dims)}"
        )
    dims = [wrap_dim(d, x.dim()) for d in dims]
    if len(set(dims)) != len(dims):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    n, (indices, values) = x.sparse_dim(), x._held
    if any(d >= n for d in dims[:n]):
        raise RuntimeError("permute(sparse_coo): sparse and dense dimensions cannot change places")
    in_order = x._in_order and dims[:n] == list(range(n))
    values = values.permute(0, *(d - n + 1 for d in dims[n:]))
    return make(indices[dims[:n]], values, [x.shape[d] for d in dims], in_order)


@op("transpose", "swapaxes", "swapdims")
def _transpose(x, dim0, dim1):
    dims = list(range(x.dim()))
    a, b = wrap_dim(dim0, x.dim()), wrap_dim(dim1, x.dim())
    dims[a], dims[b] = dims[b], dims[a]
    return _permute(x, *dims)


@op("t")
def _t(x):
    return _permute(x, *reversed(range(x.dim())))


@op("unsqueeze")
def _unsqueeze(x, dim):
    n, (indices, values) = x.sparse_dim(), x._held
    dim = wrap_dim(dim, x.dim() + 1)
    size = (*x.shape[:dim], 1, *x.shape[dim:])
    if dim > n:
        return make(indices, values.unsqueeze(dim - n + 1), size, x._in_order)
    return make(_C.cat([indices[:dim], _C.zeros_like(linear(x))[None], indices[dim:]]), values, size)


@op("select")
def _select(x, dim, index):
    return _at(x, wrap_dim(dim, x.dim()), index, dim)


def _at(x, dim, index, named):
    """The slice at an index of a dimension, which messages call `named`; a dense tensor where no sparse dimension is left."""
    if not isinstance(x, SparseTensor):
        return x.select(dim, index)
    n, (indices, values) = x.sparse_dim(), x._held
    if not -x.shape[dim] <= index < x.shape[dim]:
        raise IndexError(f"index {index} is out of bounds for dimension {named} with size {x.shape[dim]}")
    index, size = index % x.shape[dim], (*x.shape[:dim], *x.shape[dim + 1 :])
    if dim >= n:
        return make(indices, values.select(dim - n + 1, index), size, x._in_order)
    there = indices[dim] == index
    if n == 1:
        return values[there].sum(0)
    return make(_C.cat([indices[:dim], indices[dim + 1 :]])[:, there], values[there], size, x._in_order)


@op("__getitem__")
def _getitem(x, index):
    for part in index if isinstance(index, tuple) else (index,):
        if part is not None and not hasattr(part, "__index__"):
            raise NotImplementedError(f"sparse tensors are indexed by integers and None alone, not by {type(part).__name__}")
    dim = given = 0
    for part in index if isinstance(index, tuple) else (index,):
        if part is None:
            x, dim = x.unsqueeze(dim), dim + 1
            continue
        x, given = _at(x, dim, operator.index(part), given), given + 1
    return x


@op("index_select")
def _index_select(x, dim, index):
    dim, n, (indices, values) = wrap_dim(dim, x.dim()), x.sparse_dim(), x._held
    size = (*x.shape[:dim], index.numel(), *x.shape[dim + 1 :])
    if dim >= n:
        return make(indices, values.index_select(dim - n + 1, index), size, x._in_order)
    if index.numel() and not 0 <= int(index.min()) <= int(index.max()) < x.shape[dim]:
        raise IndexError("index_select(): index out of range")
    # Entries sorted by this dimension; each index then names a run of them.
    order = indices[dim].argsort(stable=True)
    counts = _C.bincount(indices[dim], minlength=x.shape[dim])
    starts = counts.cumsum(0) - counts
    times = counts[index]
    number = _C.repeat_interleave(_C.arange(index.numel()), times)
    within = _C.arange(number.numel()) - _C.repeat_interleave(times.cumsum(0) - times, times)
    chosen = order[starts[index][number] + within]
    taken = indices[:, chosen]
    return make(_C.cat([taken[:dim], number[None], taken[dim + 1 :]]), values[chosen], size)


def _check_sparse(tensors):
    for place, x in enumerate(tensors):
        if not is_sparse(x):
            raise RuntimeError(f"Concatenating sparse tensors, but a dense tensor was found at position {place}.")


@op("cat", "concat", "concatenate")
def _cat(tensors, dim=0):
    _check_sparse(tensors)
    first = tensors[0]
    dim, n, starts = wrap_dim(dim, first.dim()), first.sparse_dim(), [0]
    for x in tensors:
        starts.append(starts[-1] + x.shape[dim])
        if x.shape[:dim] != first.shape[:dim] or x.shape[dim + 1 :] != first.shape[dim + 1 :]:
            raise RuntimeError(f"Sizes of tensors must match except in dimension {dim}. Got {list(first.shape)} and {list(x.shape)}")
    size = (*first.shape[:dim], starts[-1], *first.shape[dim + 1 :])
    parts = []
    for x, start in zip(tensors, starts, strict=False):
        indices, values = x._held
        if dim < n:
            indices = _C.cat([indices[:dim], indices[dim : dim + 1] + start, indices[dim + 1 :]])
        else:
            before, after = start, starts[-1] - start - x.shape[dim]
            widths = [*values.shape]
            widths[dim - n + 1] = before
            left = values.new_zeros(widths)
            widths[dim - n + 1] = after
            values = _C.cat([left, values, values.new_zeros(widths)], dim - n + 1)
        parts.append((indices, values))
    return make(_C.cat([i for i, _ in parts], 1), _C.cat([v for _, v in parts]), size)


@op("unbind")
def _unbind(x, dim=0):
    return tuple(x.select(dim, i) for i in range(x.shape[wrap_dim(dim, x.dim())]))


@op("stack")
def _stack(tensors, dim=0):
    _check_sparse(tensors)
    return _cat([x.unsqueeze(dim) for x in tensors], dim % (tensors[0].dim() + 1))
