"""swap_in_optimizer_params_and_state: an optimizer that works on other parameters and state for a while."""

import contextlib
from collections import defaultdict

from .. import Tensor

_NAME = "swap_in_optimizer_params_and_state"


@contextlib.contextmanager
def swap_in_optimizer_params_and_state(optimizer, swapin_parameters, swapin_optim_state):
    """Inside of the ``with``, `optimizer` has the tensors of the dict `swapin_parameters` as its parameters, in their
    order, and state and options of `swapin_optim_state`, a ``state_dict()``.

    What is written to tensors in place stays; everything else is as before at the end.

    Raises RuntimeError where the two do not fit the optimizer's groups, or it has no state yet.
    """
    state, swaps = _prepared(optimizer, list(swapin_parameters.values()), swapin_optim_state)
    before = optimizer.state, [dict(group) for group in optimizer.param_groups]
    try:
        swapped = defaultdict(dict)
        for group, new, params in swaps:
            for parameter, number in zip(params, new["params"]):
                swapped[parameter] = dict(state.get(number, {}))
            group.update(new)
            group["params"] = params
        optimizer.state = swapped
        yield
    finally:
        optimizer.state = before[0]
        for group, old in zip(optimizer.param_groups, before[1]):
            group.clear()
            group.update(old)


def _prepared(optimizer, parameters, given):
    """The state, and for every group (the group, its new options, its new parameters)."""
    if not optimizer.state:
        raise RuntimeError(f"{_NAME} requires initialized optimizer state.")
    if not isinstance(given, dict):
        raise RuntimeError(f"{_NAME} requires a DCP-style optimizer state_dict.")
    state, groups = given.get("state"), given.get("param_groups")
    _check_state(state)
    if not isinstance(groups, list):
        raise RuntimeError(
            f"{_NAME} requires swapin_optim_state['param_groups'] to be a list of param-group dicts, got {type(groups).__name__}."
        )
    if len(groups) != len(optimizer.param_groups):
        raise RuntimeError("swapin_optim_state has a different number of parameter groups than the live optimizer.")
    swaps, seen, start = [], set(), 0
    for number, (group, new) in enumerate(zip(optimizer.param_groups, groups)):
        _check_group(number, group, new)
        end = start + len(new["params"])
        if end > len(parameters):
            raise RuntimeError(f"{_NAME} requires the explicit parameter state to match optimizer.param_groups ordering.")
        swaps.append((group, new, parameters[start:end]))
        seen.update(new["params"])
        start = end
    extra = [key for key in state if key not in seen]
    if extra:
        raise RuntimeError(
            f"{_NAME} requires swapin_optim_state['state'] to be keyed only by packed parameter ids from param_groups[*]['params']; "
            f"got extra keys {extra!r}."
        )
    return state, swaps


def _check_state(state):
    if not isinstance(state, dict):
        raise RuntimeError(
            f"{_NAME} requires swapin_optim_state['state'] to be a dict mapping packed parameter ids to per-param state dicts, "
            f"got {type(state).__name__}."
        )
    if any(isinstance(key, Tensor) for key in state):
        raise RuntimeError(f"{_NAME} requires optimizer.state_dict()-style state keyed by packed parameter ids.")
    if any(isinstance(key, int) and not isinstance(value, dict) for key, value in state.items()):
        raise RuntimeError(f"{_NAME} requires per-parameter optimizer state entries to be dictionaries.")


def _check_group(number, group, new):
    if not isinstance(new, dict):
        raise RuntimeError(f"{_NAME} requires each optimizer param group to be a dictionary.")
    packed = new.get("params")
    if not isinstance(packed, list) or not all(isinstance(p, int) for p in packed):
        raise RuntimeError(
            f"{_NAME} requires optimizer.state_dict()-style param_groups[*]['params'] entries keyed by packed parameter ids."
        )
    if len(packed) != len(group["params"]):
        raise RuntimeError(
            f"swapin_optim_state param group {number} has a different number of params than the live optimizer param group."
        )
    only_new, only_live = [k for k in new if k not in group], [k for k in group if k not in new]
    if only_new or only_live:
        raise RuntimeError(
            f"{_NAME} requires optimizer.state_dict()-style param group keys to exactly match the live optimizer group keys for "
            f"group {number}. Keys only in swap-in: {only_new}. Keys only in live: {only_live}."
        )
