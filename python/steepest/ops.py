"""torch.ops: ops by namespace and name. Those of programs are defined through torch.library; ``aten`` has the library's own."""

from . import _ops


def load_library(path):
    """OSError: what was compiled for PyTorch can't be loaded."""
    raise OSError(f"Could not load this library: {path}")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _ops.namespace(name)
