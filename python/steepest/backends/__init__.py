"""torch.backends: switches of libraries that PyTorch may use. None is used here; what is set can be read back."""

from .._lazy import submodules

__getattr__ = submodules(__name__)


def flags_frozen():
    """Whether the switches of libraries may no longer be set one by one: False."""
    return False
