"""Methods of Tensor that need no speed: text, numpy, copying, pickling, the rest of PyTorch's face."""

import builtins
import math
import warnings

from . import _C, numerics
from ._C import Tensor
from .legacy import TYPES
from .printing import tensor_format, tensor_repr


def _method(f):
    """Makes `f` a method of Tensor under its own name."""
    f.__qualname__ = f"Tensor.{f.__name__}"
    setattr(Tensor, f.__name__, f)
    return f


Tensor.__array_priority__ = 1000
Tensor.__module__ = "torch"


@_method
def __repr__(self, *, tensor_contents=None):
    return tensor_repr(self)


@_method
def __format__(self, spec):
    return tensor_format(self, spec)


@_method
def __array__(self, dtype=None, copy=None):
    array = self.numpy()
    if dtype is not None and array.dtype != dtype:
        if copy is False:
            raise ValueError(f"a tensor of {self.dtype} is no array of {dtype} without a copy")
        return array.astype(dtype)
    return array.copy() if copy else array


@_method
def __array_wrap__(self, array, context=None, return_scalar=False):
    if array.dtype == builtins.bool:
        array = array.astype("uint8")
    return _C.from_numpy(array)


@_method
def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
    if self.requires_grad:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    if stream is not None:
        raise BufferError(f"__dlpack__: a tensor of the CPU has no stream, got {stream!r}")
    return (self.clone() if copy else self)._dlpack(max_version is not None and max_version[0] >= 1)


@_method
def __dlpack_device__(self):
    return (1, 0)


@_method
def __contains__(self, element):
    if isinstance(element, Tensor | builtins.int | builtins.float | builtins.bool | complex):
        return builtins.bool((element == self).any().item())
    raise RuntimeError(
        f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {builtins.type(element)}."
    )


@_method
def __reversed__(self):
    return self if self.dim() == 0 else self.flip(0)


@_method
def __rdiv__(self, other):
    return self.reciprocal() * other


def _rebuild(type_, data, dtype, sizes, strides, requires_grad, state):
    """The tensor that pickle wrote; type_ is None for Tensor itself."""
    dtype = getattr(_C, dtype)
    flat = _C._from_bytes(data, dtype)
    t = _like(type_, flat.as_strided(sizes, strides).clone() if flat.numel() else _C.empty(sizes, dtype=dtype))
    t.requires_grad_(requires_grad)
    t.__dict__.update(state)
    return t


def _like(type_, t):
    return t if type_ is None or type_ is Tensor else Tensor._make_subclass(type_, t, False)


@_method
def __reduce_ex__(self, protocol):
    cls = builtins.type(self)
    dense = self.detach().contiguous()
    name = str(self.dtype).removeprefix("torch.")
    fields = (_C._to_bytes(dense), name, tuple(self.shape), dense.stride(), self.requires_grad, self.__dict__)
    return _rebuild, (None if cls is Tensor else cls, *fields)


@_method
def __copy__(self):
    copy = _like(builtins.type(self), self.detach())
    copy.requires_grad_(self.requires_grad)
    copy.__dict__.update(self.__dict__)
    return copy


@_method
def __deepcopy__(self, memo):
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  "
            "If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, "
            "see https://github.com/pytorch/pytorch/pull/103001"
        )
    if id(self) in memo:
        return memo[id(self)]
    from copy import deepcopy

    # Tensors that share memory still do so afterwards.
    key = ("storage", self._storage_ptr())
    copy = _like(builtins.type(self), _C._copy_with_storage(self, memo.get(key)))
    memo.setdefault(key, copy)
    copy.requires_grad_(self.requires_grad)
    if self.grad is not None:
        copy.grad = deepcopy(self.grad, memo)
    memo[id(self)] = copy
    copy.__dict__.update(deepcopy(self.__dict__, memo))
    return copy


# Their names alone: there are no classes to make complex tensors of, as there are of the others.
_COMPLEX_TYPES = {"torch.complex64": "torch.ComplexFloatTensor", "torch.complex128": "torch.ComplexDoubleTensor"}


