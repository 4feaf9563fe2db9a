"""What the modules of devices share that are not here."""

__all__ = ["device_count", "empty_cache", "is_available", "manual_seed"]


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
