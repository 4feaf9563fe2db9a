"""torch.backends.cudnn: there is no GPU; the switches keep what they are set to."""

import contextlib

enabled = True
benchmark = False
benchmark_limit = 10
deterministic = False
allow_tf32 = True
fp32_precision = "none"


def is_available():
    """False."""
    return False


def is_acceptable(tensor):
    """False."""
    return False


def version():
    """None."""


@contextlib.contextmanager
def flags(enabled=False, benchmark=False, benchmark_limit=10, deterministic=False, allow_tf32=True, fp32_precision="none"):
    """Sets the switches for a block."""
    new = dict(locals())
    before = {name: globals()[name] for name in new}
    globals().update(new)
    try:
        yield
    finally:
        globals().update(before)