@_method
def type(self, dtype=None, non_blocking=False, **_ignored):  # noqa: A001
    """The name of the tensor's type, or the tensor as another type."""
    if dtype is None:
        return next((name for name, d in TYPES.items() if d is self.dtype), None) or _COMPLEX_TYPES[str(self.dtype)]
    if isinstance(dtype, str):
        if dtype not in TYPES:
            raise ValueError(f"invalid type: '{dtype}'")
        dtype = TYPES[dtype]
    elif dtype is Tensor:
        dtype = _C.get_default_dtype()
    elif hasattr(dtype, "dtype"):
        dtype = dtype.dtype
    return self.to(dtype)


Tensor._cdata = property(id, doc="A number that no other tensor has while this one lives.")


@_method
def cpu(self, memory_format=None):
    """The tensor itself: it is on the CPU."""
    return self


@_method
def cuda(self, device=None, non_blocking=False, memory_format=None):
    """AssertionError: there is no GPU. RuntimeError for an index, and for what is no GPU."""
    if device is not None and _C.device(device).type != "cuda":
        raise RuntimeError("Invalid device, must be cuda device")
    raise AssertionError("Torch not compiled with CUDA enabled")


@_method
def get_device(self):
    """-1, as PyTorch has it for the CPU."""
    return -1


@_method
def pin_memory(self, device=None):
    """The tensor itself: there is no device to pin memory for."""
    return self


@_method
def is_pinned(self, device=None):
    """False."""
    return False


@_method
def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False, **_ignored):
    """A new tensor of `data` with this tensor's dtype."""
    if isinstance(data, Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() "
            "or sourceTensor.detach().clone().requires_grad_(True), rather than tensor.new_tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
    return _C._tensor(data, dtype or self.dtype, requires_grad)


@_method
def new(self, *args, **kwargs):
    """A tensor of this type: of sizes, or of data."""
    return Tensor(*args, **kwargs).to(self.dtype)


@_method
def histogram(self, bins=100, *, range=None, weight=None, density=False):
    """torch.histogram() of this tensor."""
    return numerics.histogram(self, bins, range=range, weight=weight, density=density)


def _resized(self, sizes):
    if math.prod(sizes) != self.numel():
        raise RuntimeError(
            f"requested resize to {'x'.join(map(str, sizes))} ({math.prod(sizes)} elements in total), but the given tensor has a size of "
            f"{'x'.join(map(str, self.shape))} ({self.numel()} elements). autograd's resize can only change the shape of a given tensor, "
            "while preserving the number of elements. "
        )
    return self.reshape(sizes)


@_method
def resize(self, *sizes):
    """Deprecated: the tensor in other sizes with as many elements, as reshape() gives it."""
    warnings.warn("non-inplace resize is deprecated", stacklevel=2)
    return _resized(self, sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes)


@_method
def resize_as(self, tensor):
    """Deprecated: the tensor in the sizes of another with as many elements."""
    warnings.warn("non-inplace resize_as is deprecated", stacklevel=2)
    return _resized(self, tensor.shape)


@_method
def resize_as_(self, the_template, *, memory_format=None):
    """Resizes the tensor to the sizes of another: see resize_()."""
    return self.resize_(the_template.shape)


@_method
def is_nonzero(self):
    """Whether the one element is not zero; RuntimeError for other numbers of elements."""
    return builtins.bool(self)


@_method
def is_set_to(self, tensor):
    """Whether both are the same view of the same memory."""
    return self.data_ptr() == tensor.data_ptr() and self.shape == tensor.shape and self.stride() == tensor.stride()


@_method
def dim_order(self, *, ambiguity_check=False):
    """The dimensions from the widest stride to the narrowest; RuntimeError where sizes and strides leave that open, with
    ambiguity_check=True, or where the tensor has not exactly one of the memory formats that are listed there."""
    formats = [] if isinstance(ambiguity_check, builtins.bool) else ambiguity_check
    unclear = 1 in self.shape or len(set(self.stride())) < self.dim() if ambiguity_check is True else False
    if unclear or (formats and sum(self.is_contiguous(memory_format=f) for f in formats) != 1):
        raise RuntimeError("The tensor does not have unique dim order, or cannot map to exact one of the given memory formats.")
    return tuple(sorted(range(self.dim()), key=lambda d: (-self.stride(d), d)))


@_method
def as_subclass(self, cls):
    """The same memory, and the same place in the graph, as an instance of `cls`."""
    with DisableTorchFunctionSubclass():
        same = self.view_as(self)
    same.__class__ = cls
    return same


@_method
def resize_(self, *sizes, memory_format=None):
    """Lays the tensor out anew, of another shape, from where it begins in its memory.

    Where that is too short, the elements in it are copied to a longer one, of which the rest is not initialised.
    """
    if self.requires_grad:
        raise RuntimeError("cannot resize variables that require grad")
    sizes = tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], builtins.int) else sizes
    if sizes == self.shape:
        return self
    memory, begin, fresh = _C._all_bytes(self), self.storage_offset(), _C.empty(sizes, dtype=self.dtype)
    if memory.numel() < (begin + fresh.numel()) * self.itemsize:
        longer = _C.empty((begin + fresh.numel(),), dtype=self.dtype)
        _C._all_bytes(longer)[: memory.numel()] = memory
        memory = _C._all_bytes(longer)
    self.data = _C._laid_on(memory, self.dtype, begin, sizes, fresh.stride())
    return self


