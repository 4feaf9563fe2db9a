"""PyTorch's place of the functions that give a number to every dimension, and of one for the names of states."""

from .._tuples import _ntuple, _pair, _quadruple, _reverse_repeat_tuple, _single, _triple  # noqa: F401

__all__ = ["consume_prefix_in_state_dict_if_present"]


def consume_prefix_in_state_dict_if_present(state_dict, prefix):
    """Takes `prefix` off the names in a state_dict, in place, where they begin with it: ``"module."`` after DataParallel.

    Example::

        >>> import steepest as torch
        >>> state = {"module.weight": torch.ones(1)}
        >>> torch.nn.modules.utils.consume_prefix_in_state_dict_if_present(state, "module.")
        >>> state
        {'weight': tensor([1.])}
    """
    for key in [key for key in state_dict if key.startswith(prefix)]:
        state_dict[key.removeprefix(prefix)] = state_dict.pop(key)
    for key in list(getattr(state_dict, "_metadata", ())):
        if key and (key == prefix.rstrip(".") or key.startswith(prefix)):
            state_dict._metadata[key.removeprefix(prefix) if key.startswith(prefix) else ""] = state_dict._metadata.pop(key)
