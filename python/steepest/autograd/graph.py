"""The recorded graph: Node, the class of every grad_fn."""

import abc

from .. import _C
from .function import BackwardCFunction

__all__ = ["Node"]


class Node(metaclass=abc.ABCMeta):  # noqa: B024  (a register of classes, not an interface)
    """What isinstance(x.grad_fn, Node) asks: nodes of ops, and those of autograd.Function."""


Node.register(_C.Node)
Node.register(BackwardCFunction)
