"""What the allocator holds, and giving it back."""

from . import _C


def memory_stats():
    """Bytes in use and cached, as a dict; blocks of up to 1 KiB are not counted.

    >>> import steepest as torch
    >>> "allocated_bytes" in torch.memory_stats()
    True
    """
    return _C._memory_stats()


def empty_cache():
    """Gives cached memory back to the system."""
    _C._empty_cache()
