"""Random functions within vmap: new numbers for each element, the same for all, or an error, as `randomness` says."""

import functools

from .. import stack
from .._C import Tensor
from ..random import get_rng_state, set_rng_state
from ._batch_rules import by_element
from ._batch_signatures import base_name, called, kinds

__all__ = ["at_rest", "drawn", "drawn_from_batch"]

_ERROR = (
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' randomness flags on vmap or "
    "perform the randomness operation out of vmap"
)
_SHARED = (
    "vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will appear like same randomness. If this is necessary "
    "for your usage, please file an issue with functorch."
)
_BY_VALUES = frozenset(("bernoulli", "binomial", "multinomial", "normal", "poisson"))
_DROPOUTS = frozenset(("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout", "rrelu"))


@functools.cache
def _random_op(func):
    """(the op's name, whether it is called in place) of what draws numbers, None for all others."""
    name, inplace = base_name(called().get(func, func.__name__))
    _, random = kinds()
    return (name, inplace) if name in random else None


def at_rest(name, args, kwargs):
    """Whether an op that may drop elements draws nothing."""
    if name == "scaled_dot_product_attention":
        return not kwargs.get("dropout_p", args[4] if len(args) > 4 else 0)
    if name not in _DROPOUTS:
        return False
    if name != "rrelu" and (kwargs.get("p", args[1] if len(args) > 1 else 0.5) in (0, 1)):
        return True
    trains = kwargs.get("train", kwargs.get("training", args[-1] if args else True))
    return trains is False


def drawn(func, m, args, kwargs):
    """An op that no batched tensor takes part in."""
    random = _random_op(func)
    if random is None or at_rest(random[0], args, kwargs):
        return func(*args, **kwargs)
    name, inplace = random
    if m.randomness == "error":
        raise RuntimeError(_ERROR)
    if m.randomness == "same":
        return func(*args, **kwargs)
    if inplace:
        raise RuntimeError(_SHARED)
    return _of_sizes(func, name, m, args, kwargs)


def _of_sizes(func, name, m, args, kwargs):
    if name in ("rand", "randn"):
        sizes = kwargs.get("size", args[0] if len(args) == 1 and not isinstance(args[0], int) else args)
        return m.wrap(func((m.size, *sizes), **{key: value for key, value in kwargs.items() if key != "size"}))
    if name in ("randint", "normal") and "size" not in kwargs and len(args) > 1 and not isinstance(args[-1], (Tensor, int, float)):
        return m.wrap(func(*args[:-1], (m.size, *args[-1]), **kwargs))
    if args and isinstance(args[0], Tensor) and name.endswith("_like"):
        return m.wrap(func(m.spread(args[0]), *args[1:], **kwargs))
    return m.wrapped(_stacked([func(*args, **kwargs) for _ in range(m.size)]))


def _stacked(results):
    first = results[0]
    return stack(results) if isinstance(first, Tensor) else type(first)([_stacked(list(part)) for part in zip(*results, strict=True)])


def drawn_from_batch(func, m, args, kwargs):
    """An op with batched tensors among its arguments."""
    name, inplace = _random_op(func)
    if not at_rest(name, args, kwargs):
        if m.randomness == "error":
            raise RuntimeError(_ERROR)
        if m.randomness == "same":
            if name in _BY_VALUES and not inplace:
                raise RuntimeError(
                    "Vmap does not currently support same randomness with a batched tensor input. Please file an issue with functorch"
                )
            return _same(func, m, args, kwargs)
    if name in ("multinomial", "feature_dropout", "feature_alpha_dropout", "binomial", "scaled_dot_product_attention"):
        return by_element(func, m, args, kwargs)
    values = [m.spread(a) if isinstance(a, Tensor) else a for a in args]
    return m.wrapped(func(*values, **{key: m.values(value) for key, value in kwargs.items()}))


def _same(func, m, args, kwargs):
    """The call once an element, each time with the numbers of the first."""
    state = get_rng_state()

    @functools.wraps(func)
    def again(*given, **named):
        set_rng_state(state)
        return func(*given, **named)

    return by_element(again, m, args, kwargs)
