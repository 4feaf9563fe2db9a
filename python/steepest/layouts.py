"""Sparse layouts as dense tensors know them: methods that make sparse tensors, and those that only sparse ones have."""

from . import _C
from ._C import Tensor
from ._lazy import absent

__all__ = ["sparse_bsr_tensor", "sparse_bsc_tensor"]

INSTEAD = "of the sparse layouts, torch.sparse_coo, torch.sparse_csr and torch.sparse_csc are here"
BLOCKS = ("sparse_bsr", "sparse_bsc")


def _method(name):
    """Makes a function a method of Tensor under this name."""

    def add(f):
        f.__name__, f.__qualname__ = name, f"Tensor.{name}"
        setattr(Tensor, name, f)
        return f

    return add


@_method("to_sparse")
def _to_sparse(self, sparse_dim=None, *, layout=None, blocksize=None, dense_dim=None):
    """The tensor in coordinates (torch.sparse_coo): its elements that are not zero, or its slices where sparse_dim leaves dimensions dense.

    >>> import steepest as torch
    >>> torch.tensor([[0.0, 2.0]]).to_sparse()
    tensor(indices=tensor([[0],
                           [1]]),
           values=tensor([2.]),
           size=(1, 2), nnz=1, layout=torch.sparse_coo)
    """
    if layout in (_C.sparse_csr, _C.sparse_csc) and sparse_dim is blocksize is dense_dim is None:
        return self.to_sparse_csr() if layout is _C.sparse_csr else self.to_sparse_csc()
    if layout not in (None, _C.sparse_coo) or blocksize is not None or dense_dim is not None:
        raise NotImplementedError(f"to_sparse: layout {layout} is not part of steepest; {INSTEAD}")
    from .sparse import from_dense

    return from_dense(self, sparse_dim)


@_method("to_sparse_coo")
def _to_sparse_coo(self):
    """to_sparse()"""
    return self.to_sparse()


@_method("to_dense")
def _to_dense(self, dtype=None, *, masked_grad=None):
    """The tensor itself, as another dtype where one is given; of a sparse tensor, all its elements."""
    return self if dtype is None else self.to(dtype)


@_method("sparse_mask")
def _sparse_mask(self, mask):
    """A sparse tensor of the elements in the places of a sparse tensor's entries."""
    from .sparse._compressed import through
    from .sparse._tensor import OPS

    return through(OPS["sparse_mask"])(self, mask)


@_method("sparse_dim")
def _sparse_dim(self):
    """The number of sparse dimensions: 0 of a dense tensor."""
    return 0


@_method("dense_dim")
def _dense_dim(self):
    """The number of dense dimensions: all of a dense tensor."""
    return self.dim()


def _only_sparse(name, what="sparse coordinate tensor", doc=""):
    @_method(name)
    def method(self):
        raise RuntimeError(f"{name} expected {what} layout but got Strided")

    method.__doc__ = f"{doc}; RuntimeError for a dense tensor."


_only_sparse("coalesce", doc="The tensor with its entries in order, those of one place added up")
_only_sparse("is_coalesced", doc="Whether the entries are in order, each of another place")
_only_sparse("indices", doc="The places of the entries, (sparse dimensions, entries), of a coalesced tensor")
_only_sparse("values", "sparse tensor", "The entries, (entries, dense dimensions), of a coalesced tensor")


def _backend_only(name):
    @_method(name)
    def method(self, *args):
        raise NotImplementedError(f"Could not run 'aten::{name}' with arguments from the 'CPU' backend: it is for sparse tensors.")

    method.__doc__ = f"{name} of a sparse tensor, coalesced or not; NotImplementedError for a dense one."


for _name in ("_indices", "_values", "_nnz", "_coalesced_"):
    _backend_only(_name)


@_method("to_sparse_csr")
def _to_sparse_csr(self, dense_dim=None):
    """The matrix in compressed rows (torch.sparse_csr): its elements that are not zero.

    >>> import steepest as torch
    >>> torch.tensor([[0.0, 2.0], [1.0, 0.0]]).to_sparse_csr().crow_indices()
    tensor([0, 1, 2])
    """
    return self.to_sparse().to_sparse_csr()


@_method("to_sparse_csc")
def _to_sparse_csc(self, dense_dim=None):
    """The matrix in compressed columns (torch.sparse_csc): its elements that are not zero."""
    return self.to_sparse().to_sparse_csc()


_only_sparse("crow_indices", "sparse row compressed tensor", "Where each row of a matrix in compressed rows begins")
_only_sparse("col_indices", "sparse row compressed tensor", "The columns of the entries of a matrix in compressed rows")
_only_sparse("ccol_indices", "sparse column compressed tensor", "Where each column of a matrix in compressed columns begins")
_only_sparse("row_indices", "sparse column compressed tensor", "The rows of the entries of a matrix in compressed columns")
for _name in BLOCKS:
    _method(f"to_{_name}")(absent(f"Tensor.to_{_name}", INSTEAD))
sparse_bsr_tensor, sparse_bsc_tensor = (absent(f"torch.{name}", INSTEAD) for name in __all__)
