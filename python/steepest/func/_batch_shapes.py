"""Rules of batched tensors for ops that give tensors another shape."""

import math

from .. import _C
from .._C import Tensor
from ._batch_dims import shift, shifted
from ._batch_rules import by_element, each, placed, pointwise, rule, signed

__all__ = []


@rule("view", "reshape", "view_copy", "_unsafe_view")
@signed
def _view(func, m, signature, values):
    x = values["input"]
    sizes = values.get("size", values.get("shape"))
    if sizes is None:
        return m.wrap(func(x._held, values["dtype"]))
    return m.wrap(func(x._held, (m.size, *_known(sizes, x.numel()))))


def _known(sizes, n):
    """Sizes with the one that -1 leaves open."""
    others = math.prod(size for size in sizes if size != -1)
    if others <= 0 or n % others or list(sizes).count(-1) != 1:
        return sizes
    return [n // others if size == -1 else size for size in sizes]


@rule("view_as", "reshape_as", "expand_as")
def _as_other(func, m, args, kwargs):
    x, other = (*args, *kwargs.values())
    return getattr(x, func.__name__.removesuffix("_as"))(other.shape)


@rule("expand", "broadcast_to", "expand_copy")
@signed
def _expand(func, m, signature, values):
    sizes = values["size"]
    return m.wrap(m.aligned(values["input"], len(sizes)).expand(m.size, *sizes))


@rule("as_strided", "as_strided_copy")
@signed
def _as_strided(func, m, signature, values):
    x = values["input"]
    sizes, strides = (m.size, *values["size"]), (x._held.stride(0), *values["stride"])
    return m.wrap(func(x._held, sizes, strides, values["storage_offset"]))


@rule("broadcast_tensors")
@signed
def _broadcast(func, m, signature, values):
    tensors = values["tensors"]
    with _C.DisableTorchFunctionSubclass():
        plain = func(*tensors)
    return type(plain)([x.expand(y.shape) for x, y in zip(tensors, plain, strict=True)])


@rule("repeat", "tile")
@signed
def _repeat(func, m, signature, values):
    x, times = values["input"], values.get("repeats", values.get("dims"))
    if signature.name == "tile":
        times = (*(1,) * (x.dim() - len(times)), *times)
    return m.wrap(m.aligned(x, len(times)).repeat(1, *times))


@rule("permute", "permute_copy")
@signed
def _permute(func, m, signature, values):
    x = values["input"]
    rank = x.dim()
    dims = [shift(d, rank) for d in values["dims"]] if rank else []
    return m.wrap(func(x._held, [0, *(d % (rank + 1) for d in dims)]))


@rule("t", "t_copy")
def _t(func, m, args, kwargs):
    x = args[0]
    if x.dim() > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {x.dim()}D")
    return m.wrap(x._held.transpose(1, 2) if x.dim() == 2 else x._held)


@rule("flatten", "ravel", "atleast_1d", "atleast_2d", "atleast_3d")
def _reshaped(func, m, args, kwargs):
    if kwargs or len(args) != 1 or not isinstance(args[0], Tensor):
        if func.__name__ == "flatten" and args[0].dim():
            return shifted(func, m, args, kwargs)
        if len(args) == 1 and isinstance(args[0], (tuple, list)):
            args = args[0]
        return type(func([]))([func(x) for x in args])
    with _C.DisableTorchFunctionSubclass():
        shape = func(args[0]).shape
    return m.wrap(args[0]._held.reshape(m.size, *shape))


@rule("squeeze", "squeeze_copy")
@signed
def _squeeze(func, m, signature, values):
    x = values["input"]
    if x.dim() == 0:
        return m.wrap(func(x._held, ()) if func.__name__ == "squeeze" else x._held.clone())
    dims = values.get("dim", [d for d, n in enumerate(x.shape) if n == 1])
    return m.wrap(func(x._held, tuple(shift(dims, x.dim())) if not isinstance(dims, int) else shift(dims, x.dim())))


@rule("movedim", "moveaxis")
@signed
def _movedim(func, m, signature, values):
    x = values["input"]
    return m.wrap(func(x._held, shift(values["source"], x.dim()), shift(values["destination"], x.dim())))


@rule("hstack", "column_stack")
def _hstack(func, m, args, kwargs):
    tensors = args[0]
    if func.__name__ == "column_stack":
        return _C.cat([x.reshape(-1, 1) if x.dim() < 2 else x for x in tensors], 1)
    tensors = [x.reshape(-1) if x.dim() == 0 else x for x in tensors]
    return _C.cat(tensors, 0 if tensors[0].dim() == 1 else 1)


@rule("vstack", "row_stack")
def _vstack(func, m, args, kwargs):
    return _C.cat([x.reshape(1, -1) if x.dim() < 2 else x for x in args[0]], 0)


@rule("dstack")
def _dstack(func, m, args, kwargs):
    return _C.cat([_C.atleast_3d(x) for x in args[0]], 2)


@rule("hsplit", "vsplit", "dsplit")
def _split(func, m, args, kwargs):
    x, *sections = args
    with _C.DisableTorchFunctionSubclass():
        func(*args, **kwargs)  # says what does not fit
    sections = kwargs.get("sections", kwargs.get("indices", sections[0] if len(sections) == 1 else sections))
    dim = {"h": 0 if x.dim() == 1 else 1, "v": 0, "d": 2}[func.__name__[0]]
    return x.tensor_split(sections, dim)


@rule("trace")
def _trace(func, m, args, kwargs):
    return args[0].diagonal().sum(0) if args[0].dim() == 2 else by_element(func, m, args, kwargs)


@rule("fliplr")
def _fliplr(func, m, args, kwargs):
    return args[0].flip(1) if args[0].dim() > 1 else by_element(func, m, args, kwargs)


@rule("flipud")
def _flipud(func, m, args, kwargs):
    return args[0].flip(0) if args[0].dim() else by_element(func, m, args, kwargs)


@rule("msort")
def _msort(func, m, args, kwargs):
    return args[0].sort(0)[0]


@rule("diag")
@signed
def _diag(func, m, signature, values):
    x, offset = values["input"], values["diagonal"]
    if x.dim() not in (1, 2):
        return each(func, m, signature, values)
    return _C.diag_embed(x, offset) if x.dim() == 1 else x.diagonal(offset).clone()


@rule("diagflat")
@signed
def _diagflat(func, m, signature, values):
    return _C.diag_embed(values["input"].reshape(-1), values["offset"])


@rule("new_zeros", "new_ones", "new_empty")
@signed
def _new(func, m, signature, values):
    x, sizes = values.pop("input"), values.pop("size")
    return m.wrap(func(x._held, (m.size, *sizes), **_factory(values)))


@rule("new_full")
@signed
def _new_full(func, m, signature, values):
    x, sizes, value = values.pop("input"), values.pop("size"), values.pop("fill_value")
    return m.wrap(func(x._held, (m.size, *sizes), value, **_factory(values)))


def _factory(values):
    return {name: value for name, value in values.items() if value is not None}


@rule("one_hot")
@signed
def _one_hot(func, m, signature, values):
    if values["num_classes"] < 0:
        raise RuntimeError("When vmap-ing torch.nn.functional.one_hot, please provide an explicit positive num_classes argument.")
    return pointwise(func, m, *placed(signature, values))
