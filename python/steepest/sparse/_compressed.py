"""Matrices in compressed rows (CSR) or columns (CSC): made, taken apart, and worked on as those in coordinates are.

Note [Compressed matrices]
A compressed matrix keeps, in place of each entry's row (or column), where in the list of entries each row begins. Ops of sparse tensors
are for coordinates: a compressed matrix goes there with its values, which keep their history, and a result that is a sparse matrix comes
back in the layout of the first operand that has one.
"""

from functools import wraps

from .. import _C
from .._C import Tensor
from ..complex_numbers import scalar_type
from ..printing import sparse_repr
from ..settings import warn_once
from ..utils._pytree import tree_leaves, tree_map
from ._tensor import OPS, SparseTensor, make, op, refusal

__all__ = ["CompressedTensor", "sparse_compressed_tensor", "sparse_csc_tensor", "sparse_csr_tensor"]

OWN = {}  # what a compressed matrix answers itself


class _Layout:
    """The names of a layout's parts; `dim` is the compressed dimension."""

    def __init__(self, word, dim):
        self.value, self.word, self.dim = getattr(_C, f"sparse_{word}"), word.upper(), dim
        self.compressed, self.plain = ("crow_indices", "col_indices") if dim == 0 else ("ccol_indices", "row_indices")
        self.across, self.along = ("row", "column") if dim == 0 else ("column", "row")
        self.many = ("nrows", "ncols") if dim == 0 else ("ncols", "nrows")


CSR, CSC = _Layout("csr", 0), _Layout("csc", 1)


class CompressedTensor(SparseTensor):
    """A matrix of layout torch.sparse_csr or torch.sparse_csc."""

    layout = property(lambda self: self._layout.value)
    is_sparse = property(lambda self: False)
    is_sparse_csr = property(lambda self: self._layout is CSR)

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        name = func.__name__
        return (OWN.get(name) or through(OPS.get(name) or _refused_by_all(name)))(*args, **(kwargs or {}))

    @property
    def grad(self):
        """The gradient of a leaf, in the same places, or None."""
        (compressed, plain), values = self._held
        return None if values.grad is None else assemble(self._layout, compressed, plain, values.grad, self.shape)

    @grad.setter
    def grad(self, value):
        SparseTensor.grad.__set__(self, value)

    def stride(self, dim=None):
        raise RuntimeError(f"Sparse {self._layout.word} tensors do not have strides")

    def is_contiguous(self, memory_format=None):
        raise RuntimeError(f"Sparse {self._layout.word} tensors do not have is_contiguous")

    def numpy(self, *, force=False):
        raise TypeError(f"can't convert {_name_of(self)} layout tensor to numpy. Use Tensor.to_dense() first.")

    def __repr__(self, *, tensor_contents=None):
        return sparse_repr(self, (self._layout.compressed, self._layout.plain))

    def __copy__(self):
        (compressed, plain), values = self._held
        return assemble(self._layout, compressed, plain, values, self.shape)

    def __deepcopy__(self, memo):
        if not self.is_leaf:
            raise RuntimeError("Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.")
        if id(self) not in memo:
            (compressed, plain), values = self._held
            copy = assemble(self._layout, compressed.clone(), plain.clone(), values.detach().clone(), self.shape)
            memo[id(self)] = copy.requires_grad_(self.requires_grad)
        return memo[id(self)]

    def __reduce_ex__(self, protocol):
        from .._utils import _rebuild_sparse_tensor

        (compressed, plain), values = self._held
        return _rebuild_sparse_tensor, (self.layout, (compressed, plain, values, self.size()))


def _name_of(x):
    return f"Sparse{x._layout.word.capitalize()}"


def assemble(layout, compressed, plain, values, size):
    """A compressed matrix of parts that fit, taken as they are."""
    warn_once(
        f"Sparse {layout.word} tensor support is in beta state. If you miss a functionality in the sparse tensor support, please submit a "
        "feature request to https://github.com/pytorch/pytorch/issues."
    )
    x = make((compressed, plain), values, size)
    x.__class__, x._layout = CompressedTensor, layout
    return x


def expanded(x):
    """A compressed matrix in coordinates; anything else as it is."""
    if not isinstance(x, CompressedTensor):
        return x
    (compressed, plain), values = x._held
    across = _C.repeat_interleave(_C.arange(compressed.numel() - 1), compressed.diff().long())
    indices = [across, plain.long()]
    return make(_C.stack(indices if x._layout is CSR else indices[::-1]), values, x.shape, x._layout is CSR)


def compress(x, layout):
    """A sparse matrix of coordinates in compressed form."""
    if x.dim() != 2 or x.sparse_dim() != 2:
        raise RuntimeError(
            f"to_sparse_{layout.word.lower()}: only matrices of 2 sparse dimensions are compressed, got {x.dim()}-D of {x.sparse_dim()}"
        )
    x = x.coalesce()
    indices, values = x._held
    across, plain = indices[layout.dim], indices[1 - layout.dim]
    if layout is CSC:
        order = across.argsort(stable=True)
        across, plain, values = across[order], plain[order], values[order]
    begins = _C.zeros(x.shape[layout.dim] + 1, dtype=_C.int64)
    begins[1:] = _C.bincount(across, minlength=x.shape[layout.dim]).cumsum(0)
    return assemble(layout, begins, plain.clone(), values, x.shape)


