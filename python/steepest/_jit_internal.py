"""torch._jit_internal: what packages take from the compiler of programs; nothing is compiled here."""

from typing import Any, Final

from .futures import Future
from .jit import (
    _copy_to_script_wrapper,
    _overload,
    _overload_method,
    export,
    ignore,
    is_scripting,
    is_tracing,
    script_if_tracing,
    unused,
)

__all__ = [
    "BroadcastingList1", "BroadcastingList2", "BroadcastingList3", "Final", "Future", "_copy_to_script_wrapper", "_overload",
    "_overload_method", "boolean_dispatch", "export", "ignore", "is_scripting", "is_tracing", "script_if_tracing", "unused",
]


class _OneOrMore:
    """A type for annotations: one number, or several of them, as ``BroadcastingList2[int]``."""

    def __getitem__(self, types):
        return Any


BroadcastingList1 = BroadcastingList2 = BroadcastingList3 = _OneOrMore()


def boolean_dispatch(arg_name, arg_index, default, if_true, if_false, module_name, func_name):
    """A function that calls `if_true` or `if_false`, as its argument `arg_name` says."""

    def function(*args, **kwargs):
        chosen = args[arg_index] if arg_index < len(args) else kwargs.get(arg_name, default)
        return (if_true if chosen else if_false)(*args, **kwargs)

    function.__name__ = func_name or function.__name__
    function.__doc__ = if_true.__doc__ or if_false.__doc__
    return function
