"""vmap: a function for one element made into one for many, along a dimension of its arguments."""

import functools

from .. import equal, stack
from .._C import Tensor
from ..autograd import _repeats
from ..random import get_rng_state, set_rng_state
from ..utils._pytree import _broadcast_to_and_flatten, tree_flatten, tree_leaves, tree_structure, tree_unflatten

__all__ = ["RandomCalls", "functionalize", "vmap"]


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """A function that maps `func` over a dimension of its arguments, and stacks the results.

    Args:
        in_dims: the dimension of the arguments to map over, None for an argument that every call gets whole; an int, or a tuple
            with the arguments' structure
        out_dims: where the new dimension stands in the results; None for a result that is the same in all calls
        randomness: whether random functions may be called, "error" not, "different" with new numbers for each element, "same" with
            the same numbers
        chunk_size: as PyTorch's, which bounds its memory with it; here one element is done at a time

    The arguments are trees of tensors (see utils._pytree); keyword arguments go to every call whole. ValueError where in_dims or
    out_dims do not fit, RuntimeError for random functions where they may not be called.

    Each element is a call of its own, on views, and so may use everything: ``item``, branches on values, any op. The price is that of
    n calls, some tens of nanoseconds for each op of each: where an element is small and n goes into thousands, a function written for
    the whole batch is faster.

    >>> import steepest as torch
    >>> x, y = torch.arange(6.0).view(2, 3), torch.ones(3)
    >>> torch.vmap(torch.dot, in_dims=(0, None))(x, y)
    tensor([ 3., 12.])
    """
    _check_randomness(randomness)
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
        n, slices = _slices(func, in_dims, args)
        with RandomCalls(randomness) as calls, _repeats:
            if not n:
                return _stacked(func, out_dims, 0, [func(*next(slices), **kwargs)])
            results = []
            for parts in slices:
                calls.another()
                results.append(func(*parts, **kwargs))
        return _stacked(func, out_dims, n, results)

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


def _check_randomness(randomness):
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")


class RandomCalls:
    """A context for calls of a function that may draw from the default stream as vmap's `randomness` says."""

    def __init__(self, randomness):
        _check_randomness(randomness)
        self.randomness = randomness

    def __enter__(self):
        self.state = None if self.randomness == "different" else get_rng_state()
        return self

    def another(self):
        """Tells that a further call follows."""
        if self.randomness == "same":
            set_rng_state(self.state)

    def __exit__(self, kind, *_error):
        if kind is None and self.randomness == "error" and not equal(get_rng_state(), self.state):
            set_rng_state(self.state)
            raise RuntimeError(
                "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
                "randomness flags on vmap or perform the randomness operation out of vmap"
            )


def _name(func):
    if hasattr(func, "__name__"):
        return func.__name__
    return f"functools.partial({_name(func.func)}, ...)" if isinstance(func, functools.partial) else repr(func)


def _slices(func, in_dims, args):
    """(how many elements there are, the arguments for each); where there are none, arguments of zeros, to learn what func returns."""
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
    n = sizes[0]

    def parts(x, dim):
        if dim is None:
            return (x,) * max(n, 1)
        return x.unbind(dim) if n else (x.new_zeros((*x.shape[: dim % x.dim()], *x.shape[dim % x.dim() + 1 :])),)

    return n, (tree_unflatten(leaves, spec) for leaves in zip(*map(parts, flat, dims), strict=True))


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


def _stacked(func, out_dims, n, results):
    """The results of n calls as one, in the structure of the first."""
    flat, spec = tree_flatten(results[0])
    # A tuple of one is also right for a tensor alone.
    alone = spec.is_leaf() and isinstance(flat[0], Tensor) and isinstance(out_dims, tuple) and len(out_dims) == 1
    dims = list(out_dims) if alone else _broadcast_to_and_flatten(out_dims, spec)
    name = _name(func)
    if dims is None:
        raise ValueError(
            f"vmap({name}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure of `outputs`. "
            f"out_dims has structure {tree_structure(out_dims)} but outputs has structure {spec}."
        )
    columns = zip(*(spec.flatten_up_to(result) for result in results), strict=True)
    return tree_unflatten([_joined(name, list(column), dim, n) for column, dim in zip(columns, dims, strict=True)], spec)


def _joined(name, column, dim, n):
    first = column[0]
    if dim is None:
        if isinstance(first, Tensor) and not all(y is first or equal(y, first) for y in column):
            raise ValueError(f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None")
        return first
    for y in column:
        if not isinstance(y, Tensor):
            raise ValueError(
                f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(y)}. "
                "Did you mean to set out_dims= to None for output?"
            )
    joined = stack(column, dim)
    return joined if n else joined.narrow(dim, 0, 0)
