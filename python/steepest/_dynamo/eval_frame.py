"""Where PyTorch has the class of compiled modules, and whether functions can be compiled."""

from . import OptimizedModule

__all__ = ["OptimizedModule", "is_dynamo_supported"]


def is_dynamo_supported():
    """True: what torch.compile takes runs.

    >>> import steepest as torch
    >>> torch._dynamo.eval_frame.is_dynamo_supported()
    True
    """
    return True
