"""Storages: the memory under tensors, as bytes and as elements of one type."""

import builtins
import io

from . import _C
from ._C import Tensor
from .mapping import mapped
from .serialization import load, save
from .settings import warn_once

__all__ = ["TypedStorage", "UntypedStorage"]


class UntypedStorage:
    """Memory as bytes; tensors that share it have the same ``data_ptr()`` of their storages.

    ``UntypedStorage(n)`` is new memory of n bytes, ``UntypedStorage([1, 2])`` holds these.

    Example::

        >>> import steepest as torch
        >>> x = torch.zeros(3)
        >>> x.untyped_storage().nbytes(), x[1:].untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
        (12, True)
    """

    __slots__ = ("_bytes", "__weakref__")
    dtype = None  # it has no elements
    is_cuda = is_sparse = is_sparse_csr = False

    def __init__(self, *args, device=None):
        if device is not None:
            _C._check_device(device)
        if len(args) > 1:
            raise TypeError(f"UntypedStorage() takes a size or a sequence of bytes, got {len(args)} arguments")
        content = args[0] if args else 0
        if isinstance(content, int):
            if content < 0:
                raise RuntimeError(f"Storage size must be non-negative, got {content}")
            self._bytes = _C.empty((content,), dtype=_C.uint8)
        else:
            self._bytes = _C._tensor(list(content), _C.uint8, False)

    @classmethod
    def _over(cls, tensor):
        """The memory under a tensor."""
        self = cls.__new__(cls)
        self._bytes = _C._all_bytes(tensor)
        return self

    @classmethod
    def from_buffer(cls, buffer, dtype=_C.uint8, byte_order="native", **_ignored):
        """A copy of the bytes of a buffer."""
        return cls._over(_C._from_bytes(bytes(buffer), _C.uint8))

    @classmethod
    def from_file(cls, filename, shared=False, nbytes=0):
        """The first `nbytes` bytes of a file, read as they are used; what is written to them reaches the file where `shared` is True.

        RuntimeError where the file is not there or, unless `shared`, is shorter; a shared file is made longer.
        """
        self = cls.__new__(cls)
        self._bytes = mapped(filename, shared, nbytes)
        return self

    @property
    def device(self):
        return _C.device("cpu")

    @property
    def _cdata(self):
        return self.data_ptr()

    def data_ptr(self):
        """The address of the first byte."""
        return self._bytes.data_ptr()

    def nbytes(self):
        """The number of bytes."""
        return self._bytes.numel()

    size = __len__ = nbytes

    def element_size(self):
        """1."""
        return 1

    def untyped(self):
        """The storage itself."""
        return self

    def __getitem__(self, index):
        if not isinstance(index, slice):
            return self._bytes[index].item()
        part = UntypedStorage.__new__(UntypedStorage)
        part._bytes = self._bytes[index]  # the same memory
        return part

    def __setitem__(self, index, value):
        self._bytes[index] = value

    def __iter__(self):
        return iter(self.tolist())

    def tolist(self):
        """The bytes as a list of ints."""
        return self._bytes.tolist()

    def clone(self):
        """A copy of the memory."""
        return UntypedStorage._over(self._bytes.clone())

    def __deepcopy__(self, memo):
        return memo.setdefault(id(self), self.clone())

    __copy__ = clone

    def copy_(self, source, non_blocking=False):
        """Take over the bytes of a storage of the same size."""
        self._bytes.copy_(_bytes_of(source))
        return self

    def fill_(self, value):
        """Set every byte."""
        self._bytes.fill_(value)
        return self

    def cpu(self):
        """The storage itself: it is on the CPU."""
        return self

    def cuda(self, device=None, non_blocking=False):
        """AssertionError: there is no GPU."""
        raise AssertionError("Torch not compiled with CUDA enabled")

    def share_memory_(self):
        """The storage itself; worker processes receive copies."""
        return self

    def is_shared(self):
        """False."""
        return False

    def is_pinned(self, device=None):
        """False."""
        return False

    def __reduce__(self):
        return _load_from_bytes, (_saved(self),)

    def __repr__(self):
        rows = "".join(f" {value}\n" for value in self.tolist())
        return f"{rows}[torch.storage.UntypedStorage(device=cpu) of size {self.nbytes()}]"


