"""Calling a module with other parameters than its own."""

import contextlib

__all__ = ["functional_call"]


@contextlib.contextmanager
def _replaced(module, state):
    places = []
    try:
        for key, value in state.items():
            path, _, name = key.rpartition(".")
            owner = module.get_submodule(path)
            table = owner._parameters if name in owner._parameters else owner._buffers
            if name in table:
                places.append((table, name, table[name]))
                table[name] = value
        yield
    finally:
        for table, name, value in reversed(places):
            table[name] = value


def functional_call(module, parameters_and_buffers, args=None, kwargs=None, *, tie_weights=True, strict=False):
    """``module(*args, **kwargs)`` with these tensors, by name, in the place of its parameters and buffers.

    args: a tuple, or the one argument. Gradients flow to the tensors given; names
    that the module does not have are an error where `strict`, and else left alone.

    >>> import steepest as torch
    >>> layer = torch.nn.Linear(1, 1)
    >>> weight = torch.tensor([[3.0]])
    >>> torch.func.functional_call(layer, {"weight": weight, "bias": torch.zeros(1)}, torch.ones(1, 1))
    tensor([[3.]])
    """
    parts = parameters_and_buffers if isinstance(parameters_and_buffers, (list, tuple)) else (parameters_and_buffers,)
    state = {}
    for part in parts:
        state.update(part)
    own = {**dict(module.named_parameters(remove_duplicate=False)), **dict(module.named_buffers(remove_duplicate=False))}
    if strict and set(state) != set(own):
        raise RuntimeError(f"Missing key(s): {sorted(set(own) - set(state))}. Unexpected key(s): {sorted(set(state) - set(own))}.")
    if tie_weights:
        by_tensor = {id(own[key]): value for key, value in state.items() if key in own}
        state.update({key: by_tensor[id(x)] for key, x in own.items() if key not in state and id(x) in by_tensor})
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _replaced(module, state):
        return module(*args, **(kwargs or {}))
