"""torch.backends.mkl: not used, the matrix products are steepest's own."""

import contextlib

enabled = True
deterministic = False
allow_tf32 = True
VERBOSE_OFF, VERBOSE_ON, VERBOSE_ON_CREATION = 0, 1, 2


def is_available():
    """False."""
    return False


@contextlib.contextmanager
def verbose(level=VERBOSE_OFF):
    """Accepted: there is nothing to tell."""
    yield


@contextlib.contextmanager
def flags(enabled=False, deterministic=False, allow_tf32=True, fp32_precision="none"):
    """Sets the switches for a block."""
    new = {"enabled": enabled, "deterministic": deterministic, "allow_tf32": allow_tf32}
    before = {name: globals()[name] for name in new}
    globals().update(new)
    try:
        yield
    finally:
        globals().update(before)
