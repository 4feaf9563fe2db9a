"""torch.fx: not here; what asks for it is told so. Its classes can be named in annotations and inherited from."""

from .._lazy import absent, absent_class, submodules
from ..nn.modules.module import Module

_WHY = "programs are not traced; steepest.viz.graph shows what was recorded"
symbolic_trace = absent("torch.fx.symbolic_trace", _WHY)
replace_pattern = absent("torch.fx.replace_pattern", _WHY)
Tracer = absent_class("torch.fx.Tracer", _WHY)
Graph = absent_class("torch.fx.Graph", _WHY)
Interpreter = absent_class("torch.fx.Interpreter", _WHY)
Transformer = absent_class("torch.fx.Transformer", _WHY)
GraphModule = absent_class("torch.fx.GraphModule", _WHY, Module)


def wrap(fn_or_name):
    """`fn_or_name`: a mark for traces, of which there are none."""
    return fn_or_name


class Node:
    """The class of a trace's steps, of which there are none."""


class Proxy:
    """The class of a trace's values, of which there are none."""


__getattr__ = submodules(__name__)
