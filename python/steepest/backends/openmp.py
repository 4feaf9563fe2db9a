"""torch.backends.openmp: not used, threads are steepest's own pool."""


def is_available():
    """False."""
    return False
