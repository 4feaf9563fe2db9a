"""torch.fx.node: names for annotations."""

from typing import Any, TypeAlias

from . import Node

__all__ = ["Argument", "Node", "Target"]
Target: TypeAlias = Any
Argument: TypeAlias = Any
