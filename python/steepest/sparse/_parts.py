"""Parts of sparse tensors, and what they are made into: dense, coalesced, of another dtype, copied."""

import math

from .. import _C
from ..complex_numbers import scalar_type
from ._tensor import SparseTensor, like, make, op

__all__ = ["become", "fitted", "from_dense", "is_sparse", "linear", "taken", "zeros_like"]


def linear(x, dims=None):
    """For each entry its place among the sparse dimensions, or some of them, counted row by row."""
    indices, at = x._held[0], 0
    for dim in range(indices.shape[0]) if dims is None else dims:
        at = at * x.shape[dim] + indices[dim]
    return _C.zeros(indices.shape[1], dtype=_C.int64) if isinstance(at, int) else at


def is_sparse(x):
    return isinstance(x, SparseTensor)


def fitted(values, dtype):
    """Values for a tensor of this dtype that is written to; RuntimeError where they are of a kind that it cannot hold."""
    if not _C.can_cast(values.dtype, dtype):
        names = [scalar_type(_C.empty(0, dtype=d)) for d in (values.dtype, dtype)]
        raise RuntimeError(f"result type {names[0]} can't be cast to the desired output type {names[1]}")
    return values.to(dtype)


def become(x, result):
    """x with what `result` holds, for the forms in place; a leaf, to which only unrecorded ones may write, stays one."""
    (indices, values), (places, own) = result._held, x._held
    values = fitted(values, x.dtype)
    if own.requires_grad and own.is_leaf:
        if _C.is_grad_enabled():
            raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
        values = values.detach().requires_grad_()
        values.grad = own.grad if indices is places else None
    x._held, x._in_order = (indices, values), result._in_order
    return x


def taken(x, indices):
    """The elements, or slices, of a dense tensor at the places of entries: (entries, dense dimensions)."""
    return x[tuple(indices)] if indices.shape[0] else x.expand(indices.shape[1], *x.shape)


@op("_indices")
def _indices(x):
    return x._held[0]


@op("_values")
def _values(x):
    return x._held[1]


@op("_nnz")
def _nnz(x):
    return x._held[1].shape[0]


@op("is_coalesced")
def _is_coalesced(x):
    return x._in_order


@op("_coalesced_")
def _coalesced_(x, coalesced):
    """The caller's word that entries are in order and name no place twice, or that they may not."""
    x._in_order = coalesced
    return x


@op("sparse_dim")
def _sparse_dim(x):
    return x._held[0].shape[0]


@op("dense_dim")
def _dense_dim(x):
    return x._held[1].dim() - 1


def _part(name, k):
    @op(name)
    def part(x):
        if not x._in_order:
            raise RuntimeError(f"Cannot get {name} on an uncoalesced tensor, please call .coalesce() first")
        return x._held[k]


_part("indices", 0)
_part("values", 1)


@op("coalesce")
def _coalesce(x):
    """Entries in order of their places, those of one place added up."""
    if x._in_order:
        return x
    indices, values = x._held
    places, at = _C.unique(linear(x), return_inverse=True)
    rows = []
    for size in reversed(x.shape[: indices.shape[0]]):
        rows.append(places % size)
        places = places // size
    indices = _C.stack(rows[::-1]) if rows else indices[:, :1]
    return make(indices, _added(at, values, indices.shape[1]), x.shape, True)


def _added(at, values, n):
    """Values summed by the number of their place, of n."""
    as_bytes = values.to(_C.uint8) if values.dtype is _C.bool else values
    sums = _C.zeros((n, *values.shape[1:]), dtype=as_bytes.dtype).index_add_(0, at, as_bytes)
    return sums.to(values.dtype)


@op("to_dense")
def _to_dense(x, dtype=None, *, masked_grad=None):
    if dtype is not None:
        raise RuntimeError("dtype argument is not supported by sparse_to_dense")
    _, values = x._held
    return _added(linear(x), values, math.prod(x.shape[: x.sparse_dim()])).view(x.shape)


def from_dense(x, sparse_dim=None):
    """The entries of a dense tensor that are not zero, or the slices of one where dimensions are to stay dense."""
    n = x.dim() if sparse_dim is None else sparse_dim
    if not 0 <= n <= x.dim():
        raise RuntimeError(f"dense_to_sparse: sparse_dim argument must be in [0,{x.dim()}] range, but {n} is given")
    if n == 0 and x.dim():
        raise RuntimeError("dense_to_sparse: sparse_dim argument must be in >0 when self.dim()>0")
    there = x.detach() != 0
    if n < x.dim():
        there = there.flatten(n).any(-1)
    indices = there.nonzero().t().contiguous()
    return make(indices, taken(x, indices), x.shape, True)


@op("to_sparse", "to_sparse_coo")
def _to_sparse(x, sparse_dim=None, *, layout=None, blocksize=None, dense_dim=None):
    if layout in (_C.sparse_csr, _C.sparse_csc):
        return x.to_sparse_csr() if layout is _C.sparse_csr else x.to_sparse_csc()
    return x if sparse_dim in (None, x.sparse_dim()) else from_dense(x.to_dense(), sparse_dim)


@op("sparse_mask")
def _sparse_mask(x, mask):
    if not is_sparse(mask):
        raise RuntimeError("sparse_mask(): the mask has to be a sparse tensor")
    if x.shape != mask.shape:
        raise RuntimeError(
            f"sparse_mask(): operands have incompatible sizes; self has size {list(x.shape)} but mask has size {list(mask.shape)}"
        )
    return like(mask, taken(x.to_dense() if is_sparse(x) else x, mask._held[0]))


def _converted(name):
    @op(name)
    def convert(x, *args, **kwargs):
        values = getattr(x._held[1], name)(*args, **kwargs)
        return values if isinstance(values, str) else x if values is x._held[1] else like(x, values)


for _name in "to cpu float double half bfloat16 long int short char bool cuda".split():
    _converted(_name)


@op("type")
def _type(x, dtype=None, **kwargs):
    name = x._held[1].type(dtype, **kwargs)
    return name.replace("torch.", "torch.sparse.") if dtype is None else like(x, name)


@op("type_as")
def _type_as(x, other):
    return x.to(other.dtype)


@op("clone")
def _clone(x, *, memory_format=None):
    return make(x._held[0].clone(), x._held[1].clone(), x.shape, x._in_order)


@op("detach")
def _detach(x):
    return like(x, x._held[1].detach())


@op("detach_")
def _detach_(x):
    x._held = x.detach()._held
    return x


@op("zeros_like", "empty_like")
def zeros_like(x, *, dtype=None, requires_grad=False, **_ignored):
    values = x._held[1].new_zeros((0, *x._held[1].shape[1:]), dtype=dtype)
    return make(_C.zeros((x.sparse_dim(), 0), dtype=_C.int64), values, x.shape).requires_grad_(requires_grad)
