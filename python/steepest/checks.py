"""torch._check and its kin: conditions a program demands; and sizes known by a name only, of which there are none here."""

import builtins

__all__ = ["SymBool", "SymFloat", "SymInt", "sym_float", "sym_int", "sym_ite", "sym_max", "sym_min", "sym_not", "sym_sum"]


class SymInt:
    """The class of sizes that a compiler knows by a name only: sizes are plain ints here, so that nothing is one."""


class SymFloat:
    """The class of numbers that a compiler knows by a name only, of which there are none."""


class SymBool:
    """The class of conditions that a compiler knows by a name only, of which there are none."""


def _assert(condition, message):
    """AssertionError with `message` unless the condition holds.

    >>> import steepest as torch
    >>> torch._assert(2 > 1, "two is less")
    """
    if not condition:
        raise AssertionError(message)


def _assert_async(input, assert_msg=None):
    """RuntimeError where the one element of `input` is 0 or False."""
    if not input:
        raise RuntimeError(assert_msg or "Expected Tensor with single nonzero value, but got zero")


def _check_with(error_type, cond, message=None):
    """Raises `error_type`, with the text that the function `message` gives, unless `cond` holds."""
    if not isinstance(cond, bool):
        raise TypeError(f"cond must be a bool, but got {type(cond)}")
    if cond:
        return
    if message is None:
        raise error_type("Expected cond to be True, but got False. (Could this error message be improved? If so, please report an "
                         "enhancement request to PyTorch.)")
    if not callable(message):
        raise TypeError("message must be a callable")
    raise error_type(str(message()))


def _check(cond, message=None):
    """RuntimeError, with the text that the function `message` gives, unless `cond`, a bool, holds.

    >>> import steepest as torch
    >>> torch._check(3 < 2, lambda: "three is not less")
    Traceback (most recent call last):
    RuntimeError: three is not less
    """
    _check_with(RuntimeError, cond, message)


def _check_index(cond, message=None):
    """IndexError unless `cond` holds: see _check."""
    _check_with(IndexError, cond, message)


def _check_value(cond, message=None):
    """ValueError unless `cond` holds: see _check."""
    _check_with(ValueError, cond, message)


def _check_type(cond, message=None):
    """TypeError unless `cond` holds: see _check."""
    _check_with(TypeError, cond, message)


def _check_not_implemented(cond, message=None):
    """NotImplementedError unless `cond` holds: see _check."""
    _check_with(NotImplementedError, cond, message)


def _check_is_size(i, message=None, *, max=None):
    """RuntimeError unless `i` is at least 0."""
    _check(i >= 0, message)


def sym_int(a):
    """int(a), toward zero."""
    return int(a)


def sym_float(a):
    """float(a)."""
    return float(a)


def sym_not(a):
    """Not a."""
    return not a


def sym_max(a, b):
    """The larger."""
    return builtins.max(a, b)


def sym_min(a, b):
    """The smaller."""
    return builtins.min(a, b)


def sym_sum(args):
    """The sum."""
    return builtins.sum(args)


def sym_ite(b, t, f):
    """`t` where `b` holds, else `f`."""
    return t if b else f