class TypedStorage:
    """Memory as elements of one type: ``TypedStorage(n, dtype=...)``, or a sequence of numbers in place of ``n``.

    ``tensor.storage()`` gives that of a tensor; ``torch.FloatStorage`` and its like make some of a fixed type.
    """

    __slots__ = ("_untyped_storage", "dtype", "__weakref__")
    is_cuda = is_sparse = False

    def __init__(self, *args, wrap_storage=None, dtype=None, device=None, _internal=False):
        if device is not None:
            _C._check_device(device)
        self.dtype = _C.get_default_dtype() if dtype is None else dtype
        if wrap_storage is None:
            content = args[0] if args else 0
            new = _C.empty((content,), dtype=self.dtype) if isinstance(content, int) else _C._tensor(list(content), self.dtype, False)
            wrap_storage = UntypedStorage._over(new)
        self._untyped_storage = wrap_storage

    @property
    def device(self):
        return self._untyped_storage.device

    @property
    def _cdata(self):
        return self._untyped_storage._cdata

    def _elements(self):
        count = self._size()
        return _C._laid_on(self._untyped_storage._bytes, self.dtype, 0, (count,), (1,))

    def untyped(self):
        """The same memory as bytes."""
        return self._untyped_storage

    def data_ptr(self):
        """The address of the first byte."""
        return self._untyped_storage.data_ptr()

    def nbytes(self):
        """The number of bytes."""
        return self._untyped_storage.nbytes()

    def element_size(self):
        """Bytes of one element."""
        return self.dtype.itemsize

    def size(self):
        """The number of elements."""
        return self.nbytes() // self.element_size()

    __len__ = _size = size

    def __getitem__(self, index):
        if isinstance(index, slice):
            raise RuntimeError("slices are only supported in UntypedStorage.__getitem__")
        return self._elements()[index].item()

    def __setitem__(self, index, value):
        self._elements()[index] = value

    def __iter__(self):
        return iter(self.tolist())

    def tolist(self):
        """The elements as a list of numbers."""
        return self._elements().tolist()

    def clone(self):
        """A copy of the memory."""
        return TypedStorage(wrap_storage=self._untyped_storage.clone(), dtype=self.dtype)

    def __deepcopy__(self, memo):
        return memo.setdefault(id(self), self.clone())

    __copy__ = clone

    def copy_(self, source, non_blocking=False):
        """Take over the elements of another storage, converted."""
        self._elements().copy_(source._elements())
        return self

    def fill_(self, value):
        """Set every element."""
        self._elements().fill_(value)
        return self

    def cpu(self):
        """The storage itself: it is on the CPU."""
        return self

    def type(self, dtype=None, non_blocking=False):
        """The name of the type, as "torch.FloatStorage"."""
        return f"torch.{NAMES[self.dtype]}"

    def pickle_storage_type(self):
        """The name of the class that stands for this type in files."""
        return NAMES[self.dtype]

    def is_shared(self):
        """False."""
        return False

    def is_pinned(self, device=None):
        """False."""
        return False

    def share_memory_(self):
        """The storage itself; worker processes receive copies."""
        return self

    def __reduce__(self):
        return _load_from_bytes, (_saved(self),)

    def __repr__(self):
        rows = "".join(f" {value}\n" for value in self.tolist())
        return f"{rows}[torch.storage.TypedStorage(dtype={self.dtype}, device=cpu) of size {self.size()}]"


