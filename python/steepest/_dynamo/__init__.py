"""torch._dynamo: the settings and marks of PyTorch's compiler; nothing is compiled, so they change nothing."""

from .._lazy import absent_names, submodules
from ..compiler import allow_in_graph, disable, is_compiling, list_backends, reset
from ..compiling import compile as optimize_model
from ..nn.modules.module import Module

__all__ = [
    "OptimizedModule", "allow_in_graph", "disable", "disallow_in_graph", "forbid_in_graph", "graph_break", "is_compiling",
    "list_backends", "mark_dynamic", "mark_static", "maybe_mark_dynamic", "optimize", "reset",
]

globals().update(absent_names(__name__, "explain export", "functions are run, not compiled"))
forbid_in_graph = disallow_in_graph = assume_constant_result = nonstrict_trace = allow_in_graph


class OptimizedModule(Module):
    """The class of compiled modules, of which there are none."""


def optimize(backend="inductor", **options):
    """A decorator that changes nothing."""
    return optimize_model


def graph_break(msg=""):
    """Nothing is compiled that could be broken up."""


def mark_dynamic(t, index, **bounds):
    """Accepted and not used."""


maybe_mark_dynamic = mark_dynamic


def mark_static(t, index=None):
    """Accepted and not used."""


mark_static_address = mark_static
__getattr__ = submodules(__name__)
