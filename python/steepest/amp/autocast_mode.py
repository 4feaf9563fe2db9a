"""torch.autocast, as a context manager and decorator that leaves ops in float32."""

import functools
import threading
import warnings

from .. import bfloat16, device, float16, get_default_dtype

DEFAULTS = {"cpu": bfloat16, "cuda": float16}
_thread = threading.local()
_told = []


def is_autocast_available(device_type):
    """Whether ``torch.autocast(device_type)`` is accepted."""
    return device_type in DEFAULTS


def _stack():
    if not hasattr(_thread, "stack"):
        _thread.stack = []
    return _thread.stack


class autocast:
    """Mixed precision for a block or a function.

    On other libraries' devices it makes matrix products run in 16 bits. Here they stay in the precision of their operands, which
    is what such a program trains towards, and a warning says so the first time; ``enabled=False``, float32, and devices that
    are not there make it do nothing, silently where PyTorch is silent.

    >>> import steepest as torch
    >>> with torch.autocast("cpu", enabled=False):
    ...     (torch.ones(2, 2) @ torch.ones(2, 2)).dtype
    torch.float32
    """

    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=None):
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        self.device = device(device_type).type if device_type not in DEFAULTS else device_type
        if self.device not in DEFAULTS:
            raise RuntimeError(f"User specified an unsupported autocast device_type '{self.device}'")
        self.fast_dtype = DEFAULTS[self.device] if dtype is None else dtype
        if enabled and self.device == "cuda":
            warnings.warn("CUDA is not available or torch_xla is imported. Disabling autocast.", stacklevel=2)
            enabled = False
        if enabled and self.fast_dtype not in (bfloat16, float16):
            warnings.warn(
                "In CPU autocast, but the target dtype is not supported. Disabling autocast.\n"
                "CPU Autocast only supports dtypes of torch.bfloat16, torch.float16 currently.",
                stacklevel=2,
            )
            enabled = False
        self._enabled = enabled

    @staticmethod
    def active(device_type):
        """Whether one is in force on this thread."""
        return next((mode._enabled for mode in reversed(_stack()) if mode.device == device_type), False)

    def __enter__(self):
        if self._enabled and not _told:
            _told.append(True)
            warnings.warn(f"autocast: ops stay in {get_default_dtype()}; nothing is computed in {self.fast_dtype}", stacklevel=2)
        _stack().append(self)
        return self

    def __exit__(self, *error):
        _stack().remove(self)
        return False

    def __call__(self, func):
        @functools.wraps(func)
        def inside(*args, **kwargs):
            with self:
                return func(*args, **kwargs)

        return inside


def custom_fwd(fwd=None, *, device_type, cast_inputs=None):
    """The decorator of a Function's forward under autocast: the function as it is."""
    return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs) if fwd is None else fwd


def custom_bwd(bwd=None, *, device_type):
    """The decorator of a Function's backward under autocast: the function as it is."""
    return functools.partial(custom_bwd, device_type=device_type) if bwd is None else bwd
