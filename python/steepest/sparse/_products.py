"""Products with sparse matrices."""

from .. import _C
from .._C import Tensor
from ..complex_numbers import scalar_type
from ._tensor import SparseTensor, make, op

__all__ = ["addmm", "dsmm", "mm", "smm", "spmm"]


def _matrix(x, argument):
    if x.dim() != 2 or (isinstance(x, SparseTensor) and x.sparse_dim() != 2):
        raise RuntimeError(f"addmm: expected {argument} to be a matrix of 2 sparse dimensions or a dense one, got a {x.dim()}-D tensor")


def _check_types(a, b):
    if a.dtype is not b.dtype:
        raise RuntimeError(f"expected scalar type {scalar_type(a)} but found {scalar_type(b)}")


def mm(sparse, dense, reduce=None):
    """The product of two matrices, one of which at least is sparse: dense, or sparse where both are.

    Shapes ``(n, m)`` and ``(m, p)`` give ``(n, p)``. Gradients flow to a dense factor and to the values of a sparse one. RuntimeError for
    other shapes, or for two dtypes.

    >>> import steepest as torch
    >>> a = torch.sparse_coo_tensor([[0, 1], [2, 0]], [3.0, 4.0], (2, 3))
    >>> torch.sparse.mm(a, torch.tensor([[1.0], [2.0], [3.0]]))
    tensor([[9.],
            [4.]])
    """
    if reduce is not None:
        raise NotImplementedError("torch.sparse.mm: reduce is for matrices in CSR, which are not here")
    return _mm(sparse, dense)


@op("mm", "spmm", "dsmm")
def _mm(mat1, mat2):
    if not isinstance(mat2, Tensor):
        raise TypeError(f"mm(): argument 'mat2' must be Tensor, not {type(mat2).__name__}")
    mat1.size(1), mat2.size(1)
    _matrix(mat1, "mat1")
    _matrix(mat2, "mat2")
    if mat1.shape[1] != mat2.shape[0]:
        raise RuntimeError(f"addmm: Argument #3 (dense): Expected dim 0 size {mat1.shape[1]}, got {mat2.shape[0]}")
    _check_types(mat1, mat2)
    if not isinstance(mat1, SparseTensor):
        return _mm(mat2.t(), mat1.t()).t() if isinstance(mat2, SparseTensor) else _C.mm(mat1, mat2)
    if isinstance(mat2, SparseTensor):
        return _of_two(mat1, mat2)
    indices, values = mat1._held
    return _C._sparse_mm(values, mat2, indices, False, mat1.size(0))


def _of_two(a, b):
    """A sparse product: each entry of a meets the entries of b in the row of its column."""
    (rows, columns), values = a._held
    b = b.coalesce()
    counts = _C.bincount(b._held[0][0], minlength=b.shape[0])
    starts, times = (counts.cumsum(0) - counts)[columns], counts[columns]
    entry = _C.repeat_interleave(_C.arange(columns.numel()), times)
    other = starts[entry] + _C.arange(entry.numel()) - _C.repeat_interleave(times.cumsum(0) - times, times)
    indices = _C.stack([rows[entry], b._held[0][1][other]])
    return make(indices, values[entry] * b._held[1][other], (a.shape[0], b.shape[1])).coalesce()


@op("mv")
def _mv(x, vector):
    if x.shape[-1] != vector.shape[-1]:
        raise RuntimeError("mv: expected self.size(-1) == vec.size(-1)")
    return mm(x, vector.unsqueeze(1)).squeeze(1)


@op("matmul", "__matmul__")
def _matmul(x, other):
    if not isinstance(other, Tensor):
        raise TypeError(f"matmul(): argument 'other' (position 1) must be Tensor, not {type(other).__name__}")
    if other.dim() == 1 and not isinstance(other, SparseTensor):
        return _mv(x, other)
    if x.dim() == 1 and not isinstance(x, SparseTensor):
        return _mv(other.t(), x)
    return mm(x, other)


@op("addmm")
def addmm(input, mat1, mat2, *, beta=1.0, alpha=1.0):
    """``beta * input + alpha * (mat1 @ mat2)`` for a sparse mat1 and dense others.

    >>> import steepest as torch
    >>> torch.sparse.addmm(torch.ones(1, 1), torch.tensor([[2.0]]).to_sparse(), torch.tensor([[3.0]]), alpha=10)
    tensor([[61.]])
    """
    product = _mm(mat1, mat2)
    if isinstance(input, SparseTensor) != isinstance(product, SparseTensor):
        raise RuntimeError("addmm: a product with a sparse matrix and a dense one is dense, and is added to a dense matrix")
    return input * beta + product * alpha


spmm = dsmm = mm


@op("smm")
def smm(input, mat):
    """The product of a sparse matrix and a dense one as a sparse matrix of all rows in which the first has entries.

    >>> import steepest as torch
    >>> torch.smm(torch.eye(2).to_sparse(), torch.ones(2, 1)).values()
    tensor([1., 1.])
    """
    product = mm(input, mat)
    rows = _C.unique(input._held[0][0])
    width = product.shape[1]
    indices = _C.stack([_C.repeat_interleave(rows, width), _C.arange(width).repeat(rows.numel())])
    return make(indices, product[rows].reshape(-1), product.shape, True)


@op("linear")
def _linear(input, weight, bias=None):
    y = mm(input, weight.t())
    return y if bias is None else y + bias


@op("bmm")
def _bmm(x, other):
    if not isinstance(x, SparseTensor) or isinstance(other, SparseTensor) or x.sparse_dim() != 3:
        raise NotImplementedError("bmm: the first factor alone may be sparse, in all its dimensions")
    if other.dim() != 3:
        raise RuntimeError(f"bmm_sparse: Tensor 'mat2' must have 3 dims, but has {other.dim()}")
    for mine, of_other in ((0, 0), (2, 1)):
        if x.shape[mine] != other.shape[of_other]:
            raise RuntimeError(f"bmm_sparse: 'self.size({mine})' and 'mat2.size({of_other})' must match")
    _check_types(x, other)
    (batch, rows, columns), values = x._held
    n, height, width = x.shape
    places = _C.stack([batch * height + rows, batch * width + columns])
    y = _C._sparse_mm(values, other.flatten(0, 1), places, False, n * height)
    return y.view(n, height, other.shape[2])
