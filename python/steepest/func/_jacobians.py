"""Jacobians and Hessians of functions."""

import functools

from .. import _C, cat
from .._C import Tensor
from ..autograd import open_maps
from ..utils._pytree import tree_flatten, tree_leaves, tree_unflatten
from ._batch_gradients import gradient_rows
from ._batches import VALUES_ASKED, Map
from ._derivatives import recorded_jvp, recorded_vjp
from ._levels import FEW, Level, picked
from ._vmap import check_randomness

__all__ = ["hessian", "jacfwd", "jacrev"]


def _refuse_complex(function, tree, what):
    for i, x in enumerate(tree_leaves(tree)):
        if isinstance(x, Tensor) and x.is_complex():
            raise RuntimeError(f"{function}: Expected all {what} to be real but received complex tensor at flattened input idx: {i}")


_ROOM = 1 << 22  # numbers of unit vectors that are made at once


_FEWER = 4  # times fewer outputs than inputs make reverse passes the better ones of jacfwd


def units(x, most=None):
    """The unit vectors of a tensor's shape, in batches of at most so many."""
    n = x.numel()
    most = most or max(1, _ROOM // max(n, 1))
    for start in range(0, n, most):
        units = _C.zeros((min(most, n - start), n), dtype=x.dtype)
        units.diagonal(start).fill_(1)
        yield units.view(-1, *x.shape)


def together(parts, x, shape):
    """Batches of rows as one tensor, of zeros where there are none."""
    if not parts or parts[0] is None:
        return x.new_zeros(shape)
    return (parts[0] if len(parts) == 1 else cat(parts)).reshape(shape)


def _rows(level, y, inputs, most=None):
    """The Jacobians of one output by each input, by one reverse pass for each of its elements."""
    batches = []
    if y.requires_grad:
        record = level.watched((y,))
        batches = [gradient_rows((y,), inputs, (units,), record) for units in units(y, most)]
    columns = zip(*batches, strict=True) if batches else ((),) * len(inputs)
    return [together(parts, x, (*y.shape, *x.shape)) for parts, x in zip(columns, inputs, strict=True)]


def _columns(tangents, inputs):
    """The Jacobians of each output by each input, by one pass of tangents for each of the inputs' elements."""
    blocks = []
    for k, x in enumerate(inputs):
        batches = [tangents.rows(units, k) for units in units(x)]
        columns = zip(*batches, strict=True) if batches else ((),) * len(tangents.outputs)
        turned = [together(parts, y, (*x.shape, *y.shape)) for parts, y in zip(columns, tangents.outputs, strict=True)]
        blocks.append([part.permute((*range(x.dim(), part.dim()), *range(x.dim()))) for part in turned])
    return list(zip(*blocks, strict=True))


def _assembled(level, jacobians, output_spec, args, argnums):
    """For each output, in the outputs' structure, the Jacobians in that of the arguments chosen."""
    _, spec = tree_flatten(picked(args, argnums))
    return tree_unflatten([tree_unflatten(level.leave(list(parts)), spec) for parts in jacobians], output_spec)


def jacrev(func, argnums=0, *, has_aux=False, chunk_size=None, _preallocate_and_copy=False):
    """A function that returns the Jacobian of `func` by the arguments chosen, by reverse passes.

    Args:
        argnums: the number of the argument, a tensor or a tree of them, or a tuple of numbers
        has_aux: func returns (output, aux), and the function made (Jacobian, aux)
        chunk_size: how many unit vectors of the output's shape are made at once

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
            jacobian = _assembled(level, [_rows(level, y, inputs, chunk_size) for y in outputs], output_spec, args, argnums)
        return (jacobian, aux) if has_aux else jacobian

    return wrapper


def jacfwd(func, argnums=0, has_aux=False, *, randomness="error"):
    """A function that returns the Jacobian of `func` as :func:`jacrev` does, for outputs with more elements than the inputs have.

    Tangents take two reverse passes (see :func:`jvp`), the first of which is shared by all; where the outputs have far fewer elements than
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
        with Level() as level, Map(1, "error" if randomness == "error" else "same").mode():
            outputs, output_spec, tangents, aux = recorded_jvp(level, func, args, argnums, has_aux)
            _refuse_complex("jacfwd", outputs, "outputs")
            inputs = tangents.inputs
            if _FEWER * sum(y.numel() for y in outputs if y.requires_grad) <= sum(x.numel() for x in inputs):
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
    gradients = jacrev(func, argnums)
    derivatives = jacfwd(gradients, argnums)

    @functools.wraps(func)
    def wrapper(*args):
        size = sum(x.numel() for x in tree_leaves(picked(args, argnums)) if isinstance(x, Tensor))
        if not open_maps.list and 0 < size**2 <= FEW:
            try:
                return _by_copies(gradients, args, argnums)
            except RuntimeError as error:
                if str(error) not in VALUES_ASKED:
                    raise
        return derivatives(*args)

    return wrapper


def _by_copies(func, args, argnums):
    """The Jacobian by one pass of tangents for copies of the inputs, each of which takes one of them along.

    For small functions made of many ops, as those are that have several derivatives of their own.
    """
    flat, _ = tree_flatten(picked(args, argnums))
    sizes = [x.numel() for x in flat]
    units = _C.eye(sum(sizes), dtype=flat[0].dtype).split(sizes, 1)
    with Map(sum(sizes), "error") as m, Level() as level:
        vectors = [m.wrap(u.view(-1, *x.shape).to(x.dtype)) for u, x in zip(units, flat, strict=True)]
        outputs, output_spec, tangents, _ = recorded_jvp(level, func, args, argnums, False, vectors=vectors)
        products = level.leave(tangents.along(vectors))
    jacobians = []
    for y, product in zip(outputs, products, strict=True):
        parts = m.spread(product).split(sizes)
        jacobians.append([part.movedim(0, -1).reshape(*y.shape, *x.shape) for part, x in zip(parts, flat, strict=True)])
    return _assembled(level, jacobians, output_spec, args, argnums)
