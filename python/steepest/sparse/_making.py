"""Making sparse tensors: sparse_coo_tensor, torch.sparse.FloatTensor and its like, diagonals; whether what they are given is checked."""

from .. import _C
from .._C import Tensor
from ..size import Size
from ._tensor import SparseTensor, make

__all__ = [
    "BFloat16Tensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor", "LongTensor", "ShortTensor",
    "check_sparse_tensor_invariants", "sparse_coo_tensor", "spdiags",
]


def sparse_coo_tensor(
    indices=None, values=None, size=None, *, dtype=None, device=None, pin_memory=False, requires_grad=False, check_invariants=None,
    is_coalesced=None,
):
    """A sparse tensor in coordinates; given a size alone, one without entries.

    Args:
        indices: the places, ``(sparse_dim, nnz)`` integers, a tensor or nested lists
        values: what stands there, ``(nnz, *dense dimensions)``; entries of one place add up
        size: the shape; else as much as the indices need
        dtype: of the values; else theirs
        requires_grad: for the gradient of the values, which ``.grad`` then has as a sparse tensor
        check_invariants: False leaves out the check that indices are within size
        is_coalesced: the caller's word that indices are in order and name no place twice

    Gradients flow to values that require them. RuntimeError for indices of another shape or outside of the size. Besides sums and
    products by numbers, transposes, sums along dimensions and the like, there are products with matrices: ``a @ x``,
    :func:`steepest.sparse.mm`. What sparse tensors lack raises NotImplementedError; ``to_dense`` helps.

    >>> import steepest as torch
    >>> torch.sparse_coo_tensor([[0, 1], [2, 0]], [3.0, 4.0], (2, 3))
    tensor(indices=tensor([[0, 1],
                           [2, 0]]),
           values=tensor([3., 4.]),
           size=(2, 3), nnz=2, layout=torch.sparse_coo)
    """
    if device is not None:
        _C._check_device(device)
    if values is None:  # a size alone
        size = size if indices is None else indices
        return make(_C.zeros((len(size), 0), dtype=_C.int64), _C.zeros(0, dtype=dtype), size).requires_grad_(requires_grad)
    indices = (indices if isinstance(indices, Tensor) else _C._tensor(indices, None, False)).to(_C.int64)
    own = isinstance(values, Tensor)
    values = values if own and dtype in (None, values.dtype) else values.to(dtype) if own else _C._tensor(values, dtype, False)
    if indices.dim() != 2 and not (indices.dim() == 1 and indices.numel() == 0):
        if indices.dim() != 1:
            raise RuntimeError(f"indices must be sparse_dim x nnz, but got: {list(indices.shape)}")
        indices = indices.unsqueeze(1)
    elif indices.dim() == 1:
        indices = indices.unsqueeze(1).t()
    values = values.expand(1) if values.dim() == 0 else values
    size = _checked(indices, values, size, check_invariants is not False)
    # The values keep their history; a leaf stays the user's, and the tensor is no leaf.
    values = values.detach().requires_grad_() if requires_grad else values.view_as(values) if values.requires_grad else values
    return make(indices, values, size, bool(is_coalesced))


def _checked(indices, values, size, within):
    """The size, given or found; RuntimeError for parts that do not fit."""
    n, nnz = indices.shape
    if size is not None and len(size) != n + values.dim() - 1:
        raise RuntimeError(
            f"'len(size) == sparse_dim + dense_dim' is not satisfied: len(size) = {len(size)}, sparse_dim = {n}, "
            f"dense_dim = {values.dim() - 1}"
        )
    if nnz != values.shape[0]:
        raise RuntimeError(
            f"indices and values must have same nnz, but got nnz from indices: {nnz}, nnz from values: {values.shape[0]}"
        )
    lowest, highest = (indices.amin(1).tolist(), indices.amax(1).tolist()) if nnz and n else ([0] * n, [-1] * n)
    if size is None:
        size = (*(top + 1 for top in highest), *values.shape[1:])
    elif tuple(size[n:]) != tuple(values.shape[1:]):
        raise RuntimeError(f"values has incorrect size, expected {[nnz, *size[n:]]}, got {list(values.shape)}")
    for dim in range(n) if within else ():
        if lowest[dim] < 0:
            raise RuntimeError(f"found negative index {lowest[dim]} for dim {dim}")
        if highest[dim] >= size[dim]:
            raise RuntimeError(f"size is inconsistent with indices: for dim {dim}, size is {size[dim]} but found index {highest[dim]}")
    return size


def spdiags(diagonals, offsets, shape, layout=None):
    """A sparse matrix with the rows of `diagonals` on its diagonals `offsets`, a column's elements in that column.

    >>> import steepest as torch
    >>> torch.sparse.spdiags(torch.tensor([[1.0, 2.0]]), torch.tensor([1]), (2, 2)).to_dense()
    tensor([[0., 2.],
            [0., 0.]])
    """
    diagonals, offsets = (x.unsqueeze(0) if x.dim() == d else x for d, x in enumerate((diagonals, offsets), 1) for d in (2 - d,))
    columns = _C.arange(min(diagonals.shape[1], shape[1])).expand(offsets.numel(), -1)
    rows = columns - offsets.reshape(-1, 1)
    there = (rows >= 0) & (rows < shape[0])
    return make(_C.stack([rows[there], columns[there]]), diagonals[:, : columns.shape[1]][there], shape)


class _LegacyType(type):
    """The class of torch.sparse.FloatTensor and its like: isinstance asks for layout and dtype."""

    def __instancecheck__(cls, obj):
        return isinstance(obj, SparseTensor) and obj.dtype is cls.dtype

    def __call__(cls, *args, device=None, **named):
        args = (*args, *(named.pop(name) for name in ("indices", "values", "size") if name in named))
        if named:
            raise TypeError(f"{cls.__name__}() got an unexpected keyword argument '{next(iter(named))}'")
        if not args or isinstance(args[0], (int, Size)):
            return sparse_coo_tensor(Size(args) if args and isinstance(args[0], int) else args[0] if args else (0,), dtype=cls.dtype)
        if args[1].dtype is not cls.dtype:
            raise TypeError(f"expected {cls.__name__} (got {args[1].type()})")
        return sparse_coo_tensor(*args, device=device)


def _legacy(name, dtype):
    return _LegacyType(name, (), {"dtype": dtype, "__module__": "torch.sparse", "__doc__": f"Makes sparse tensors of {dtype}."})


FloatTensor = _legacy("FloatTensor", _C.float32)
DoubleTensor = _legacy("DoubleTensor", _C.float64)
HalfTensor = _legacy("HalfTensor", _C.float16)
BFloat16Tensor = _legacy("BFloat16Tensor", _C.bfloat16)
LongTensor = _legacy("LongTensor", _C.int64)
IntTensor = _legacy("IntTensor", _C.int32)
ShortTensor = _legacy("ShortTensor", _C.int16)
CharTensor = _legacy("CharTensor", _C.int8)
ByteTensor = _legacy("ByteTensor", _C.uint8)


class check_sparse_tensor_invariants:
    """A context for programs that turn PyTorch's checks of sparse tensors on: here indices are always checked."""

    def __init__(self, enable=True):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass

    @staticmethod
    def is_enabled():
        """True."""
        return True

    @staticmethod
    def enable():
        """Changes nothing."""

    @staticmethod
    def disable():
        """Changes nothing."""
