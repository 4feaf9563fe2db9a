"""Questions about tensors, types and modes."""

import builtins

from . import _C
from ._C import is_grad_enabled, is_inference_mode_enabled
from .size import Size

__all__ = ["is_grad_enabled", "is_inference_mode_enabled"]


def is_tensor(obj):
    """Whether `obj` is a Tensor."""
    return isinstance(obj, _C.Tensor)


def _demand_tensor(name, obj):
    if not isinstance(obj, _C.Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(obj).__name__}")


def is_floating_point(input):
    """Whether the elements of `input` are floating-point numbers."""
    _demand_tensor("is_floating_point", input)
    return input.is_floating_point()


def is_complex(input):
    """Whether the elements of `input` are complex."""
    _demand_tensor("is_complex", input)
    return input.is_complex()


def is_inference(input):
    """Whether `input` was made in inference mode."""
    return input.is_inference()


def get_device(input):
    """-1, as PyTorch has it for tensors on the CPU."""
    return input.get_device()


def is_nonzero(input):
    """Whether a tensor with one element is not zero."""
    return builtins.bool(input)


def numel(input):
    """The number of elements of `input`."""
    _demand_tensor("numel", input)
    return input.numel()


def typename(obj):
    """The name of an object's type as PyTorch shows it."""
    if isinstance(obj, _C.Tensor):
        return obj.type()
    named = obj if hasattr(obj, "__qualname__") else type(obj)
    return named.__qualname__ if named.__module__ in (None, "", "builtins") else f"{named.__module__}.{named.__qualname__}"


def result_type(tensor1, tensor2):
    """The dtype of an operation between two tensors or numbers."""
    one, two = (x if isinstance(x, _C.Tensor) else None for x in (tensor1, tensor2))
    empty = [x.new_empty((0,) * x.dim()) if x is not None else y for x, y in ((one, tensor1), (two, tensor2))]
    return _C.mul(*empty).dtype


def broadcast_shapes(*shapes):
    """The shape to which tensors of these shapes broadcast."""
    sizes = []
    for k, shape in enumerate(shapes):
        shape = (shape,) if isinstance(shape, builtins.int) else tuple(shape)
        sizes = [1] * (len(shape) - len(sizes)) + sizes
        for i, s in enumerate(reversed(shape), 1):
            if s not in (1, sizes[-i]) and sizes[-i] != 1:
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {s} at {-i}! Mismatching argument at index {k} had {shape}; "
                    f"but expected shape should be broadcastable to {sizes}"
                )
            if s < 0:
                raise ValueError("Attempting to broadcast a dimension with negative length!")
            sizes[-i] = s if sizes[-i] == 1 else sizes[-i]
    return Size(sizes)


def compiled_with_cxx11_abi():
    """True."""
    return True
