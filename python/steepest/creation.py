"""Tensors from Python data: asarray, from_dlpack, frombuffer; and range."""

import math
import warnings

from . import _C


def _demand_memory(obj, dtype):
    """Raises unless the memory of `obj` can be that of a tensor of this dtype."""
    import numpy as np

    if isinstance(obj, np.generic):
        raise RuntimeError("can't alias NumPy scalars. Either remove copy=False or transform it in a ndarray. ")
    if not isinstance(obj, _C.Tensor | np.ndarray):
        raise ValueError("can't alias arbitrary sequence into a tensor.")
    given = _C.as_tensor(obj)
    if dtype not in (None, given.dtype):
        names = [kind.type().removeprefix("torch.").removesuffix("Tensor") for kind in (given, _C.empty(0, dtype=dtype))]
        raise ValueError("can't alias tensor with dtype '{}' into dtype '{}'.".format(*names))


def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=None):
    """A tensor of `obj`; shares memory unless `copy` is True or the dtype differs; ValueError where it cannot and `copy` is False.

    Of a tensor, requires_grad is what it is there unless told otherwise: its history stays, and False cuts it off.

    >>> import steepest as torch
    >>> x = 2 * torch.ones(2, requires_grad=True)
    >>> torch.asarray(x, requires_grad=True)
    tensor([2., 2.], grad_fn=<MulBackward0>)
    >>> torch.asarray(x, requires_grad=False)
    tensor([2., 2.])
    """
    is_tensor = isinstance(obj, _C.Tensor)
    if requires_grad is None:
        requires_grad = is_tensor and obj.requires_grad
        if requires_grad:
            warnings.warn(
                "torch.asarray: unspecified requires_grad now defaults to obj.requires_grad instead of False. Pass requires_grad=False "
                "explicitly to get the old behavior and silence this warning.",
                stacklevel=2,
            )
    if hasattr(obj, "untyped") and hasattr(obj, "fill_"):  # a storage
        obj = _elements(obj, dtype)
    if copy is False:
        _demand_memory(obj, dtype)
    if is_tensor and copy and dtype in (None, obj.dtype):
        t = obj.clone()
    else:
        t = _C._tensor(obj, dtype, False) if copy and not is_tensor else _C.as_tensor(obj, dtype, device)
    if t.is_leaf or requires_grad:
        return t.requires_grad_(requires_grad) if t.is_leaf and t.requires_grad != requires_grad else t
    return t.detach()


def _elements(storage, dtype):
    """A tensor on the memory of a storage: all its elements, or its bytes as those of a dtype."""
    dtype = dtype or storage.dtype or _C.int64
    count = storage.nbytes() // dtype.itemsize
    return _C._laid_on(storage.untyped()._bytes, dtype, 0, (count,), (1,))


def from_file(filename, shared=None, size=0, *, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False):
    """A tensor of the first `size` elements of a file, read as they are used.

    shared: what is written to the tensor reaches the file, which is made longer where it is too short. RuntimeError where the file is not
    there, or too short and not shared.

    >>> import steepest as torch, tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     torch.from_file(file.name, shared=True, size=2).fill_(3.0)
    ...     torch.from_file(file.name, size=2)
    tensor([3., 3.])
    tensor([3., 3.])
    """
    from .storage import UntypedStorage

    dtype = dtype or _C.get_default_dtype()
    t = _elements(UntypedStorage.from_file(filename, bool(shared), size * dtype.itemsize), dtype)
    return t.requires_grad_() if requires_grad else t


def from_dlpack(ext_tensor, **_ignored):
    """A tensor that shares the memory of any object with ``__dlpack__``, or of a DLPack capsule."""
    if not hasattr(ext_tensor, "__dlpack__"):
        return _C._from_dlpack(ext_tensor)
    try:
        capsule = ext_tensor.__dlpack__(max_version=(1, 0))
    except TypeError:  # an exporter of the time before versions
        capsule = ext_tensor.__dlpack__()
    return _C._from_dlpack(capsule)


def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    """A tensor of one dimension that shares the memory of a buffer: `count` elements from byte `offset`, by default all that follow.

    What cannot be written, or does not begin at a multiple of the element's size, is copied instead.
    Raises ValueError where the buffer is empty, too short, or its rest is not a whole number of elements.

    >>> import steepest as torch
    >>> torch.frombuffer(bytearray([1, 2, 3]), dtype=torch.uint8, offset=1)
    tensor([2, 3], dtype=torch.uint8)
    """
    try:
        view = memoryview(buffer).cast("B")
    except TypeError:
        raise ValueError("object does not implement Python buffer protocol.") from None
    length, size = len(view), _C.empty(0, dtype=dtype).element_size()
    if length == 0 or count == 0:
        raise ValueError(f"both buffer length ({length}) and count ({count}) must not be 0")
    if not 0 <= offset < length:
        raise ValueError(f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({length} bytes) minus 1")
    if count < 0 and (length - offset) % size:
        rest = f"buffer length ({length - offset} bytes) after offset ({offset} bytes)"
        raise ValueError(f"{rest} must be a multiple of element size ({size})")
    count = (length - offset) // size if count < 0 else count
    if offset + count * size > length:
        raise ValueError(
            f"requested buffer length ({count} * {size} bytes) after offset ({offset} bytes) must not be greater than actual buffer "
            f"length ({length} bytes)"
        )
    if view.readonly:
        warnings.warn(
            "The given buffer is not writable, and PyTorch does not support non-writable tensors. This means you can write to the "
            "underlying (supposedly non-writable) buffer using the tensor. You may want to copy the buffer to protect its data or make "
            "it writable before converting it to a tensor. This type of warning will be suppressed for the rest of this program.",
            UserWarning,
            stacklevel=2,
        )
    import numpy

    bytes_ = numpy.frombuffer(view, numpy.uint8, count * size, offset)
    if not bytes_.flags.writeable or bytes_.__array_interface__["data"][0] % size:
        bytes_ = bytes_.copy()
    return _C.from_numpy(bytes_).view(dtype).requires_grad_(requires_grad)


def range(start=0, end=None, step=1, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):  # noqa: A001
    """start, start + step, ... up to and including end, of the default dtype; PyTorch has deprecated it in favour of arange.

    >>> import steepest as torch
    >>> torch.arange(0, 3 + 1.)
    tensor([0., 1., 2., 3.])
    """
    if end is None:
        raise TypeError('range() missing 1 required positional arguments: "end"')
    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with Python's range "
        "builtin. Instead, use torch.arange, which produces values in [start, end).",
        stacklevel=2,
    )
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    count = math.floor((end - start) / step) + 1
    dtype = dtype or (out.dtype if out is not None else _C.get_default_dtype())
    return _C.arange(start, start + count * step, step, dtype=dtype, device=device, requires_grad=requires_grad, out=out)[:count]
