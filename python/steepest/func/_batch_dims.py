"""Rules of batched tensors for ops that say which dimensions they are about: these come one later."""

from .. import _C
from .._C import Tensor
from ._batch_rules import each, placed, pointwise, rule, signed

__all__ = ["DIMS", "reduced", "shift", "shifted"]

DIMS = ("dim", "dims", "dim0", "dim1", "dim2", "axis0", "axis1", "dimension", "source", "destination", "start_dim", "end_dim")


def shift(dim, rank):
    """A dimension of one element as one of the batch; IndexError where it is none."""
    if isinstance(dim, (tuple, list)):
        return [shift(d, rank) for d in dim]
    limit = max(rank, 1)
    if not -limit <= dim < limit:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-limit}, {limit - 1}], but got {dim})")
    return dim + 1 if dim >= 0 else dim


def _called(func, signature, values):
    args, kwargs = placed(signature, values)
    return func(*args, **kwargs)


def _squeezed(result):
    if isinstance(result, Tensor):
        return result.squeeze(1) if result.dim() == 2 else result
    return type(result)([_squeezed(part) for part in result])


_NEW = {"unsqueeze": 1, "unsqueeze_copy": 1, "diag_embed": 1}  # those whose `dim` counts the result's dimensions
_SHARED = ("index", "tensor_indices_or_sections", "start", "repeats")  # tensors with dimensions of their own


@signed
def shifted(func, m, signature, values):
    """Ops along dimensions that the arguments name."""
    first = signature.positional[0].name
    x = values[first]
    rank = x.dim()
    if rank == 0 and signature.name not in _NEW:
        return each(func, m, signature, values)  # few ops have a dimension for such elements
    same_rank = "gather" in signature.name or "scatter" in signature.name
    given = dict(values)
    for name, value in given.items():
        if isinstance(value, Tensor):
            if name in _SHARED and not same_rank:
                if m.has(value):
                    return each(func, m, signature, given)
                continue
            if value.dim() != rank and not same_rank:
                if m.has(x) and not m.has(value) and value.dim() == 0:
                    continue  # a number, such as index_fill's
                return each(func, m, signature, given)
            values[name] = m.spread(value)
            if value.dim() == 0 and rank:
                values[name] = values[name].unsqueeze(1)
        elif name in DIMS:
            if value is None or (value == [] and name == "dims"):
                return each(func, m, signature, given)
            values[name] = shift(value, rank + _NEW.get(signature.name, 0))
    return m.wrapped(_called(func, signature, values))


_WHOLE = {"max": "amax", "min": "amin"}  # over all elements: gradients go to all of the greatest, as they do without a map


@signed
def reduced(func, m, signature, values):
    """Ops that reduce dimensions: those that are named, or all."""
    first = signature.positional[0].name
    x = values[first]
    if sum(isinstance(value, Tensor) for value in values.values()) > 1:
        return pointwise(func, m, *placed(signature, values)) if "other" in values else each(func, m, signature, values)
    held, rank, dim = x._held, x.dim(), values.get("dim")
    if isinstance(dim, int) or dim:
        values["dim"] = shift(dim, rank)
        values[first] = held if rank else held.unsqueeze(1)
        result = _called(func, signature, values)
        return m.wrapped(result if rank else _squeezed(result))
    name = signature.name
    order = values.get("p", values.get("ord"))
    if isinstance(order, str) or (name == "linalg_norm" and order is not None):  # of matrices, it may be
        return each(func, m, signature, values)
    flat = held.reshape(m.size, x.numel())
    named = {key: value for key, value in signature.given(values).items() if key not in (first, "dim", "keepdim")}
    if "dim" in signature.by_name:
        result = func(flat, dim=1, **named)
    elif name in _WHOLE:
        result = getattr(_C, _WHOLE[name])(flat, 1)
    else:
        result = func(flat, dim=1, **named)
        result = result if isinstance(result, Tensor) or name.endswith("_mean") else result[0]
    if values.get("keepdim"):
        kept = (m.size, *(1,) * rank)
        result = result.view(kept) if isinstance(result, Tensor) else type(result)([part.view(kept) for part in result])
    return m.wrapped(result)


@rule("count_nonzero")
def _count_nonzero(func, m, args, kwargs):
    return reduced(func, m, args, kwargs)


@rule("cat", "concat", "concatenate", "stack")
@signed
def _joined(func, m, signature, values):
    tensors = values["tensors"]
    if func.__name__ != "stack":
        tensors = [x for x in tensors if x.shape != (0,)] or tensors  # which fit everywhere
    rank = max(x.dim() for x in tensors) + (func.__name__ == "stack")
    return m.wrap(func([m.spread(x) for x in tensors], shift(values["dim"], rank)))


@rule("cross", "linalg_cross")
@signed
def _cross(func, m, signature, values):
    x, y, dim = values["input"], values["other"], values["dim"]
    rank = max(x.dim(), y.dim())
    if dim is None:
        dim = next((d for d, n in enumerate(x.shape) if n == 3), 0)
    if x.dim() != y.dim():
        return each(func, m, signature, values)
    return m.wrap(func(m.spread(x), m.spread(y), dim=shift(dim, rank)))


@rule("linalg_vecdot", "cosine_similarity")
@signed
def _products_along(func, m, signature, values):
    (x, y), dim = (values[p.name] for p in signature.positional[:2]), values["dim"]
    rank = max(x.dim(), y.dim())
    if rank == 0:
        return each(func, m, signature, values)
    options = {"eps": values["eps"]} if "eps" in values else {}
    dim = shift(dim, rank) - (rank + 1 if dim >= 0 else 0)  # from the end: one of the two may have no batch
    return m.wrap(func(m.aligned(x, rank), m.aligned(y, rank), dim=dim, **options))


@rule("roll")
@signed
def _rolled(func, m, signature, values):
    x = values["input"]
    if isinstance(values["dims"], int) or values["dims"]:
        return shifted(func, m, *placed(signature, values))
    return m.wrap(_C.roll(x._held.reshape(m.size, -1), values["shifts"], 1).view(m.size, *x.shape))


@rule("repeat_interleave", "take_along_dim", "topk")
@signed
def _last_or_all(func, m, signature, values):
    if "dim" not in values:
        return each(func, m, signature, values)
    if values["dim"] is None:
        if signature.name == "topk":
            values["dim"] = -1
        else:
            values.update({name: value.reshape(-1) for name, value in values.items() if name in ("input", "indices")}, dim=0)
        return _called(func, signature, values)
    return shifted(func, m, *placed(signature, values))
