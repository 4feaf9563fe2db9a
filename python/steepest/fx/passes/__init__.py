"""torch.fx.passes: what is done with graphs."""

from ..._lazy import submodules

__getattr__ = submodules(__name__)
