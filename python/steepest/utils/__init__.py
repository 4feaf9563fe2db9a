"""torch.utils: what stands around tensors and models. Parts load when they are first used."""

from .._lazy import submodules

__getattr__ = submodules(__name__)
