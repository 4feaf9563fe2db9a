"""The recorded graph: Node, the class of every grad_fn."""

from .._C import Node

__all__ = ["Node"]
