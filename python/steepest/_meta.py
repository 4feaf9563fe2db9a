"""Tensors of the device meta: sizes and dtype without values, as ``.to("meta")`` of tensors and modules makes them.

Note [The device meta]
A tensor without values is of a subclass of Tensor, and its memory is one zero, spread over its sizes. Ops that meet it are computed on
such zeros, and what they give has no values either; what writes to it does nothing. It stands for what a program will fill in or never
reads: the model of a functional_call, or one that loads its state with ``assign=True``. Functions that make tensors know the CPU alone.
"""

from . import _C
from ._C import DisableTorchFunctionSubclass, Tensor
from .dispatch import _parse_to
from .printing import without_values_repr
from .utils._pytree import tree_leaves, tree_map

__all__ = ["NO_VALUES", "Meta", "without_values"]

NO_VALUES = "Cannot copy out of meta tensor; no data!"


def without_values(x, dtype=None):
    """A tensor of the device meta with the sizes of x."""
    with DisableTorchFunctionSubclass():
        y = _C.zeros((), dtype=dtype or x.dtype).as_strided(tuple(x.shape), (0,) * x.dim()).detach()
    y.__class__ = Meta
    return y


def _of_result(y):
    if isinstance(y, Tensor):
        y.__class__ = Meta
    return y


def _refusing(kind, text):
    def method(self, *args, **kwargs):
        raise kind(text)

    return method


def _converting(dtype):
    return lambda self, *args, **kwargs: self.to(dtype)


class Meta(Tensor):
    """A tensor without values. See Note [The device meta]."""

    device = property(lambda self: _C.device("meta"))
    is_meta = property(lambda self: True)
    is_cpu = property(lambda self: False)

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        tensors = [x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)]
        first = type(tensors[0]) is cls
        name = func.__name__
        if name == "copy_" and not first:
            raise NotImplementedError(NO_VALUES)
        writes = name == "__setitem__" or (name.endswith("_") and not name.startswith("__"))
        if name != "copy_" and any(x.dim() and (type(x) is cls) is not first for x in tensors):
            one, other = ("cpu", "meta") if first else ("meta", "cpu")
            raise RuntimeError(f"Tensor on device {one} is not on the expected device {other}!")
        if writes and name not in ("detach_", "requires_grad_"):
            return args[0]
        with DisableTorchFunctionSubclass():
            return tree_map(_of_result, func(*args, **kwargs))

    def to(self, *args, **kwargs):
        """The tensor in another dtype; NotImplementedError for another device, as there are no values to go there."""
        device, dtype, *_ = _parse_to(*args, **kwargs)
        if device is not None and device.type != "meta":
            raise NotImplementedError(NO_VALUES)
        return self if dtype is None or dtype is self.dtype else without_values(self, dtype)

    def __repr__(self, *, tensor_contents=None):
        text = without_values_repr(self)
        return f"Parameter containing:\n{text}" if getattr(self, "_is_param", False) else text

    def __format__(self, spec):
        return repr(self)

    def __deepcopy__(self, memo):
        if id(self) not in memo:
            copy = memo[id(self)] = without_values(self).requires_grad_(self.requires_grad)
            copy.__dict__.update(self.__dict__)
        return memo[id(self)]

    item = __bool__ = __int__ = __float__ = __index__ = _refusing(RuntimeError, "Tensor.item() cannot be called on meta tensors")
    tolist = cpu = __dlpack__ = __reduce_ex__ = _refusing(NotImplementedError, NO_VALUES)
    numpy = __array__ = _refusing(
        TypeError, "can't convert meta device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
    )
    float, double, half, bfloat16, long, int, short, char, byte, bool = map(
        _converting,
        (_C.float32, _C.float64, _C.float16, _C.bfloat16, _C.int64, _C.int32, _C.int16, _C.int8, _C.uint8, _C.bool),
    )