def _elements(name, x, others, callable):
    if any(t.requires_grad for t in (x, *others)):
        raise RuntimeError(f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead.")
    values = [callable(*both) for both in zip(x.reshape(-1).tolist(), *(y.reshape(-1).tolist() for y in others))]
    return x.copy_(_C._tensor(values, x.dtype, False).view(x.shape))


@_method
def apply_(self, callable):
    """Replaces each element by what a function of Python makes of it: slow, for tests and one-offs."""
    return _elements("apply_", self, (), callable)


@_method
def map_(self, tensor, callable):
    """Replaces each element by callable(element, element of `tensor`), whose sizes broadcast to this tensor's."""
    return _elements("map_", self, (tensor.expand(self.shape),), callable)


@_method
def fill_diagonal_(self, fill_value, wrap=False):
    """Writes a number to the elements of equal indices; `wrap` starts again below, N rows later, in a tall matrix of N columns.

    RuntimeError for a tensor of one dimension, or of three or more that differ in size.
    """
    if self.dim() < 2:
        raise RuntimeError("dimensions must larger than 1")
    if self.dim() > 2 and len({*self.shape}) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    step, (rows, columns) = sum(self.stride()), (self.shape[0], min(self.shape[1:]))
    self.as_strided((min(rows, columns),), (step,)).fill_(fill_value)
    if wrap and self.dim() == 2:
        for start in range(columns + 1, rows, columns + 1):
            place = self.storage_offset() + start * self.stride(0)
            self.as_strided((min(rows - start, columns),), (step,), place).fill_(fill_value)
    return self


@_method
def stft(self, *args, **kwargs):
    """torch.stft() of the tensor."""
    from . import spectrogram

    return spectrogram.stft(self, *args, **kwargs)


@_method
def istft(self, *args, **kwargs):
    """torch.istft() of the tensor."""
    from . import spectrogram

    return spectrogram.istft(self, *args, **kwargs)


class DisableTorchFunctionSubclass:
    """A block in which ops do not ask the classes of their arguments, and make plain tensors."""

    __module__ = "torch._C"

    def __enter__(self):
        _C._disable_overrides(1)

    def __exit__(self, *error):
        _C._disable_overrides(-1)


def _disabled_torch_function_impl(func, types, args=(), kwargs=None):
    """A ``__torch_function__`` for classes whose results are plain tensors."""
    with DisableTorchFunctionSubclass():
        return func(*args, **(kwargs or {}))


_C.DisableTorchFunctionSubclass = DisableTorchFunctionSubclass
_C._disabled_torch_function_impl = staticmethod(_disabled_torch_function_impl)  # a class that takes it over must not bind it


def _converted(value, cls):
    """Plain tensors, also those within lists and tuples, as instances of the class."""
    if builtins.type(value) is Tensor:
        return value.as_subclass(cls)
    if isinstance(value, list | tuple):
        items = [_converted(item, cls) for item in value]
        return builtins.type(value)(items if builtins.type(value) in (list, tuple) else tuple(items))
    return value


def __torch_function__(cls, func, types, args=(), kwargs=None):
    """Runs `func` as if its arguments were plain; tensors among the results become instances of the class.

    NotImplemented where one of `types` is no base of the class.
    """
    if not all(issubclass(cls, t) for t in types):
        return NotImplemented
    with DisableTorchFunctionSubclass():
        result = func(*args, **(kwargs or {}))
    return result if cls is Tensor else _converted(result, cls)


Tensor.__torch_function__ = classmethod(__torch_function__)
