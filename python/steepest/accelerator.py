"""torch.accelerator for programs that ask: there is none beside the CPU."""

from . import _C, _lazy

_NONE = "Cannot access accelerator device when none is available."


def is_available():
    """False."""
    return False


def device_count():
    """0."""
    return 0


def current_accelerator(check_available=False):
    """None."""


def get_device_module(device=None):
    """The module of a device: ``torch.cpu`` where none is given; RuntimeError for a name without a module.

    >>> import steepest as torch
    >>> torch.get_device_module("cpu").is_available()
    True
    """
    kind = _C.device("cpu" if device is None else device).type
    try:
        return _lazy.load(f"{__package__}.{kind}")
    except ModuleNotFoundError:
        raise RuntimeError(f"Device '{kind}' does not have a corresponding module registered as 'torch.{kind}'.") from None


def _refuse(*args, **kwargs):
    """There is no accelerator: RuntimeError."""
    raise RuntimeError(_NONE)


current_device_index = current_device_idx = set_device_index = set_device_idx = _refuse
synchronize = current_stream = set_stream = _refuse
empty_cache = memory_allocated = max_memory_allocated = memory_reserved = max_memory_reserved = memory_stats = _refuse
reset_peak_memory_stats = get_memory_info = _refuse


class device_index:
    """A context manager for a device that is None; RuntimeError on entering with any other."""

    def __init__(self, device, /):
        self.device = device

    def __enter__(self):
        if self.device is not None:
            _refuse()

    def __exit__(self, *error):
        return False
