"""torch.autograd.forward_ad: dual tensors, which carry a tangent through the ops they meet.

Note [Dual tensors]
A dual tensor is a view of its primal, of a class that answers for ops: the op is run on the primals and recorded, and the tangents of its
results are products with its Jacobian, by the two reverse passes of :func:`steepest.func.jvp` over this one op. So no op has a second rule,
and tangents are differentiable wherever gradients are. A dual tensor of a level that has ended is its primal.

Writing to a tensor in place gives it a tangent; views of it that were made before do not have it.
"""

import contextlib
import threading
from typing import NamedTuple

from .. import _C
from .._C import DisableTorchFunctionSubclass, Tensor
from ..printing import dual_repr
from ..utils._pytree import tree_flatten, tree_unflatten
from .function import answers

__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]


class UnpackedDualTensor(NamedTuple):
    """What :func:`unpack_dual` returns; tangent is None for a tensor that is not dual."""

    primal: Tensor
    tangent: Tensor | None


UnpackedDualTensor.__module__ = "torch.autograd.forward_ad"


class _Open(threading.local):
    """The level that the thread is in."""

    level = None


_open = _Open()


class _Level:
    """What all dual tensors of one level share."""


def enter_dual_level():
    """Enters a level, in which tensors may be dual; returns its number, 0. RuntimeError within another: levels do not nest.

    >>> import steepest.autograd.forward_ad as fwAD
    >>> fwAD.enter_dual_level()
    0
    >>> fwAD.exit_dual_level()
    """
    if _open.level is not None:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    _open.level = _Level()
    return 0


def exit_dual_level(*, level=None):
    """Leaves the level: its dual tensors have no tangents any more. RuntimeError where there is none."""
    if _open.level is None:
        raise RuntimeError("Dual level must be a positive number.")
    if level not in (None, 0):
        raise RuntimeError("Trying to exit a forward AD level that was not the last one that was created. This is not supported.")
    _open.level = None


class dual_level(contextlib.ContextDecorator):  # noqa: N801  PyTorch's name
    """A block in which tensors may be dual.

    >>> import steepest as torch
    >>> import steepest.autograd.forward_ad as fwAD
    >>> with fwAD.dual_level():
    ...     x = fwAD.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 10.0]))
    ...     fwAD.unpack_dual(x**2).tangent
    tensor([ 2., 40.])
    """

    def __enter__(self):
        return enter_dual_level()

    def __exit__(self, *_error):
        exit_dual_level()


def make_dual(tensor, tangent, *, level=None):
    """A view of `tensor` that carries `tangent`, of the same shape, through the ops it meets.

    The tangent is copied where it does not lie in memory as the tensor does. RuntimeError outside of a level, for another shape and for a
    tensor that is dual already; ValueError for dtypes that are neither floating-point nor complex.
    """
    if _open.level is None:
        raise RuntimeError("Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first.")
    for name, x in (("primal", tensor), ("tangent", tangent)):
        if not (x.is_floating_point() or x.is_complex()):
            raise ValueError(f"Expected {name} to be floating point or complex, but got: {x.dtype}")
    if level not in (None, 0):
        raise RuntimeError("Invalid level given to _make_dual")
    if _is_dual(tensor):
        raise RuntimeError(
            "Making a dual Tensor based on a Tensor that already has a forward gradient at the same level 0 is not supported."
        )
    if tensor.shape != tangent.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. "
            f"Tensor is of size {list(tensor.shape)} while the given forward gradient is of size {list(tangent.shape)}."
        )
    if tangent.stride() != tensor.stride():
        tangent = _C.empty_strided(tensor.shape, tensor.stride(), dtype=tangent.dtype).copy_(tangent)
    return _dual(_view(tensor), tangent)


def unpack_dual(tensor, *, level=None):
    """(primal, tangent) of a tensor: a view of it without a tangent, and its tangent, None where it has none."""
    if not _is_dual(tensor):
        return UnpackedDualTensor(tensor, None)
    return UnpackedDualTensor(_view(tensor), tensor._tangent)


def _view(x):
    with DisableTorchFunctionSubclass():
        return x.view_as(x)


def _dual(x, tangent):
    """The object itself, as a dual tensor."""
    x.__class__ = Dual
    x._tangent, x._level = tangent, _open.level
    return x


def _is_dual(x):
    return type(x) is Dual and x._level is _open.level


_CONSTANTS = frozenset(("detach", "detach_", "item", "equal", "allclose", "is_same_size", "is_conj", "is_neg", "is_signed"))


def _called(func, args, kwargs):
    """An op with dual tensors among its arguments. See Note [Dual tensors]."""
    from ..func._levels import Level, Tangents

    flat, spec = tree_flatten((args, kwargs))
    places = [k for k, x in enumerate(flat) if _is_dual(x)]
    name = func.__name__
    with DisableTorchFunctionSubclass():
        if not places or name in _CONSTANTS:
            return func(*args, **kwargs)
        writes = name == "__setitem__" or (name.endswith("_") and not name.startswith("__"))
        with Level() as level:
            inputs = [level.fresh(x.view_as(x), ()) if k in places else None for k, x in enumerate(flat)]
            given = [x if own is None else own for x, own in zip(flat, inputs, strict=True)]
            if writes:
                given[0] = given[0].clone()
            own_args, own_kwargs = tree_unflatten(given, spec)
            result = func(*own_args, **own_kwargs)
            results, results_spec = tree_flatten(given[0] if writes else result)
            outputs = [y for y in results if isinstance(y, Tensor)]
            tangents = Tangents(level, outputs, [x for x in inputs if x is not None]).along([flat[k]._tangent for k in places])
            tangents = [level.leave(t) if y.requires_grad else None for y, t in zip(outputs, tangents, strict=True)]
            outputs = [level.leave(y) for y in outputs]
        if writes:
            func(*args, **kwargs)
            return _dual(flat[0], tangents[0]) if tangents[0] is not None else flat[0]
        pairs = iter(zip(outputs, tangents, strict=True))
        return tree_unflatten([_carrying(*next(pairs)) if isinstance(y, Tensor) else y for y in results], results_spec)


def _carrying(y, tangent):
    return y if tangent is None else _dual(y, tangent)


class Dual(Tensor):
    """A tensor with a tangent. See Note [Dual tensors]."""

    T = property(lambda self: self.permute(*reversed(range(self.dim()))))
    mT = property(lambda self: self.transpose(-2, -1))
    H = property(lambda self: self if self.dim() == 0 else self.t().conj())
    mH = property(lambda self: self.mT.conj())
    real = property(lambda self: _C.real(self))
    imag = property(lambda self: _C.imag(self))
    data = property(lambda self: self.detach())

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return _called(func, args, kwargs or {})

    def __repr__(self, *, tensor_contents=None):
        return dual_repr(_view(self), self._tangent if _is_dual(self) else None)

    def __format__(self, spec):
        return format(_view(self), spec)

    def __iter__(self):
        return iter(self.unbind(0))


def _applied(function, args, kwargs):
    """An autograd.Function with dual tensors among its arguments: its jvp() gives the tangents of the results."""
    plain = [_view(a) if type(a) is Dual else a for a in args]
    ctx, result = function._run(plain, kwargs)
    if not any(map(_is_dual, args)):
        return result
    alone = not isinstance(result, tuple)
    tangents = function.jvp(ctx, *(a._tangent if _is_dual(a) else None for a in args))
    pairs = zip((result,) if alone else result, (tangents,) if alone else tangents, strict=True)
    results = tuple(y if t is None else _dual(y, t) for y, t in pairs)
    return results[0] if alone else results


answers[Dual] = _applied
