"""vmap: a function for one element made into one for many, along a dimension of its arguments."""

import functools

from .. import cat
from .._C import Tensor
from ..random import get_rng_state, set_rng_state
from ..utils._pytree import _broadcast_to_and_flatten, tree_flatten, tree_leaves, tree_structure, tree_unflatten
from . import _batch_families  # noqa: F401  completes Map
from ._batches import Map

__all__ = ["check_randomness", "functionalize", "vmap"]


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """A function that maps `func` over a dimension of its arguments, and stacks the results.

    Args:
        in_dims: the dimension of the arguments to map over, None for an argument that every call gets whole; an int, or a tuple
            with the arguments' structure
        out_dims: where the new dimension stands in the results; None for a result that is the same in all calls
        randomness: whether random functions may be called, "error" not, "different" with new numbers for each element, "same" with
            the same numbers
        chunk_size: how many elements one call of the function is for, None for all

    The arguments are trees of tensors (see utils._pytree); keyword arguments go to every call whole. ValueError where in_dims or
    out_dims do not fit, RuntimeError for random functions where they may not be called.

    The function is called once, with tensors that stand for one element each: what it asks of their values (``item``, branches) is a
    RuntimeError, and so is writing to a tensor that is not mapped over what differs between elements.

    >>> import steepest as torch
    >>> x, y = torch.arange(6.0).view(2, 3), torch.ones(3)
    >>> torch.vmap(torch.dot, in_dims=(0, None))(x, y)
    tensor([ 3., 12.])
    """
    check_randomness(randomness)
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        for dim in () if isinstance(out_dims, int) else tree_leaves(out_dims):
            if not isinstance(dim, int) and dim is not None:
                raise ValueError(
                    f"vmap({_name(func)}, ..., out_dims={out_dims}): `out_dims` must be an int, None or a python collection of ints "
                    "representing where in the outputs the vmapped dimension should appear."
                )
        n, leaves, dims, spec = _arguments(func, in_dims, args)
        if chunk_size is None or chunk_size >= n:
            return _mapped(func, n, leaves, dims, spec, out_dims, randomness, kwargs)
        starts = range(0, n, chunk_size)
        columns = [x.split(chunk_size, dim) if dim is not None else (x,) * len(starts) for x, dim in zip(leaves, dims, strict=True)]
        sizes = [min(chunk_size, n - start) for start in starts]
        state = get_rng_state() if randomness == "same" else None
        results = []
        for size, chunk in zip(sizes, zip(*columns, strict=True), strict=True):
            if state is not None:
                set_rng_state(state)
            results.append(_mapped(func, size, chunk, dims, spec, out_dims, randomness, kwargs))
        return _chained(func, results, out_dims)

    return wrapper


def functionalize(func, *, remove="mutations"):
    """`func` itself, in a wrapper: PyTorch rewrites functions without in-place ops for its tracers, which changes no result.

    >>> import steepest as torch
    >>> torch.func.functionalize(lambda x: x.clone().add_(1))(torch.ones(2))
    tensor([2., 2.])
    """
    if remove not in ("mutations", "mutations_and_views"):
        raise RuntimeError(
            f"functionalize(f, remove='mutations'): received invalid argument for remove={remove}. Valid options are:\n"
            "     remove='mutations': all inplace and out= operators will be removed from the program, and replaced with their "
            "out-of-place equivalents.\n"
            "     remove='mutations_and_views': In addition to the above, all aliasing operators {view} will be replaced with their "
            "non-aliasing counterparts, {view}_copy.\n"
        )

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        return func(*args, **kwargs)

    return wrapper


def check_randomness(randomness):
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")


def _name(func):
    if hasattr(func, "__name__"):
        return func.__name__
    return f"functools.partial({_name(func.func)}, ...)" if isinstance(func, functools.partial) else repr(func)


