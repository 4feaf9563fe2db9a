"""The methods of sparse tensors: those whose ops have answers, those that concern shape and dtype alone, and refusals of all others."""

from .._C import Tensor
from ..layouts import BLOCKS
from . import _compressed
from ._tensor import OPS, SparseTensor, refusal

# What a dense tensor's method finds out from sizes and dtype alone, and those that are not here for any tensor.
_SAFE = {
    "dim", "element_size", "get_device", "is_complex", "is_conj", "is_floating_point", "is_inference", "is_neg",
    "is_pinned", "is_shared", "is_signed", "ndimension", "nelement", "new_tensor", "numel", "pin_memory", "size",
    *(f"to_{layout}" for layout in BLOCKS),
}
_OPERATORS = {
    "__abs__": "abs", "__add__": "add", "__floordiv__": "floor_divide", "__getitem__": "__getitem__", "__iadd__": "add_",
    "__imul__": "mul_", "__isub__": "sub_", "__itruediv__": "div_", "__matmul__": "matmul", "__mul__": "mul", "__neg__": "neg",
    "__pow__": "pow", "__rmul__": "mul", "__sub__": "sub", "__truediv__": "div",
}
_SWAPPED = {"__radd__": "add", "__rmatmul__": "matmul", "__rsub__": "sub"}
_WITHOUT = (
    "and contains dlpack eq float floordiv ge gt iand ifloordiv ilshift imod index int invert ior ipow irshift ixor le lshift lt mod ne "
    "or pow rand reversed rfloordiv rlshift rmod ror rpow rrshift rshift rtruediv rxor setitem xor"
).split()


def _swapped(answer):
    return lambda self, other: answer(other, self)


def _refused(name):
    def method(self, *args, **kwargs):
        raise refusal(name)

    return method


def complete():
    """Fills the class in, once all ops are there."""
    own = vars(SparseTensor)
    methods = {name: answer for name, answer in OPS.items() if hasattr(Tensor, name)}
    methods |= {name: OPS[of] for name, of in _OPERATORS.items()} | {name: _swapped(OPS[of]) for name, of in _SWAPPED.items()}
    others = [name for name in dir(Tensor) if not name.startswith("__") and callable(getattr(Tensor, name))]
    for name in [*others, *(f"__{name}__" for name in _WITHOUT)]:
        if name not in _SAFE:
            methods.setdefault(name, _refused(name))
    methods = {name: method for name, method in methods.items() if name not in own}
    for name, method in methods.items():
        setattr(SparseTensor, name, method)
    _compressed.complete(methods)
