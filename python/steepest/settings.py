"""Settings of PyTorch that change nothing here, or little: kept, so that programs read back what they have set."""

import warnings

from . import _C

_state = {"precision": "highest", "deterministic": False, "warn_only": False, "interop": None}
_DEBUG_MODES = {"default": 0, "warn": 1, "error": 2}


def get_float32_matmul_precision():
    """What set_float32_matmul_precision has set, at first ``"highest"``."""
    return _state["precision"]


def set_float32_matmul_precision(precision):
    """Accepts "highest", "high" or "medium"; products of float32 are always computed in float32."""
    if precision not in ("highest", "high", "medium"):
        warnings.warn(
            f"{precision} is not one of 'highest', 'high', or 'medium'; "
            "the current setFloat32MatmulPrecision call has no effect.",
            stacklevel=2,
        )
        return
    _state["precision"] = precision


def use_deterministic_algorithms(mode, *, warn_only=False):
    """Kept: every algorithm is deterministic on one number of threads, with or without it."""
    if not isinstance(mode, bool):
        raise TypeError(f"_set_deterministic_algorithms(): argument 'mode' (position 1) must be bool, not {type(mode).__name__}")
    _state["deterministic"], _state["warn_only"] = mode, bool(warn_only)


def are_deterministic_algorithms_enabled():
    """What use_deterministic_algorithms has set."""
    return _state["deterministic"]


def is_deterministic_algorithms_warn_only_enabled():
    """What use_deterministic_algorithms has set for `warn_only`."""
    return _state["warn_only"]


def set_deterministic_debug_mode(debug_mode):
    """``"default"`` or 0, ``"warn"`` or 1, ``"error"`` or 2."""
    if isinstance(debug_mode, str):
        if debug_mode not in _DEBUG_MODES:
            raise RuntimeError(f"invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got {debug_mode}")
        debug_mode = _DEBUG_MODES[debug_mode]
    if debug_mode not in (0, 1, 2):
        raise RuntimeError(f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}")
    use_deterministic_algorithms(debug_mode > 0, warn_only=debug_mode == 1)


def get_deterministic_debug_mode():
    """0, 1 or 2: see set_deterministic_debug_mode."""
    return 0 if not _state["deterministic"] else 1 if _state["warn_only"] else 2


def set_warn_always(b, /):
    """Whether a warning that is given once in a program, as of a deprecated function, is given each time."""
    _C.set_warn_always(b)


def is_warn_always_enabled():
    """What set_warn_always has set."""
    return _C.is_warn_always_enabled()


_warned = set()


def warn_once(text):
    """A UserWarning at the program's line, the first time alone unless set_warn_always asks for more."""
    if text not in _warned or is_warn_always_enabled():
        _warned.add(text)
        _C._warn(text)


def get_num_interop_threads():
    """How many ops may run at once: nothing runs beside the caller, so what set_num_interop_threads has set."""
    from . import get_num_threads

    return _state["interop"] or get_num_threads()


def set_num_interop_threads(n, /):
    """Kept."""
    if n < 1:
        raise RuntimeError("set_num_interop_threads expects a positive integer")
    _state["interop"] = n


def set_flush_denormal(mode, /):
    """Whether this thread takes subnormal numbers for zero, in operands and results; False where the processor cannot."""
    if not isinstance(mode, bool):
        raise TypeError(f"set_flush_denormal expects a bool, but got {type(mode).__name__}")
    return _C._set_flush_denormal(mode)
