"""torch.cpu: the device that there is."""

from .._lazy import submodules


def is_available():
    """True."""
    return True


def is_initialized():
    """True."""
    return True


def device_count():
    """1: the CPU counts as one device."""
    return 1


def current_device():
    """``"cpu"``."""
    return "cpu"


def set_device(device):
    """Does nothing: there is one CPU."""


def synchronize(device=None):
    """Does nothing: ops are finished when they return."""


__getattr__ = submodules(__name__)