def _arguments(func, in_dims, args):
    """(how many elements there are, the leaves of the arguments, the dimension of each, their structure)"""
    if not isinstance(in_dims, (int, tuple)):
        raise ValueError(
            f"vmap({_name(func)}, in_dims={in_dims}, ...)(<inputs>): expected `in_dims` to be int or a (potentially nested) tuple "
            f"matching the structure of inputs, got: {type(in_dims)}."
        )
    if not args:
        raise ValueError(
            f"vmap({_name(func)})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function "
            "with no inputs. The latter is unsupported."
        )
    flat, spec = tree_flatten(args)
    dims = _broadcast_to_and_flatten(in_dims, spec)
    where = f"vmap({_name(func)}, in_dims={in_dims}, ...)(<inputs>): "
    if dims is None:
        raise ValueError(
            f"{where}in_dims is not compatible with the structure of `inputs`. in_dims has structure {tree_structure(in_dims)} "
            f"but inputs has structure {spec}."
        )
    for x, dim in zip(flat, dims, strict=True):
        _check_in_dim(x, dim, where)
    sizes = [x.size(dim) for x, dim in zip(flat, dims, strict=True) if dim is not None]
    if not sizes:
        raise ValueError("vmap: Expected at least one Tensor to vmap over")
    if any(size != sizes[0] for size in sizes):
        raise ValueError(
            f"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sizes} for the mapped dimension"
        )
    return sizes[0], flat, dims, spec


def _check_in_dim(x, dim, where):
    if dim is None:
        return
    if not isinstance(dim, int):
        raise ValueError(f"{where}Got in_dim={dim} for an input but in_dim must be either an integer dimension or None.")
    if not isinstance(x, Tensor):
        raise ValueError(
            f"{where}Got in_dim={dim} for an input but the input is of type {type(x)}. We cannot vmap over non-Tensor arguments, "
            "please use None as the respective in_dim"
        )
    if not -x.dim() <= dim < x.dim():
        raise ValueError(
            f"{where}Got in_dim={dim} for some input, but that input is a Tensor of dimensionality {x.dim()} so expected in_dim to "
            f"satisfy -{x.dim()} <= in_dim < {x.dim()}."
        )


def _mapped(func, n, leaves, dims, spec, out_dims, randomness, kwargs):
    """One call of the function, for all elements. See Note [Batched tensors]."""
    with Map(n, randomness) as m:
        given = [x if dim is None else m.wrap(x.movedim(dim, 0) if dim else x) for x, dim in zip(leaves, dims, strict=True)]
        result = func(*tree_unflatten(given, spec), **kwargs)
    return _result(func, m, result, out_dims)


def _out_dims(func, flat, spec, out_dims):
    # A tuple of one is also right for a tensor alone.
    alone = spec.is_leaf() and isinstance(flat[0], Tensor) and isinstance(out_dims, tuple) and len(out_dims) == 1
    dims = list(out_dims) if alone else _broadcast_to_and_flatten(out_dims, spec)
    if dims is None:
        raise ValueError(
            f"vmap({_name(func)}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure of `outputs`. "
            f"out_dims has structure {tree_structure(out_dims)} but outputs has structure {spec}."
        )
    return dims


def _result(func, m, result, out_dims):
    """What a call returned, with the elements of the map along out_dims."""
    flat, spec = tree_flatten(result)
    dims, name = _out_dims(func, flat, spec, out_dims), _name(func)
    leaves = []
    for y, dim in zip(flat, dims, strict=True):
        if dim is None:
            if m.has(y):
                raise ValueError(f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None")
            leaves.append(y)
            continue
        if not isinstance(y, Tensor):
            raise ValueError(
                f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(y)}. "
                "Did you mean to set out_dims= to None for output?"
            )
        values = m.spread(y)
        leaves.append(values.movedim(0, dim) if dim else values)
    return tree_unflatten(leaves, spec)


def _chained(func, results, out_dims):
    """The results of chunks one behind another."""
    flat, spec = tree_flatten(results[0])
    dims = _out_dims(func, flat, spec, out_dims)
    columns = zip(*(spec.flatten_up_to(result) for result in results), strict=True)
    return tree_unflatten([column[0] if dim is None else cat(column, dim) for column, dim in zip(columns, dims, strict=True)], spec)