@op("to_sparse_csr")
def _coordinates_to_csr(x, dense_dim=None):
    return compress(x, CSR)


@op("to_sparse_csc")
def _coordinates_to_csc(x, dense_dim=None):
    return compress(x, CSC)


def through(answer, writes=False):
    """A function of tensors in coordinates for compressed matrices too; one that `writes` does so to its first argument."""

    @wraps(answer)
    def method(*args, **kwargs):
        first = next((x for x in tree_leaves((args, kwargs)) if isinstance(x, CompressedTensor)), None)
        if first is None:
            return answer(*args, **kwargs)
        args, kwargs = tree_map(expanded, (args, kwargs))
        result = tree_map(lambda y: _back(y, first._layout), answer(*args, **kwargs))
        if not writes:
            return result
        first._held = result._held
        return first

    return method


def _refused_by_all(name):
    def method(*args, **kwargs):
        raise refusal(name)

    return method


def _back(y, layout):
    return compress(y, layout) if type(y) is SparseTensor and y.dim() == 2 and y.sparse_dim() == 2 else y


def _own(*names):
    def register(f):
        OWN.update(dict.fromkeys(names, f))
        return f

    return register


def _part(layout, name, k):
    @_own(name)
    def part(x):
        if x._layout is not layout:
            raise RuntimeError(f"{name} expected sparse {layout.across} compressed tensor layout but got {_name_of(x)}")
        return x._held[0][k]


for _layout in (CSR, CSC):
    _part(_layout, _layout.compressed, 0)
    _part(_layout, _layout.plain, 1)


@_own("values")
def _values(x):
    return x._held[1]


@_own("to_sparse", "to_sparse_coo")
def _to_sparse(x, sparse_dim=None, *, layout=None, blocksize=None, dense_dim=None):
    if layout in (_C.sparse_csr, _C.sparse_csc):
        return _relaid(x, CSR if layout is _C.sparse_csr else CSC)
    return OPS["to_sparse"](expanded(x), sparse_dim, layout=layout, blocksize=blocksize, dense_dim=dense_dim)


def _relaid(x, layout):
    return x if x._layout is layout else compress(expanded(x), layout)


@_own("to_sparse_csr")
def _to_csr(x, dense_dim=None):
    return _relaid(x, CSR)


@_own("to_sparse_csc")
def _to_csc(x, dense_dim=None):
    return _relaid(x, CSC)


@_own("t")
def _t(x):
    """The same parts in the other layout."""
    (compressed, plain), values = x._held
    return assemble(CSC if x._layout is CSR else CSR, compressed, plain, values, tuple(x.shape)[::-1])


@_own("transpose")
def _transpose(x, dim0, dim1):
    for dim in (dim0, dim1):
        x.size(dim)  # IndexError for a dimension that is not there
    return x if (dim0 - dim1) % 2 == 0 else _t(x)


def _refused(name):
    @_own(name)
    def method(x, *args, **kwargs):
        raise RuntimeError(f"{name} expected sparse coordinate tensor layout but got {_name_of(x)}")


for _name in ("coalesce", "is_coalesced", "indices", "_indices"):
    _refused(_name)


def _tensor_of(data, dtype):
    return data if isinstance(data, Tensor) and dtype in (None, data.dtype) else _C._tensor(data, dtype, False)


def _make(layout, compressed, plain, values, size, dtype, device, requires_grad):
    if device is not None:
        _C._check_device(device)
    compressed, plain = _tensor_of(compressed, None), _tensor_of(plain, None)
    values = values.to(dtype) if isinstance(values, Tensor) and dtype else _tensor_of(values, dtype)
    if compressed.dim() != plain.dim():
        raise RuntimeError(
            f"{layout.compressed} and {layout.plain} dimensionalities must be equal but got {compressed.dim()} and {plain.dim()}, "
            "respectively"
        )
    if compressed.dim() != 1 or values.dim() != 1:
        raise NotImplementedError("batches of compressed matrices and dense dimensions are not here; torch.sparse_coo has them")
    if compressed.dtype is not plain.dtype:
        raise RuntimeError(
            f"{layout.compressed} and {layout.plain} must have the same dtype, bot got {scalar_type(compressed)} and {scalar_type(plain)}, "
            "respectively"
        )
    if compressed.dtype not in (_C.int32, _C.int64):
        raise NotImplementedError(f"\"estimate_sparse_compressed_tensor_size\" not implemented for '{scalar_type(compressed)}'")
    if size is None:
        found = (max(compressed.numel() - 1, 0), int(plain.max()) + 1 if plain.numel() else 0)
        size = found[:: 1 if layout is CSR else -1]
    _check(layout, compressed, plain, values, tuple(size))
    values = values.detach().requires_grad_() if requires_grad else values
    return assemble(layout, compressed, plain, values, size)


