"""Calling a module with other parameters than its own."""

import contextlib
import warnings

from ..._C import Tensor

__all__ = ["functional_call"]

_NOTHING = object()


def _owner(module, path):
    for name in filter(None, path.split(".")):
        if not hasattr(module, name):
            raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
        module = getattr(module, name)
    return module


def _swap(owner, name, value):
    """Puts a tensor in the place of a parameter, buffer or attribute, or takes the latter away; returns what was there."""
    if not isinstance(value, Tensor) and value is not None and value is not _NOTHING:
        raise TypeError(f"{value} is not an instance of torch.Tensor")
    table = next((t for t in (owner._parameters, owner._buffers) if name in t), None)
    if table is not None:
        before, table[name] = table[name], value
        return before
    before = getattr(owner, name, _NOTHING)
    if value is not _NOTHING:
        setattr(owner, name, value)
    elif before is not _NOTHING:
        delattr(owner, name)
    return before


@contextlib.contextmanager
def _replaced(module, state, given):
    """The tensors of `state` in their places in the module; afterwards `given` has those of its names that stand there then."""
    owners, before = {}, []
    try:
        for key, value in state.items():
            path, _, name = key.rpartition(".")
            if path not in owners:
                owners[path] = _owner(module, path)
            before.append((key, owners[path], name, _swap(owners[path], name, value)))
        yield
    finally:
        for key, owner, name, old in reversed(before):
            now = _swap(owner, name, old)
            if key in given and now is not _NOTHING:
                given[key] = now


def _tied(module, given):
    """What is given, and under the other names of the same parameters too; ValueError where it is not the same there."""
    names = {}
    for named in (module.named_parameters, module.named_buffers):
        for name, x in named(remove_duplicate=False):
            names.setdefault(id(x), []).append(name)
    state = dict(given)
    for shared in names.values():
        values = {id(given[name]): given[name] for name in shared if name in given}
        if len(values) > 1:
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(shared)}, which are tied. Consider using tie_weights=False"
            )
        for value in values.values():
            state.update(dict.fromkeys(shared, value))
    return state


def _check_names(module, state):
    own = [name for named in (module.named_parameters, module.named_buffers) for name, _ in named(remove_duplicate=False)]
    wrong = {"Unexpected": [name for name in state if name not in own], "Missing": [name for name in own if name not in state]}
    parts = [f"{what} key(s): {', '.join(map(repr, names))}." for what, names in wrong.items() if names]
    if parts:
        raise RuntimeError("Error(s) in reparametrizing for {}:\n\t{}".format(module._get_name(), "\n\t".join(parts)))


def _reparametrize_module(module, parameters_and_buffers, tie_weights=False, strict=False, stack_weights=False):
    """A block in which the module has these tensors, by name, in the place of its own: what functional_call() calls it in.

    ``stack_weights`` orders parameters for compilers alone, so it changes nothing here.

    >>> import steepest as torch
    >>> layer = torch.nn.Linear(1, 1)
    >>> with torch.nn.utils.stateless._reparametrize_module(layer, {"weight": torch.zeros(1, 1), "bias": torch.ones(1)}):
    ...     print(layer(torch.ones(1)))
    tensor([1.])
    """
    state = _tied(module, parameters_and_buffers) if tie_weights else parameters_and_buffers
    if strict:
        _check_names(module, state)
    return _replaced(module, dict(state), parameters_and_buffers)


def _functional_call(module, parameters_and_buffers, args=None, kwargs=None, *, tie_weights=True, strict=False):
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _reparametrize_module(module, parameters_and_buffers, tie_weights, strict):
        return module(*args, **(kwargs or {}))


def functional_call(module, parameters_and_buffers, args=None, kwargs=None, *, tie_weights=True, strict=False):
    """torch.func.functional_call with one dict, under its older name; deprecated in PyTorch, so that it warns.

    >>> import warnings, steepest as torch
    >>> warnings.simplefilter("ignore", FutureWarning)
    >>> torch.nn.utils.stateless.functional_call(torch.nn.Linear(1, 1), {"weight": torch.zeros(1, 1), "bias": torch.ones(1)}, torch.ones(1))
    tensor([1.])
    """
    warnings.warn(
        "`torch.nn.utils.stateless.functional_call` is deprecated as of PyTorch 2.0 and will be removed in a future version of PyTorch. "
        "Please use `torch.func.functional_call` instead which is a drop-in replacement.",
        FutureWarning,
        stacklevel=2,
    )
    return _functional_call(module, parameters_and_buffers, args, kwargs, tie_weights=tie_weights, strict=strict)
