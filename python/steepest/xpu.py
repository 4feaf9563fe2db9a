"""torch.xpu for programs that ask: there is no such device."""


def is_available():
    """False."""
    return False


def device_count():
    """0."""
    return 0


def manual_seed(seed):
    """Does nothing: there is no such device to seed."""


def empty_cache():
    """Does nothing: there is no such memory."""
