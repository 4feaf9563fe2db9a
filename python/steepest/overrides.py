"""torch.overrides: the __torch_function__ protocol, for those who write functions or classes that take part in it.

An op of the table asks the classes of its arguments, subclasses of Tensor and any others that define ``__torch_function__``.
Functions that are written in Python reach them through the ops they call.
"""

import functools

from . import _C
from ._C import DisableTorchFunctionSubclass, Tensor  # noqa: F401
from ._C import _disabled_torch_function_impl as _disabled

__all__ = [
    "TorchFunctionMode",
    "get_default_nowrap_functions",
    "handle_torch_function",
    "has_torch_function",
    "has_torch_function_unary",
    "has_torch_function_variadic",
    "is_tensor_like",
    "is_tensor_method_or_property",
    "resolve_name",
    "wrap_torch_function",
]


def _overrides(value):
    own = getattr(type(value), "__torch_function__", None)
    return own is not None and own is not _disabled and type(value) is not Tensor


def has_torch_function(relevant_args):
    """Whether the class of one of the arguments defines ``__torch_function__`` and is not Tensor itself."""
    return any(map(_overrides, relevant_args))


def has_torch_function_unary(x):
    """has_torch_function((x,))"""
    return _overrides(x)


def has_torch_function_variadic(*args):
    """has_torch_function(args)"""
    return has_torch_function(args)


def handle_torch_function(public_api, relevant_args, *args, **kwargs):
    """Asks the classes of `relevant_args` in turn, subclasses before their bases; TypeError where all decline.

    >>> import steepest as torch
    >>> class Name:
    ...     def __torch_function__(self, func, types, args=(), kwargs=None):
    ...         return func.__name__
    >>> torch.add(Name(), 1)
    'add'
    """
    overloaded = []
    for value in filter(_overrides, relevant_args):
        if any(type(value) is type(other) for other in overloaded):
            continue
        at = next((i for i, other in enumerate(overloaded) if issubclass(type(value), type(other))), len(overloaded))
        overloaded.insert(at, value)
    types = tuple(map(type, overloaded))
    for value in overloaded:
        result = value.__torch_function__(public_api, types, args, kwargs)
        if result is not NotImplemented:
            return result
    name = f"{public_api.__module__}.{public_api.__name__}"
    raise TypeError(f"no implementation found for '{name}' on types that implement __torch_function__: {list(types)}")


def wrap_torch_function(dispatcher):
    """A decorator for functions that classes of arguments may answer: ``dispatcher(*args, **kwargs)`` gives the arguments to ask.

    >>> import steepest as torch
    >>> class Name:
    ...     def __torch_function__(self, func, types, args=(), kwargs=None):
    ...         return func.__name__
    >>> @torch.overrides.wrap_torch_function(lambda x: (x,))
    ... def half(x):
    ...     return x / 2
    >>> half(torch.ones(1)), half(Name())
    (tensor([0.5000]), 'half')
    """

    def wrap(func):
        @functools.wraps(func)
        def wrapped(*args, **kwargs):
            relevant_args = dispatcher(*args, **kwargs)
            if has_torch_function(relevant_args):
                return handle_torch_function(wrapped, relevant_args, *args, **kwargs)
            return func(*args, **kwargs)

        return wrapped

    return wrap


def is_tensor_like(inp):
    """Whether it is a tensor, or an object whose class defines ``__torch_function__``."""
    return isinstance(inp, Tensor) or hasattr(type(inp), "__torch_function__")


def is_tensor_method_or_property(func):
    """Whether it is a method of Tensor rather than a function."""
    return getattr(Tensor, getattr(func, "__name__", ""), None) is func


def resolve_name(f):
    """The dotted name of a function or method of the table, such as ``"torch.Tensor.add"``."""
    return f"torch.Tensor.{f.__name__}" if is_tensor_method_or_property(f) else f"torch.{f.__name__}"


def get_default_nowrap_functions():
    """The functions whose results Tensor.__torch_function__ leaves plain."""
    return set()


class TorchFunctionMode:
    """Base class of blocks in which ``__torch_function__`` of the block answers for every op of the table that is called.

    Ops that it calls itself go to the blocks outside. Functions that are written in Python reach it through the ops they call.

    >>> import steepest as torch
    >>> class Loud(torch.overrides.TorchFunctionMode):
    ...     def __torch_function__(self, func, types, args=(), kwargs=None):
    ...         print(func.__name__)
    ...         return func(*args, **(kwargs or {}))
    >>> with Loud():
    ...     y = torch.ones(2).sum()
    ones
    sum
    """

    def __init__(self):
        """Nothing is needed; subclasses may keep what they like."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        raise NotImplementedError

    def __enter__(self):
        _C._push_mode(self)
        return self

    def __exit__(self, *error):
        _C._pop_mode()

    @classmethod
    def push(cls, *args, **kwargs):
        """The class, called."""
        return cls(*args, **kwargs)
