"""Tensors in memory that several processes see: share_memory_, and how such a tensor travels to a process.

The memory is a file of /dev/shm, mapped; processes that fork later have it anyway, others are told its name. The process that
made it removes the name when it has no more use for the memory, or ends. Without /dev/shm only forked processes share.
"""

import mmap
import os
import tempfile
import weakref
from multiprocessing.reduction import ForkingPickler

import numpy as np

from . import _C
from ._C import Tensor
from .nn.parameter import Parameter

MEMORY = "/dev/shm"
_names = {}  # from the address of shared memory to the name of its file, None where it has none
_attached = weakref.WeakValueDictionary()  # from a name to the memory, in processes that were told it


def _make(size):
    """(new shared memory, the name of its file or None)."""
    try:
        handle, name = tempfile.mkstemp(prefix="steepest_", dir=MEMORY)
    except OSError:
        return mmap.mmap(-1, size), None
    try:
        os.posix_fallocate(handle, 0, size)
        return mmap.mmap(handle, size), name
    except BaseException:
        os.unlink(name)
        raise
    finally:
        os.close(handle)


def _forget(address, name, owner):
    _names.pop(address, None)
    if name is not None and os.getpid() == owner:
        os.unlink(name)


def _bytes(memory):
    return _C.from_numpy(np.frombuffer(memory, np.uint8))


def share_memory_(self):
    """Move the tensor to memory that processes see which are started later, or that receive it through a queue; returns it.

    What shared memory with the tensor before stays where it was.
    """
    size = self.numel() * self.element_size()
    if not size or is_shared(self):
        return self
    memory, name = _make(size)
    shared = _bytes(memory)
    address = shared.data_ptr()
    _names[address] = name
    weakref.finalize(memory, _forget, address, name, os.getpid())
    moved = _C._laid_on(shared, self.dtype, 0, tuple(self.shape), self.detach().contiguous().stride())
    moved.copy_(self.detach())
    self.data = moved
    return self


def is_shared(self):
    """Whether the tensor lies in memory that other processes may see."""
    return self._storage_ptr() in _names


def _attach(name, dtype, offset, shape, strides, requires_grad, parameter):
    """The tensor in another process's shared memory."""
    memory = _attached.get(name)
    if memory is None:
        with open(name, "r+b") as file:
            memory = _attached[name] = mmap.mmap(file.fileno(), 0)
        address = _bytes(memory).data_ptr()
        _names[address] = name
        weakref.finalize(memory, _forget, address, None, 0)
    tensor = _C._laid_on(_bytes(memory), getattr(_C, dtype), offset, shape, strides)
    return Parameter(tensor, requires_grad) if parameter else tensor.requires_grad_(requires_grad)


def _reduce(tensor):
    name = _names.get(tensor._storage_ptr())
    if name is None or tensor.__dict__:
        return tensor.__reduce_ex__(2)
    place = (str(tensor.dtype).removeprefix("torch."), tensor.storage_offset(), tuple(tensor.shape), tensor.stride())
    return _attach, (name, *place, tensor.requires_grad, type(tensor) is Parameter)


ForkingPickler.register(Tensor, _reduce)
ForkingPickler.register(Parameter, _reduce)
