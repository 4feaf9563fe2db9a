"""What files and other packages name by its place in torch._utils: tensors from their parts, exceptions of other processes."""

import sys
import traceback

from . import _C


class _Text(str):
    """A message that shows its line breaks where repr() is applied to it, as KeyError does."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


class ExceptionWrapper:
    """The exception being handled, with its traceback as text, to be raised in another process or thread."""

    def __init__(self, exc_info=None, where="in background"):
        exc_info = exc_info or sys.exc_info()
        self.exc_type = exc_info[0]
        self.exc_msg = "".join(traceback.format_exception(*exc_info))
        self.where = where

    def reraise(self):
        """Raises an exception of the same type; RuntimeError where its type takes no single text."""
        text = f"Caught {self.exc_type.__name__} {self.where}.\nOriginal {self.exc_msg}"
        if self.exc_type is KeyError:
            text = _Text(text)
        try:
            if getattr(self.exc_type, "message", None):
                exception = self.exc_type(message=text)
            else:
                exception = self.exc_type(text)
        except Exception:
            raise RuntimeError(text) from None
        raise exception


def _flatten_dense_tensors(tensors):
    """One tensor of one dimension with the elements of all."""
    return _C.cat([t.reshape(-1) for t in tensors])


def _unflatten_dense_tensors(flat, tensors):
    """Parts of a flat tensor, as views of the tensors' shapes."""
    return tuple(part.view(t.shape) for part, t in zip(flat.split([t.numel() for t in tensors]), tensors, strict=True))


def _element_size(dtype):
    """Bytes an element."""
    return dtype.itemsize


def _rebuild_tensor(storage, storage_offset, size, stride):
    """A tensor on a storage; files of old name this."""
    return _C._laid_on(storage._untyped_storage._bytes, storage.dtype, storage_offset, tuple(size), tuple(stride))


def _rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, backward_hooks, metadata=None):
    """A tensor on a storage."""
    tensor = _rebuild_tensor(storage, storage_offset, size, stride)
    if requires_grad:
        tensor.requires_grad_()
    return tensor


def _rebuild_tensor_v3(storage, storage_offset, size, stride, requires_grad, backward_hooks, dtype, metadata=None):
    """A tensor of a type that has no storage class of its own."""
    tensor = _C._laid_on(storage._untyped_storage._bytes, dtype, storage_offset, tuple(size), tuple(stride))
    return tensor.requires_grad_() if requires_grad else tensor


def _rebuild_sparse_tensor(layout, data):
    """A sparse tensor of (indices, values, size) and, in newer files, whether its entries are in order."""
    if layout in (_C.sparse_csr, _C.sparse_csc):
        from .sparse import sparse_compressed_tensor

        compressed, plain, values, size = data
        return sparse_compressed_tensor(compressed, plain, values.detach(), size, layout=layout, requires_grad=values.requires_grad)
    if layout is not _C.sparse_coo:
        raise NotImplementedError(f"rebuilding sparse tensor for layout {layout}")
    from .sparse import sparse_coo_tensor

    indices, values, size, *in_order = data
    return sparse_coo_tensor(indices, values.detach(), size, requires_grad=values.requires_grad, is_coalesced=any(in_order))


def _rebuild_parameter(data, requires_grad, backward_hooks):
    """A parameter that shares memory with ``data``."""
    from .nn.parameter import Parameter

    return Parameter(data, requires_grad)


def _rebuild_parameter_with_state(data, requires_grad, backward_hooks, state):
    """A parameter with attributes."""
    return _set_obj_state(_rebuild_parameter(data, requires_grad, backward_hooks), state)


def _set_obj_state(obj, state):
    """Gives an object its attributes back: a dict, or a pair of one for ``__dict__`` and one for slots."""
    attributes, slots = state if isinstance(state, tuple) else (state, None)
    for name, value in {**(attributes or {}), **(slots or {})}.items():
        setattr(obj, name, value)
    return obj
