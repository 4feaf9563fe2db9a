"""torch.utils.dlpack: tensors to and from other libraries, without a copy."""

from ..creation import from_dlpack

__all__ = ["from_dlpack", "to_dlpack"]


def to_dlpack(tensor):
    """The capsule that other libraries read a tensor from, once.

    >>> import steepest as torch
    >>> capsule = torch.utils.dlpack.to_dlpack(torch.ones(2))
    >>> type(capsule).__name__
    'PyCapsule'
    """
    return tensor.__dlpack__()
