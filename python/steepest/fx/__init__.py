"""torch.fx: not here; what asks for it is told so. Its classes can be named in annotations and inherited from."""

from .._lazy import absent, submodules
from ..nn.modules.module import Module

_WHY = "programs are not traced; steepest.viz.graph shows what was recorded"
symbolic_trace = absent("torch.fx.symbolic_trace", _WHY)
replace_pattern = absent("torch.fx.replace_pattern", _WHY)


def wrap(fn_or_name):
    """`fn_or_name`: a mark for traces, of which there are none."""
    return fn_or_name


class _Absent:
    def __init__(self, *args, **kwargs):
        raise NotImplementedError(f"torch.fx.{type(self).__name__} is not part of steepest; {_WHY}")


class Tracer(_Absent):
    """Not here: NotImplementedError."""


class Graph(_Absent):
    """Not here: NotImplementedError."""


class Interpreter(_Absent):
    """Not here: NotImplementedError."""


class Transformer(_Absent):
    """Not here: NotImplementedError."""


class GraphModule(Module):
    """The class of traced modules, of which there are none: NotImplementedError."""

    def __init__(self, *args, **kwargs):
        raise NotImplementedError(f"torch.fx.GraphModule is not part of steepest; {_WHY}")


class Node:
    """The class of a trace's steps, of which there are none."""


class Proxy:
    """The class of a trace's values, of which there are none."""


__getattr__ = submodules(__name__)
