"""Rules of batched tensors for indexing: x[index], x[index] = value, and tables of rows."""

from .. import _C
from .._C import Tensor
from ._batch_rules import check_written, each, placed, pointwise, rule, signed

__all__ = []


def _parts(index):
    if isinstance(index, tuple):
        return index
    listed = isinstance(index, list) and any(isinstance(i, (Tensor, slice, type(...), type(None))) for i in index)
    return tuple(index) if listed else (index,)


def _number_of_dims(part):
    return part.dim() if isinstance(part, Tensor) and part.dtype is _C.bool else 1


def _full(x, parts):
    """The parts with slices in the place of an ellipsis."""
    at = next((k for k, part in enumerate(parts) if part is ...), None)
    if at is None:
        return parts
    used = sum(_number_of_dims(part) for part in parts if part is not None and part is not ...)
    return (*parts[:at], *(slice(None),) * (x.dim() - used), *parts[at + 1 :])


def _is_list(part):
    return isinstance(part, (Tensor, list, tuple, range)) or type(part).__module__ == "numpy"


def _in_front(parts):
    """Whether dimensions of indices come first in the result, as they stand apart."""
    places = [k for k, part in enumerate(parts) if _is_list(part) or isinstance(part, int) and not isinstance(part, bool)]
    lists = [k for k in places if _is_list(parts[k])]
    return bool(lists) and any(not _is_list(parts[k]) and not isinstance(parts[k], int) for k in range(lists[0], lists[-1] + 1))


@rule("__getitem__")
def _get(func, m, args, kwargs):
    x, index = args
    parts = _parts(index)
    if any(m.has(part) for part in parts):
        return _picked(m, x, _full(x, parts))
    result = x._held[(slice(None), *_full(x, parts))]
    if _in_front(_full(x, parts)):
        with _C.DisableTorchFunctionSubclass():
            rank = x[index].dim()
        result = result.movedim(_index_rank(parts), 0) if result.dim() == rank + 1 else result
    return m.wrap(result)


def _index_rank(parts):
    return max(_C.as_tensor(part).dim() for part in parts if _is_list(part))


def _picked(m, x, parts):
    """x[parts], where some of the parts are batched: each element has indices of its own."""
    if any(isinstance(part, Tensor) and part.dtype is _C.bool for part in parts):
        raise RuntimeError(
            "vmap: We do not support batching operators that can support dynamic shape. Attempting to batch over indexing with a boolean "
            "mask."
        )
    x = x[tuple(slice(None) if _is_list(part) else part for part in parts)]  # what the others leave
    places, at = [], 0
    for part in parts:
        if _is_list(part):
            places.append(at)
        at += _is_list(part) or not isinstance(part, int)
    lists = [part if isinstance(part, Tensor) else _C.as_tensor(part) for part in parts if _is_list(part)]
    rank = max(part.dim() for part in lists)
    lists = [m.aligned(part, rank) for part in lists]
    rest = [d for d in range(x.dim()) if d not in places]
    front = x.permute(*places, *rest)
    if m.has(x):
        lists.insert(0, _C.arange(m.size).view(-1, *(1,) * rank))
        front = front._held
    y = m.wrap(front[tuple(lists)])
    if places != list(range(places[0], places[0] + len(places))):
        return y  # the indices stand apart
    rank = y.dim() - len(rest)
    return y.movedim(tuple(range(rank)), tuple(range(places[0], places[0] + rank))) if places[0] else y


@rule("__setitem__")
def _set(func, m, args, kwargs):
    x, index, value = args
    check_written(m, x)
    parts = _parts(index)
    if any(map(m.has, parts)) or (m.has(value) and _in_front(parts)):
        for i in range(m.size):
            own = tuple(part._held[i] if m.has(part) else part for part in parts)
            x._held[i][own] = value._held[i] if m.has(value) else value
        return
    place = (slice(None), *_full(x, parts))
    if m.has(value):
        with _C.DisableTorchFunctionSubclass():
            value = m.aligned(value, x[index].dim())
    x._held[place] = value


@rule("index_select")
@signed
def _index_select(func, m, signature, values):
    x, dim, index = values["input"], values["dim"], values["index"]
    if m.has(index):
        dim = dim % x.dim() if x.dim() else 0
        return x[(slice(None),) * dim + (index.reshape(-1),)] if x.dim() else each(func, m, signature, values)
    return m.wrap(func(x._held, dim % x.dim() + 1, index)) if x.dim() else each(func, m, signature, values)


@rule("take")
def _take(func, m, args, kwargs):
    x, index = (*args, *kwargs.values())
    return x.reshape(-1)[index]


@rule("bucketize", "searchsorted")
@signed
def _among(func, m, signature, values):
    """Places among sorted numbers: one row of them, shared by all elements."""
    shared, x = ("sorted_sequence", values["input"]) if func.__name__ == "searchsorted" else ("boundaries", values.get("input"))
    if not m.has(x) or m.has(values[shared]) or values[shared].dim() != 1:
        return each(func, m, signature, values)
    args, kwargs = placed(signature, {**values, "input": x._held})
    return m.wrap(func(*args, **kwargs))


@rule("embedding")
@signed
def _embedding(func, m, signature, values):
    index, weight = values["input"], values["weight"]
    if not m.has(weight):
        return m.wrap(_C._nn.embedding(**{**values, "input": index._held}))
    if values["max_norm"] is not None or values["sparse"] or values["scale_grad_by_freq"] or values["padding_idx"] is not None:
        return each(func, m, signature, values)
    if not m.has(index):
        return m.wrap(weight._held[:, index])
    rows = weight.shape[0]
    own = index._held + rows * _C.arange(m.size).view(-1, *(1,) * index.dim())
    return m.wrap(func(own, weight._held.flatten(0, 1)))


@rule("fill", "masked_fill")
def _filled(func, m, args, kwargs):
    x, *mask, value = (*args, *kwargs.values())
    if not isinstance(value, Tensor) or not m.has(value) or value.dim():
        return pointwise(func, m, args, kwargs)
    y = _C.where(mask[0], value, x) if mask else value.expand(x.shape)
    y = y.to(x.dtype)
    return x.copy_(y) if func.__name__.endswith("_") else y