class _OneType(builtins.type):
    """The class of FloatStorage and its like: calling one makes a TypedStorage, isinstance asks for its type."""

    def __instancecheck__(cls, obj):
        return isinstance(obj, TypedStorage) and obj.dtype is cls.dtype

    def __repr__(cls):
        return f"<class 'torch.{cls.__name__}'>"

    def from_file(cls, filename, shared=False, size=0):
        """The first `size` elements of a file: see UntypedStorage.from_file."""
        return TypedStorage(wrap_storage=UntypedStorage.from_file(filename, shared, size * cls.dtype.itemsize), dtype=cls.dtype)

    def __call__(cls, *args, wrap_storage=None, device=None, _internal=False):
        return TypedStorage(*args, wrap_storage=wrap_storage, dtype=cls.dtype, device=device)


NAMES = {
    _C.float32: "FloatStorage",
    _C.float64: "DoubleStorage",
    _C.float16: "HalfStorage",
    _C.bfloat16: "BFloat16Storage",
    _C.int64: "LongStorage",
    _C.int32: "IntStorage",
    _C.int16: "ShortStorage",
    _C.int8: "CharStorage",
    _C.uint8: "ByteStorage",
    _C.bool: "BoolStorage",
}
CLASSES = {
    name: _OneType(name, (), {"dtype": dtype, "__module__": __name__, "__doc__": f"Makes storages of {dtype}."})
    for dtype, name in NAMES.items()
}
globals().update(CLASSES)


def is_storage(obj):
    """Whether obj is an :class:`UntypedStorage` or a :class:`TypedStorage`."""
    return isinstance(obj, UntypedStorage | TypedStorage)


def _bytes_of(source):
    return (source._untyped_storage if isinstance(source, TypedStorage) else source)._bytes


def _saved(storage):
    buffer = io.BytesIO()
    save(storage, buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue()


def _load_from_bytes(data):
    """What pickles of storages call."""
    return load(io.BytesIO(data), weights_only=False)


def untyped_storage(self):
    """The memory under the tensor, all of it, as bytes."""
    return UntypedStorage._over(self)


def _typed_storage(self):
    """The memory under the tensor, all of it, as elements of its type."""
    return TypedStorage(wrap_storage=UntypedStorage._over(self), dtype=self.dtype)


def storage(self):
    """The memory under the tensor, all of it, as elements of its type."""
    warn_once(
        "TypedStorage is deprecated. It will be removed in the future and UntypedStorage will be the only storage class. This should "
        "only matter to you if you are using storages directly.  To access UntypedStorage directly, use tensor.untyped_storage() instead "
        "of tensor.storage()"
    )
    return _typed_storage(self)


def set_(self, source=None, storage_offset=0, size=None, stride=None):
    """Let the tensor lie on other memory: that of a storage or of a tensor; without an argument it becomes empty."""
    if source is None:
        source = UntypedStorage(0)
        size = (0,)
    if isinstance(source, Tensor):
        if source.dtype is not self.dtype:
            raise RuntimeError(f"Could not set tensor of type {source.dtype} to a tensor of type {self.dtype}")
        if size is None:
            self.data = source.detach()
            return self
        source = _typed_storage(source)
    memory = _bytes_of(source)
    if size is None:
        size = (memory.numel() // self.dtype.itemsize,)
    if stride is None:
        stride = _C.empty((0,), dtype=self.dtype).new_empty(size).stride()
    self.data = _C._laid_on(memory, self.dtype, storage_offset, tuple(size), tuple(stride))
    return self


def share_memory_(self):
    """Move the tensor to memory that processes see which are started later, or that receive it through a queue; returns it."""
    from . import sharing

    return sharing.share_memory_(self)


def is_shared(self):
    """Whether the tensor lies in memory that other processes may see."""
    from . import sharing

    return sharing.is_shared(self)


for _method in (untyped_storage, storage, set_, share_memory_, is_shared):
    _method.__qualname__ = f"Tensor.{_method.__name__}"
    setattr(Tensor, _method.__name__, _method)
Tensor._typed_storage = _typed_storage
