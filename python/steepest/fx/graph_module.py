"""torch.fx.graph_module: what packages that extend traced modules import."""

from .._lazy import absent
from ..nn.modules.module import Module
from . import GraphModule

__all__ = ["GraphModule"]
_USER_PRESERVED_ATTRIBUTES_KEY = "_user_preserved_attributes"
_copy_attr = absent("torch.fx.graph_module._copy_attr", "programs are not traced")


class _CodeOnlyModule(Module):
    def __init__(self, body):
        super().__init__()
        self.__dict__ = body
