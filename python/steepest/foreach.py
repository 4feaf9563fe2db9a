"""torch._foreach_*: one op for each tensor of a list, as optimizers call them.

A function of these names takes a list of tensors, and for each further operand a list, one for each tensor, or one number or tensor for
all; it gives the tuple of results. Those whose names end in an underscore write to the tensors, and give their list.
"""

from . import _C
from ._C import Tensor

_PREFIX = "_foreach_"
_UNARY = (
    "abs acos asin atan ceil clone cos cosh erf erfc exp expm1 floor frac lgamma log log10 log1p log2 neg reciprocal round rsqrt "
    "sigmoid sign sin sinh sqrt tan tanh trunc zero"
)
_OTHERS = "add addcdiv addcmul clamp_max clamp_min copy div lerp maximum minimum mm mul pow sub"
_ONLY_IN_PLACE, _NEVER_IN_PLACE = {"copy", "zero"}, {"clone", "mm"}
_ON_NUMBERS = {"maximum": "clamp_min", "minimum": "clamp_max"}  # what these are for a number
_ON_TENSORS = {"clamp_min": "maximum", "clamp_max": "minimum"}


def _checked(tensors):
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("Tensor list must have at least one tensor.")
    return tensors


def _each(operand, count):
    """The operand for each of `count` tensors."""
    if not isinstance(operand, list | tuple):
        return [operand] * count
    if len(operand) != count:
        tensors = operand and isinstance(operand[0], Tensor)
        raise RuntimeError(
            f"Tensor lists must have the same number of tensors, got {count} and {len(operand)}"
            if tensors
            else "Tensor list must have same number of elements as scalar list."
        )
    return operand


def _method(name, operand, suffix):
    """The method of Tensor for an op and the kind of its operand."""
    if isinstance(operand, Tensor):
        name = _ON_TENSORS.get(name, name)
    else:
        name = _ON_NUMBERS.get(name, name)
    if suffix and name in _ON_NUMBERS:  # these have no method that writes
        return lambda x, other: x.copy_(getattr(x, name)(other))
    return getattr(Tensor, name + suffix)


def _scaled(name, tensors, first, second, value=1):
    """addcmul and addcdiv, whose factor is one for all, one for each tensor, or a tensor with one for each."""
    count = len(tensors)
    values = _each(value.tolist() if isinstance(value, Tensor) else value, count)
    rows = zip(tensors, _each(first, count), _each(second, count), values, strict=True)
    return tuple(getattr(x, name)(a, b, value=v) for x, a, b, v in rows)


def _applied(name, suffix, tensors, operands, keywords):
    if name == "pow" and not isinstance(tensors, list | tuple):  # a number to the power of each tensor
        return tuple(_C.pow(tensors, exponent) for exponent in operands[0])
    tensors = _checked(tensors)
    if name in ("addcmul", "addcdiv"):
        return _scaled(name + suffix, tensors, *operands, **keywords)
    columns = [_each(operand, len(tensors)) for operand in operands]
    return tuple(_method(name, row[0] if row else None, suffix)(x, *row, **keywords) for x, *row in zip(tensors, *columns, strict=True))


# The operands' names, in the order in which ops take those that they know.
_KEYWORDS = ("other", "exponent", "src", "mat2", "tensor1", "tensor2", "tensors1", "weight", "weights", "scalar", "scalars")


def _function(name, in_place):
    def function(self, *operands, **keywords):
        operands += tuple(keywords.pop(key) for key in _KEYWORDS if key in keywords)
        results = _applied(name, "_" if in_place else "", self, operands, keywords)
        return self if in_place else results

    function.__name__ = function.__qualname__ = f"{_PREFIX}{name}{'_' * in_place}"
    function.__doc__ = f"Tensor.{name}{'_' * in_place} of each tensor in a list."
    return function


for _name in f"{_UNARY} {_OTHERS}".split():
    if _name not in _ONLY_IN_PLACE:
        globals()[f"{_PREFIX}{_name}"] = _function(_name, False)
    if _name not in _NEVER_IN_PLACE:
        globals()[f"{_PREFIX}{_name}_"] = _function(_name, True)


def _foreach_norm(self, ord=2, dtype=None):
    """The norm of each tensor, as a tuple of numbers in tensors.

    >>> import steepest as torch
    >>> torch._foreach_norm([torch.tensor([3., 4.]), torch.tensor([-2.])])
    (tensor(5.), tensor(2.))
    """
    from .linalg import vector_norm

    return tuple(vector_norm(x, ord, dtype=dtype) for x in _checked(self))


def _foreach_powsum(self, ord=2, dtype=None):
    """The sum of the absolute values to the power of `ord`, of each tensor."""
    return tuple(x.abs().pow(ord).sum(dtype=dtype) for x in _checked(self))


def _foreach_max(self):
    """The largest element of each tensor."""
    return tuple(x.max() for x in _checked(self))
