"""Names of torch._C that packages use to talk to PyTorch's dispatcher, tracer and log; here there are none, so that little is said."""

import contextlib

from . import _C
from .autograd import Blocks

below_autograd = Blocks()  # in which an op is computed and not recorded: see Note [Ops of a program] in _ops.py


class _Keys(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return cls(name)


class DispatchKey(str, metaclass=_Keys):
    """The name of one of PyTorch's dispatch keys."""

    __slots__ = ()
    __module__ = "torch._C"


class DispatchKeySet(frozenset):
    """Some of PyTorch's dispatch keys."""

    __module__ = "torch._C"

    def __new__(cls, keys=()):
        return super().__new__(cls, (keys,) if isinstance(keys, str) else keys)

    def __or__(self, other):
        return DispatchKeySet(frozenset(self) | frozenset(other))


def _no_guard(*keys):
    """A block that changes nothing."""
    return contextlib.nullcontext()


def _log_api_usage_once(name):
    """Nothing is logged."""


def _get_tracing_state():
    """None: nothing is traced."""
    return


def _are_functorch_transforms_active():
    """Whether torch.func is at work on tensors of a kind of its own: within vmap; those of gradients are plain."""
    from .autograd import open_maps

    return bool(open_maps.list)


def _parse_to(*args, **kwargs):
    """(device, dtype, non_blocking, memory_format) from the arguments of Tensor.to, None for what they do not tell."""
    from .nn.modules._convert import _parse_to as parse

    flags = [value for value in args if isinstance(value, bool)]
    device, dtype = parse([value for value in args if not isinstance(value, bool)], kwargs)
    device = _C.device(device) if isinstance(device, str) else device
    return device, dtype, kwargs.get("non_blocking", flags[0] if flags else False), kwargs.get("memory_format")


_C.DispatchKey, _C.DispatchKeySet = DispatchKey, DispatchKeySet
_C._ExcludeDispatchKeyGuard = _C._IncludeDispatchKeyGuard = _no_guard
_C._AutoDispatchBelowAutograd = lambda: below_autograd
_C._log_api_usage_once, _C._get_tracing_state = _log_api_usage_once, _get_tracing_state
_C._are_functorch_transforms_active = _are_functorch_transforms_active
_C._get_default_device = lambda: "cpu"
_C._TensorMeta = type(_C.Tensor)
_C._nn._parse_to = _parse_to
