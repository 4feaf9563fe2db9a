"""torch.sparse: tensors of which few elements are stored, in coordinates (COO) or, of matrices, in compressed rows or columns."""

from .._lazy import absent
from ..layouts import INSTEAD
from . import (  # noqa: F401  # they add ops; embedding() finds the gradients through the core
    _arithmetic,
    _compressed,
    _face,
    _gradients,
    _resizing,
    _shapes,
)
from ._compressed import sparse_compressed_tensor, sparse_csc_tensor, sparse_csr_tensor
from ._making import (
    BFloat16Tensor,
    ByteTensor,
    CharTensor,
    DoubleTensor,
    FloatTensor,
    HalfTensor,
    IntTensor,
    LongTensor,
    ShortTensor,
    check_sparse_tensor_invariants,
    sparse_coo_tensor,
    spdiags,
)
from ._parts import from_dense
from ._products import addmm, dsmm, mm, smm, spmm
from ._reductions import log_softmax, softmax, sparse_sum

__all__ = [
    "BFloat16Tensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
    "addmm",
    "as_sparse_gradcheck",
    "check_sparse_tensor_invariants",
    "from_dense",
    "log_softmax",
    "mm",
    "sampled_addmm",
    "softmax",
    "sparse_compressed_tensor",
    "sparse_coo_tensor",
    "sparse_csc_tensor",
    "sparse_csr_tensor",
    "spdiags",
    "sum",
]

_face.complete()
addmm, dsmm, mm, smm, spmm = map(_compressed.through, (addmm, dsmm, mm, smm, spmm))
sampled_addmm, as_sparse_gradcheck, to_sparse_semi_structured = (
    absent(f"torch.sparse.{name}", INSTEAD) for name in ("sampled_addmm", "as_sparse_gradcheck", "to_sparse_semi_structured")
)


def sum(input, dim=None, dtype=None):  # noqa: A001
    """The sum of a sparse tensor's elements, or sums along dimensions: sparse while sparse dimensions are left.

    >>> import steepest as torch
    >>> torch.sparse.sum(torch.eye(3).to_sparse())
    tensor(3.)
    """
    return sparse_sum(input, dim, dtype=dtype)
