"""Jacobians and Hessians of functions."""

import functools

from .. import _C, stack
from .._C import Tensor
from ..utils._pytree import tree_flatten, tree_leaves, tree_unflatten
from ._batches import Map
from ._derivatives import recorded_jvp, recorded_vjp
from ._levels import Level, picked
from ._vmap import check_randomness

__all__ = ["hessian", "jacfwd", "jacrev"]


def _refuse_complex(function, tree, what):
    for i, x in enumerate(tree_leaves(tree)):
        if isinstance(x, Tensor) and x.is_complex():
            raise RuntimeError(f"{function}: Expected all {what} to be real but received complex tensor at flattened input idx: {i}")


def _unit(like, i):
    e = _C.zeros(like.numel(), dtype=like.dtype)
    e[i] = 1
    return e.view(like.shape)


def _rows(level, y, inputs):
    """The Jacobians of one output by each input, by one reverse pass for each of its elements."""
    if not y.requires_grad or y.numel() == 0:
        return [y.new_zeros((*y.shape, *x.shape)) for x in inputs]
    record = level.watched((y,))
    rows = [level.gradients((y,), inputs, (_unit(y, i),), create_graph=record) for i in range(y.numel())]
    return [stack(parts).view((*y.shape, *x.shape)) for parts, x in zip(zip(*rows, strict=True), inputs, strict=True)]


def _columns(tangents, inputs):
    """The Jacobians of each output by each input, by one pass of tangents for each of the inputs' elements."""
    blocks = []
    for k, x in enumerate(inputs):
        columns = [tangents.along([_unit(x, i)], k) for i in range(x.numel())]
        parts = zip(*columns, strict=True) if columns else ((),) * len(tangents.outputs)
        blocks.append([_beside(part, y, x) for part, y in zip(parts, tangents.outputs, strict=True)])
    return list(zip(*blocks, strict=True))


def _beside(parts, y, x):
    if not parts:
        return y.new_zeros((*y.shape, *x.shape))
    turned = stack(parts).view((*x.shape, *y.shape))
    return turned.permute((*range(x.dim(), turned.dim()), *range(x.dim())))


def _assembled(level, jacobians, output_spec, args, argnums):
    """For each output, in the outputs' structure, the Jacobians in that of the arguments chosen."""
    _, spec = tree_flatten(picked(args, argnums))
    return tree_unflatten([tree_unflatten(level.leave(list(parts)), spec) for parts in jacobians], output_spec)


def jacrev(func, argnums=0, *, has_aux=False, chunk_size=None, _preallocate_and_copy=False):
    """A function that returns the Jacobian of `func` by the arguments chosen, by reverse passes.

    Args:
        argnums: the number of the argument, a tensor or a tree of them, or a tuple of numbers
        has_aux: func returns (output, aux), and the function made (Jacobian, aux)
        chunk_size: as PyTorch's, which bounds its memory with it; here one element of the output is done at a time

    A Jacobian has the output's shape followed by the argument's; there is one for each output, in the output's structure.

    >>> import steepest as torch
    >>> torch.func.jacrev(lambda x: x**2)(torch.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def wrapper(*args):
        _refuse_complex("jacrev", args, "inputs")
        with Level() as level:
            outputs, output_spec, inputs, _, aux = recorded_vjp(level, func, args, argnums, has_aux)
            _refuse_complex("jacrev", outputs, "outputs")
            jacobian = _assembled(level, [_rows(level, y, inputs) for y in outputs], output_spec, args, argnums)
        return (jacobian, aux) if has_aux else jacobian

    return wrapper


def jacfwd(func, argnums=0, has_aux=False, *, randomness="error"):
    """A function that returns the Jacobian of `func` as :func:`jacrev` does, for outputs with more elements than the inputs have.

    Tangents take two reverse passes (see :func:`jvp`), the first of which is shared by all; where the outputs have no more elements than
    the inputs, reverse passes by them are taken instead, which give the same. Outputs may be integers, whose Jacobians are zero.
    randomness: as in :func:`vmap`; func is called once.

    >>> import steepest as torch
    >>> torch.func.jacfwd(lambda x: x**2)(torch.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    check_randomness(randomness)

    @functools.wraps(func)
    def wrapper(*args):
        _refuse_complex("jacfwd", args, "inputs")
        with Level() as level, Map(1, randomness).mode():
            outputs, output_spec, tangents, aux = recorded_jvp(level, func, args, argnums, has_aux)
            _refuse_complex("jacfwd", outputs, "outputs")
            inputs = tangents.inputs
            if sum(y.numel() for y in outputs if y.requires_grad) <= sum(x.numel() for x in inputs):
                jacobians = [_rows(level, y, inputs) for y in outputs]
            else:
                jacobians = _columns(tangents, inputs)
            jacobian = _assembled(level, jacobians, output_spec, args, argnums)
        return (jacobian, aux) if has_aux else jacobian

    return wrapper


def hessian(func, argnums=0):
    """A function that returns the Hessian of `func`, ``jacfwd(jacrev(func, argnums), argnums)``.

    >>> import steepest as torch
    >>> torch.func.hessian(lambda x: (x**3).sum())(torch.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)
