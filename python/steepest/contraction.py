"""einsum and tensordot: sums of products whose arguments are too free for the op table."""

from operator import index

from . import _C
from .overrides import _overrides, handle_torch_function

__all__ = ["einsum", "tensordot"]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def einsum(*args):
    """Sum of products of the operands' elements, in Einstein's notation.

    ``einsum(equation, *operands)``: the equation has one group of letters an operand, one letter a
    dimension, and behind ``->`` those of the result; letters that the result lacks are summed.
    Without ``->`` the result has the letters that occur once, in alphabetical order. ``...`` stands
    for dimensions that are broadcast. ``einsum(x, [0, 1], y, [1, 2], [0, 2])`` gives numbers from 0
    to 51 in place of letters.

    Raises RuntimeError for an equation that cannot be read or does not fit the operands, ValueError
    where operands or their numbers are missing.

    Example::

        >>> import steepest as torch
        >>> torch.einsum("ij,j->i", torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1.0, 10.0]))
        tensor([21., 43.])
    """
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, "
            "or at least one operand and its subscripts list"
        )
    if isinstance(args[0], _C.Tensor):
        groups = [_letters(numbers) for numbers in args[1::2]]
        equation = ",".join(groups)
        operands = args[::2]
        if len(args) % 2:
            equation += "->" + _letters(args[-1])
            operands = operands[:-1]
    else:
        equation, *operands = args
        if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
            operands = operands[0]
    for operand in operands:
        if not isinstance(operand, _C.Tensor) and _overrides(operand):
            return handle_torch_function(einsum, operands, equation, *operands)
    return _C._einsum(equation, operands)


def _letters(numbers):
    return "".join("..." if n is Ellipsis else _letter(n) for n in numbers)


def _letter(n):
    if not 0 <= n < len(_LETTERS):
        raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")
    return _LETTERS[n]


def tensordot(a, b, dims=2, out=None):
    """Sum of products over some dimensions of ``a``, each with its partner among those of ``b``.

    ``dims`` is a number (the last ones of ``a`` with the first ones of ``b``), two lists of
    dimensions, or a tensor of either. The other dimensions of ``a``, then of ``b``, make the result.

    Raises RuntimeError where the sizes or the numbers of dimensions differ.

    Example::

        >>> import steepest as torch
        >>> torch.tensordot(torch.ones(2, 3, 4), torch.ones(4, 3, 5), dims=([1, 2], [1, 0])).shape
        torch.Size([2, 5])
    """
    for operand in (a, b):
        if not isinstance(operand, _C.Tensor) and _overrides(operand):
            return handle_torch_function(tensordot, (a, b), a, b, dims=dims)
    if isinstance(dims, _C.Tensor):
        if dims.numel() > 1:
            left, right = dims.tolist()
        else:
            left, right = _touching(a, b, int(dims))
    elif isinstance(dims, (tuple, list)):
        left, right = (list(d) if isinstance(d, (tuple, list)) else [d] for d in dims)
    else:
        left, right = _touching(a, b, index(dims))
    return _C._tensordot(a, b, left, right, out=out)


def _touching(a, b, n):
    if n < 0:
        raise RuntimeError(f"tensordot expects dims >= 0, but got dims={n}")
    if n > min(a.dim(), b.dim()):
        raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={n}")
    return list(range(-n, 0)), list(range(n))
