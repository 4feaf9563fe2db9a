"""Rules of batched tensors for products of vectors and matrices."""

from .. import _C
from .._C import Tensor
from ._batch_rules import by_element, each, rule, signed

__all__ = ["matmul"]

_RANKS = {"mm": (2, 2), "bmm": (3, 3), "mv": (2, 1), "dot": (1, 1), "vdot": (1, 1)}


@rule("matmul", "mm", "bmm", "mv", "dot", "vdot", "linalg_matmul")
def _matmul(func, m, args, kwargs):
    a, b = args if not kwargs else (*args, *kwargs.values())
    ranks = a.dim(), b.dim()
    if _RANKS.get(func.__name__, ranks) != ranks or a.shape[-1:] != b.shape[-2:][:1] or a.dtype is not b.dtype or 0 in ranks:
        with _C.DisableTorchFunctionSubclass():
            func(a, b)  # says what does not fit
    if func.__name__ == "vdot":
        a = a.conj()
    return m.wrap(matmul(m, a, b))


def matmul(m, a, b):
    """All products of two tensors, one of which at least is batched."""
    ranks = a.dim(), b.dim()
    if ranks == (1, 1) and not a.is_complex():
        return _C._linalg.vecdot(m.values(a), m.values(b))
    if not m.has(b):
        if ranks[1] <= 2:
            return _C.matmul(a._held, b)  # rows of one matrix, or matrices and a matrix that they share
    elif not m.has(a) and ranks == (2, 1):
        return _C.matmul(b._held, a.t())
    rank = max(*ranks, 2)
    left, right = m.values(a), m.values(b)
    if ranks[0] == 1:
        left = left.unsqueeze(-2)
    if ranks[1] == 1:
        right = right.unsqueeze(-1)
    y = _C.matmul(_widened(left, rank + 1) if m.has(a) else left, _widened(right, rank + 1) if m.has(b) else right)
    if ranks[1] == 1:
        y = y.squeeze(-1)
    return y.squeeze(-1 if ranks[1] == 1 else -2) if ranks[0] == 1 else y


def _widened(values, rank):
    """Matrices of a batch with dimensions of one behind the first, for those that the other operand has."""
    while values.dim() < rank:
        values = values.unsqueeze(1)
    return values


@rule("linear")
@signed
def _linear(func, m, signature, values):
    x, weight, bias = values["input"], values["weight"], values["bias"]
    if not m.has(weight) and not m.has(bias):
        return m.wrap(func(x._held, weight, bias))
    if not m.has(weight):
        return func(x, weight) + bias
    with _C.DisableTorchFunctionSubclass():
        if x.shape[-1:] != weight.shape[-1:]:
            func(x, weight, bias)  # says what does not fit
    if weight.dim() == 1:
        return each(func, m, signature, values)
    held, rank = weight._held, x.dim()
    if not m.has(x):  # one product with the rows of all weights
        y = x.reshape(-1, x.shape[-1]).matmul(held.reshape(-1, held.shape[-1]).t())
        y = y.view(-1, m.size, held.shape[1]).movedim(1, 0).view(m.size, *x.shape[:-1], held.shape[1]) if rank != 1 else y.view(m.size, -1)
    else:
        rows = x._held.reshape(m.size, -1, x.shape[-1])
        if bias is not None and m.has(bias) and bias.dtype is rows.dtype:
            y = _C.baddbmm(bias._held.unsqueeze(1), rows, held.transpose(1, 2))
            bias = None
        else:
            y = _C.bmm(rows, held.transpose(1, 2))
        y = y.reshape(m.size, *x.shape[:-1], held.shape[1])
    y = m.wrap(y)
    return y if bias is None else y + bias


def _sum(values, product):
    beta, alpha = values["beta"], values["alpha"]
    product = product if alpha == 1 else product * alpha
    if beta == 0:
        return product
    x = values["input"]
    return (x if beta == 1 else x * beta) + product


@rule("addmm", "addmv", "baddbmm")
@signed
def _added(func, m, signature, values):
    a, b = (values[p.name] for p in signature.positional[1:3])
    return _sum(values, _C.matmul(a, b))


@rule("addbmm")
@signed
def _addbmm(func, m, signature, values):
    return _sum(values, _C.matmul(values["batch1"], values["batch2"]).sum(0))


@rule("addr")
@signed
def _addr(func, m, signature, values):
    return _sum(values, _C.outer(values["vec1"], values["vec2"]))


@rule("dist")
@signed
def _dist(func, m, signature, values):
    return (values["input"] - values["other"]).norm(values["p"])


@rule("outer", "ger")
def _outer(func, m, args, kwargs):
    x, y = args
    if x.dim() != 1 or y.dim() != 1:
        return by_element(func, m, args, kwargs)
    return x.unsqueeze(1) * y


@rule("inner")
def _inner(func, m, args, kwargs):
    x, y = args
    if x.dim() == 0 or y.dim() == 0:
        return x * y
    if x.dim() > 2 or y.dim() > 2:
        return by_element(func, m, args, kwargs)
    return x.matmul(y if y.dim() == 1 else y.t())


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@rule("_einsum")
def _einsum(func, m, args, kwargs):
    equation, operands = args
    equation = equation.replace(" ", "")
    free = next((letter for letter in _LETTERS if letter not in equation), None)
    inputs, arrow, output = equation.partition("->")
    groups = inputs.split(",")
    if free is None or len(groups) != len(operands) or not all(isinstance(x, Tensor) for x in operands):
        return by_element(func, m, args, kwargs)
    if not arrow:
        output = ("..." if "..." in inputs else "") + "".join(sorted(c for c in set(inputs) - set(".,") if inputs.count(c) == 1))
    groups = [free + group if m.has(x) else group for group, x in zip(groups, operands, strict=True)]
    return m.wrap(func(f"{','.join(groups)}->{free}{output}", [m.values(x) for x in operands]))
