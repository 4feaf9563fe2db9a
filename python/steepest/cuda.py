"""torch.cuda for programs that ask: there is no GPU."""


def is_available():
    """False."""
    return False


def device_count():
    """0."""
    return 0


def is_initialized():
    """False."""
    return False


def manual_seed(seed):
    """Does nothing: there is no GPU to seed."""


def manual_seed_all(seed):
    """Does nothing: there is no GPU to seed."""


def synchronize(device=None):
    """AssertionError: there is no GPU."""
    raise AssertionError("Torch not compiled with CUDA enabled")


def current_device():
    """AssertionError: there is no GPU."""
    raise AssertionError("Torch not compiled with CUDA enabled")


def empty_cache():
    """Does nothing: there is no GPU memory."""
