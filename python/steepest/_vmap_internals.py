"""torch._vmap_internals, where older packages look for vmap."""

from .func import vmap

__all__ = ["vmap"]
_vmap = vmap
