"""Tensors that are not written in place, by PyTorch's name for them: there are none."""

from .. import Tensor
from .._lazy import absent_class

FunctionalTensor = absent_class("torch._subclasses.functional_tensor.FunctionalTensor", "nothing is compiled", Tensor)


def mb_unwrap_functional_tensor(tensor):
    """`tensor`, which is not such a one."""
    return tensor
