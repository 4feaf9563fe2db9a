"""Collectives that return their result by its name in PyTorch: those of one process are done at once."""

from .._lazy import absent


def wait_tensor(tensor):
    """`tensor`, which is there."""
    return tensor


all_to_all_single_autograd = absent("torch.distributed._functional_collectives.all_to_all_single_autograd", "there is one process")
