"""Tensors without elements, by PyTorch's name for them: there are none."""

from .. import Tensor
from .._lazy import absent_class

_WHY = "nothing is compiled"

FakeTensor = absent_class("torch._subclasses.fake_tensor.FakeTensor", _WHY, Tensor)
FakeTensorMode = absent_class("torch._subclasses.fake_tensor.FakeTensorMode", _WHY)


def is_fake(x):
    """False."""
    return False
