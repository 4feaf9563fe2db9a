"""torch._subclasses: the names of tensors that stand for others in PyTorch's compiler, of which there are none."""

from .._lazy import submodules
from .fake_tensor import FakeTensor, FakeTensorMode  # noqa: F401

__getattr__ = submodules(__name__)
