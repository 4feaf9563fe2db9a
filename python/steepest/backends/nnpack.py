"""torch.backends.nnpack: a library of kernels that is not used."""

import contextlib


def is_available():
    """False."""
    return False


def set_flags(_enabled):
    """Accepted and not used; gives what was set, (False,)."""
    return (False,)


def flags(enabled=False):
    """A block that changes nothing."""
    return contextlib.nullcontext()
