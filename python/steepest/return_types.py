"""torch.return_types: the classes of results with names, as torch.return_types.max is of torch.max(x, 0)."""

from . import _C


def __getattr__(name):
    found = None if name.startswith("_") else _C._return_type(name)
    if found is None:
        raise AttributeError(f"module 'torch.return_types' has no attribute {name!r}")
    return found
