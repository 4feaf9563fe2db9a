"""Old ways to make tensors: torch.FloatTensor(2, 3), torch.set_default_tensor_type."""

from . import _C
from .settings import warn_once


class _LegacyType(type):
    """The class of FloatTensor and its like: isinstance asks for the dtype."""

    def __instancecheck__(cls, obj):
        return isinstance(obj, _C.Tensor) and obj.dtype is cls.dtype

    def __call__(cls, *args, **kwargs):
        if len(args) == 1 and isinstance(args[0], _C.Tensor) and args[0].dtype is not cls.dtype:
            raise TypeError(f"expected {cls.__name__} (got {args[0].type()})")
        return _C._legacy_tensor(cls.dtype, args, kwargs)


def _make(name, dtype):
    return _LegacyType(name, (), {"dtype": dtype, "__module__": "torch", "__doc__": f"Makes tensors of {dtype}."})


FloatTensor = _make("FloatTensor", _C.float32)
DoubleTensor = _make("DoubleTensor", _C.float64)
HalfTensor = _make("HalfTensor", _C.float16)
LongTensor = _make("LongTensor", _C.int64)
IntTensor = _make("IntTensor", _C.int32)
ShortTensor = _make("ShortTensor", _C.int16)
CharTensor = _make("CharTensor", _C.int8)
ByteTensor = _make("ByteTensor", _C.uint8)
BoolTensor = _make("BoolTensor", _C.bool)
BFloat16Tensor = _make("BFloat16Tensor", _C.bfloat16)

TYPES = {
    f"torch.{t.__name__}": t.dtype
    for t in (
        FloatTensor,
        DoubleTensor,
        HalfTensor,
        LongTensor,
        IntTensor,
        ShortTensor,
        CharTensor,
        ByteTensor,
        BoolTensor,
        BFloat16Tensor,
    )
}


def named(name):
    """The dtype, layout or memory format of this name, for pickle."""
    return getattr(_C, name)


def device_named(name):
    """The device of this name, for pickle."""
    return _C.device(name)


def set_default_tensor_type(t):
    """Sets the default dtype by the name or the class of a tensor type."""
    warn_once(
        "torch.set_default_tensor_type() is deprecated as of PyTorch 2.1, please use torch.set_default_dtype() and "
        "torch.set_default_device() as alternatives."
    )
    _C.set_default_dtype(TYPES[t] if isinstance(t, str) else t.dtype)


def set_default_device(device):
    """Accepts the CPU; AssertionError or RuntimeError for any other device."""
    _C._check_device(device)


def get_default_device():
    """The CPU."""
    return _C.device("cpu")
