"""torch.fx.proxy: names for annotations."""

from . import Proxy

__all__ = ["Proxy"]