def _check(layout, compressed, plain, values, size):
    """RuntimeError, in PyTorch's words, for parts that are no matrix: entries are looked up by them, so that they are always checked."""
    if len(size) != 2:
        raise RuntimeError(f"tensor dimensionality must be sum of batch, base, and dense dimensionalities (=0 + 2 + 0) but got {len(size)}")
    n, m, nnz = size[layout.dim], size[1 - layout.dim], values.shape[0]
    if compressed.numel() != n + 1:
        raise RuntimeError(
            f"{layout.compressed}.shape[-1] must be equal to the number of {layout.across}s + 1 (={n + 1}), but got {compressed.numel()}"
        )
    if plain.numel() != nnz:
        raise RuntimeError(
            f"{layout.plain}.shape[-1] must be equal to nnz (={nnz}) as defined by values.shape[0], but got {plain.numel()}"
        )
    steps = compressed.diff()
    name, (_, others) = layout.compressed, layout.many
    for holds, words in (
        (compressed[0] == 0, f"{name}[..., 0] == 0"),
        (compressed[-1] == nnz, f"{name}[..., -1] == nnz"),
        (((steps >= 0) & (steps <= m)).all(), f"0 <= {name}[..., 1:] - {name}[..., :-1] <= {others}"),
        (((plain >= 0) & (plain < m)).all(), f"0 <= {layout.plain} < {others}"),
    ):
        if not holds:
            raise RuntimeError(f"`{words}` is not satisfied.")
    if nnz > 1:
        same = _C.searchsorted(compressed, _C.arange(nnz, dtype=compressed.dtype), right=True).diff() == 0
        if not (~same | (plain.diff() > 0)).all():
            raise RuntimeError(
                f"`{layout.plain}[..., {name}[..., i - 1]:{name}[..., i]] for all i = 1, ..., {layout.many[0]} are sorted and distinct "
                "along the last dimension values` is not satisfied."
            )


def sparse_csr_tensor(
    crow_indices, col_indices, values, size=None, *, dtype=None, device=None, pin_memory=False, requires_grad=False, check_invariants=None
):
    """A matrix in compressed rows.

    Args:
        crow_indices: where each row begins in the list of entries, and behind them how many there are: ``(rows + 1,)`` int32 or int64
        col_indices: the column of each entry, in order within a row: ``(nnz,)``
        values: the entries, ``(nnz,)``
        size: the shape; else as many columns as the entries need
        dtype: of the values; else theirs
        requires_grad: for the gradient of the values, which ``.grad`` then has as a matrix of this layout

    RuntimeError for parts that do not fit. What matrices in coordinates can do, these can too, by way of them; values keep their history.

    >>> import steepest as torch
    >>> a = torch.sparse_csr_tensor([0, 1, 2], [2, 0], [3.0, 4.0], (2, 3), dtype=torch.float64)
    >>> a @ torch.ones(3, dtype=torch.float64)
    tensor([3., 4.], dtype=torch.float64)
    """
    return _make(CSR, crow_indices, col_indices, values, size, dtype, device, requires_grad)


def sparse_csc_tensor(
    ccol_indices, row_indices, values, size=None, *, dtype=None, device=None, pin_memory=False, requires_grad=False, check_invariants=None
):
    """A matrix in compressed columns: as :func:`sparse_csr_tensor` with rows and columns exchanged.

    >>> import steepest as torch
    >>> torch.sparse_csc_tensor([0, 1, 2], [1, 0], [3.0, 4.0]).to_dense()
    tensor([[0., 4.],
            [3., 0.]])
    """
    return _make(CSC, ccol_indices, row_indices, values, size, dtype, device, requires_grad)


def sparse_compressed_tensor(
    compressed_indices, plain_indices, values, size=None, *, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False,
    check_invariants=None,
):
    """sparse_csr_tensor() or sparse_csc_tensor(), as the layout says.

    >>> import steepest as torch
    >>> torch.sparse_compressed_tensor([0, 1], [1], [3.0], layout=torch.sparse_csr).to_dense()
    tensor([[0., 3.]])
    """
    kinds = {_C.sparse_csr: CSR, _C.sparse_csc: CSC}
    if layout not in kinds:
        raise RuntimeError(
            "compressed sparse tensors require a layout: torch.sparse_csr or torch.sparse_csc; blocks are not part of steepest"
        )
    return _make(kinds[layout], compressed_indices, plain_indices, values, size, dtype, device, requires_grad)


def complete(methods):
    """Gives the class these methods of tensors in coordinates, once all are there."""
    for name, method in methods.items():
        if name not in vars(CompressedTensor):
            writes = name in ("__iadd__", "__isub__", "__imul__", "__itruediv__") or (name.endswith("_") and not name.startswith("__"))
            setattr(CompressedTensor, name, OWN.get(name) or through(method, writes))
