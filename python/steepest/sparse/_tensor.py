"""Sparse tensors in coordinates (COO): a class of Tensor that holds two dense ones, indices and values.

Note [A tensor without memory]
To everything in C++ a sparse tensor is one zero, spread over its shape: sizes and dtype are right wherever they are asked for, and no
dense op pays for there being others. What the tensor holds is in attributes of its object, and every op that meets it asks its class
(``__torch_function__``), which knows the ops of the files beside this one and refuses all others.

Note [Gradients of sparse tensors]
Gradients flow through the values: each op here is made of dense ops on them, which are recorded. A sparse tensor that was made with
requires_grad has values that are a leaf, and its gradient is theirs, in the same places.
"""

from .. import _C
from .._C import Tensor
from ..printing import sparse_repr

__all__ = ["OPS", "SparseTensor", "like", "make", "op", "refusal"]

OPS = {}  # what a sparse tensor, or a dense one that meets it, answers to an op of this name


def op(*names):
    """Makes a function the answer to ops of these names."""

    def register(f):
        OPS.update(dict.fromkeys(names, f))
        return f

    return register


def refusal(name):
    """The exception for an op that sparse tensors do not have."""
    return NotImplementedError(
        f"Could not run 'aten::{name}' with arguments from the 'SparseCPU' backend: sparse tensors do not have it. "
        "Tensor.to_dense() gives one that does."
    )


class SparseTensor(Tensor):
    """A tensor of layout torch.sparse_coo; :func:`steepest.sparse_coo_tensor` and ``Tensor.to_sparse`` make them."""

    layout = property(lambda self: _C.sparse_coo)
    is_sparse = property(lambda self: True)
    is_leaf = property(lambda self: self._held[1].is_leaf)
    grad_fn = property(lambda self: self._held[1].grad_fn)
    T = property(lambda self: self.permute(*reversed(range(self.dim()))))
    mT = mH = property(lambda self: self.transpose(-2, -1))
    H = property(lambda self: self.t())

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        answer = OPS.get(func.__name__)
        if answer is None:
            raise refusal(func.__name__)
        return answer(*args, **(kwargs or {}))

    @property
    def data(self):
        """The same entries outside of the graph; what is assigned takes their place."""
        return self.detach()

    @data.setter
    def data(self, value):
        Tensor.data.__set__(self, value)
        self._held, self._in_order = value._held, value._in_order

    @property
    def requires_grad(self):
        """Whether ops on the tensor are recorded for the gradient of its values."""
        return self._held[1].requires_grad

    @requires_grad.setter
    def requires_grad(self, on):
        self._held[1].requires_grad = on

    @property
    def grad(self):
        """The gradient of a leaf, sparse in the same places, or None."""
        indices, values = self._held
        if values.grad is None:
            return None
        if self._in_order:
            return make(indices, values.grad, self.shape, True)
        # Where entries share a place, each has that place's gradient.
        from ._parts import linear

        places, at = _C.unique(linear(self), return_inverse=True)
        first = _C.zeros(places.numel(), dtype=_C.int64)
        first[at.flip(0)] = _C.arange(at.numel()).flip(0)
        return make(indices[:, first], values.grad[first], self.shape)

    @grad.setter
    def grad(self, value):
        if value is not None:
            raise refusal("grad")
        self._held[1].grad = None

    @property
    def nbytes(self):
        """RuntimeError: indices and values have their own."""
        raise RuntimeError(
            "nbytes is not defined for sparse tensors.  If you want the size of the constituent tensors, add the nbytes of the indices "
            "and values.  If you want the size of the  equivalent dense tensor, multiply numel() by element_size()"
        )

    def requires_grad_(self, requires_grad=True):
        """Sets requires_grad, of a leaf; returns the tensor."""
        self.requires_grad = requires_grad
        return self

    def backward(self, *args, **kwargs):
        raise RuntimeError("element 0 of tensors does not require grad and does not have a grad_fn")

    def numpy(self, *, force=False):
        raise TypeError("can't convert Sparse layout tensor to numpy. Use Tensor.to_dense() first.")

    def __array__(self, dtype=None, copy=None):
        return self.numpy()

    def data_ptr(self):
        raise RuntimeError("Cannot access data pointer of Tensor that doesn't have storage")

    def storage(self):
        raise NotImplementedError("Cannot access storage of SparseTensorImpl")

    untyped_storage = share_memory_ = storage

    def is_contiguous(self, memory_format=None):
        return False

    def stride(self, dim=None):
        return (0,) * self.dim() if dim is None else 0

    def __repr__(self, *, tensor_contents=None):
        return sparse_repr(self)

    def __format__(self, spec):
        return object.__format__(self, spec)

    def __len__(self):
        if self.dim() == 0:
            raise TypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __iter__(self):
        return iter([self[i] for i in range(len(self))])

    def __bool__(self):
        if self.numel() != 1:
            raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
        return bool(self.to_dense())

    def item(self):
        if self.numel() != 1:
            raise RuntimeError(f"a Tensor with {self.numel()} elements cannot be converted to Scalar")
        return self.to_dense().item()

    def __reduce_ex__(self, protocol):
        from .._utils import _rebuild_sparse_tensor

        indices, values = self._held
        return _rebuild_sparse_tensor, (self.layout, (indices, values, self.size(), self._in_order))

    def __copy__(self):
        return like(self, self._held[1])

    def __deepcopy__(self, memo):
        if not self.is_leaf:
            raise RuntimeError("Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.")
        if id(self) not in memo:
            copy = make(self._held[0].clone(), self._held[1].detach().clone(), self.shape, self._in_order)
            memo[id(self)] = copy.requires_grad_() if self.requires_grad else copy
        return memo[id(self)]


def make(indices, values, size, in_order=False):
    """A sparse tensor of int64 indices (sparse dimensions, entries) and values (entries, dense dimensions), both taken as they are."""
    x = _C.zeros((), dtype=values.dtype).as_strided(tuple(size), (0,) * len(size)).detach()
    x.__class__ = SparseTensor
    x._held, x._in_order = (indices, values), in_order
    return x


def like(x, values):
    """A sparse tensor of other values in the places of x."""
    return make(x._held[0], values, x.shape, x._in_order)
