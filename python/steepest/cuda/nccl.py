"""torch.cuda.nccl: there is no GPU."""


def version():
    """There is no NCCL: RuntimeError."""
    raise RuntimeError("NCCL is not available: there is no GPU")


def is_available(tensors=()):
    """False."""
    return False
