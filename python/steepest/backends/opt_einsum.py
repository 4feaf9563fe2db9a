"""torch.backends.opt_einsum: not used, einsum contracts from left to right."""

enabled = False
strategy = None


def is_available():
    """False."""
    return False
