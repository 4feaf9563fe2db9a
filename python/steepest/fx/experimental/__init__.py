"""torch.fx.experimental: names that libraries ask for when PyTorch's compiler could be at work, which it is not."""

from ..._lazy import submodules

__getattr__ = submodules(__name__)
