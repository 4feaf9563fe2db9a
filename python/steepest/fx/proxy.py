"""Proxy: what stands for a value while a program is traced; what is done to it becomes a node."""

import dis
import operator
import sys

from .. import _C
from ..overrides import is_tensor_method_or_property
from .graph import Graph
from .node import Node, map_aggregate

__all__ = ["Attribute", "GraphAppendingTracer", "Proxy", "TraceError", "TracerBase"]


class TraceError(ValueError):
    """A program that asks for what only a value can tell."""


class TracerBase:
    """Makes nodes and proxies; subclasses say what becomes of arguments and values."""

    graph: Graph
    proxy_buffer_attributes = False

    def create_node(self, kind, target, args, kwargs, name=None, type_expr=None):
        """Adds a node to the graph."""
        return self.graph.create_node(kind, target, args, kwargs, name, type_expr)

    def proxy(self, node):
        """What stands for a node's value."""
        return Proxy(node, self)

    def create_proxy(self, kind, target, args, kwargs, name=None, type_expr=None, proxy_factory_fn=None):
        """Adds a node for arguments that may hold proxies, and returns what stands for its value."""
        node = self.create_node(kind, target, self.create_arg(args), self.create_arg(kwargs), name, type_expr)
        return proxy_factory_fn(node) if proxy_factory_fn else self.proxy(node)

    def create_arg(self, a):
        """An argument of a node: proxies become their nodes. NotImplementedError for what a graph cannot hold."""
        return map_aggregate(a, self._one_arg)

    def _one_arg(self, a):
        if isinstance(a, Proxy):
            return a.node
        known = (str, int, float, bool, complex, _C.dtype, _C.device, _C.layout, _C.memory_format, _C.Tensor, range, Node)
        if a is None or a is ... or isinstance(a, known) or callable(a):
            return a
        raise NotImplementedError(f"argument of type: {type(a)}")

    def to_bool(self, obj):
        """The truth of a proxy, which is not known."""
        raise TraceError("symbolically traced variables cannot be used as inputs to control flow")

    def iter(self, obj):
        """The parts of a proxy, whose number is not known."""
        raise TraceError(
            "Proxy object cannot be iterated. This can be attempted when the Proxy is used in a loop or as a *args or **kwargs function "
            "argument. See the torch.fx docs on pytorch.org for a more detailed explanation of what types of control flow can be traced, "
            "and check out the Proxy docstring for help troubleshooting Proxy iteration errors"
        )

    def keys(self, obj):
        """The keys of a proxy, for ``**proxy``."""
        return Attribute(obj, "keys")()


class GraphAppendingTracer(TracerBase):
    """Adds to a graph."""

    def __init__(self, graph):
        self.graph = graph


class Proxy:
    """Stands for the value of a node: operators, methods, attributes and functions of torch make further nodes of it."""

    def __init__(self, node, tracer=None):
        self.tracer = GraphAppendingTracer(node.graph) if tracer is None else tracer
        self.node = node

    def __repr__(self):
        return f"Proxy({self.node.name})"

    def __getattr__(self, name):
        return Attribute(self, name)

    def __deepcopy__(self, memo):
        return Proxy(self.node, self.tracer)

    def __getstate__(self):
        return self.__dict__

    def __setstate__(self, state):
        self.__dict__.update(state)

    def __call__(self, *args, **kwargs):
        return self.tracer.create_proxy("call_method", "__call__", (self, *args), kwargs)

    def __iter__(self):
        # `a, b = proxy` tells how many parts it asks for.
        frame = sys._getframe(1)
        code, at = frame.f_code.co_code, frame.f_lasti
        if code[at] == dis.opmap["UNPACK_SEQUENCE"]:
            return iter([self[i] for i in range(code[at + 1])])
        return self.tracer.iter(self)

    def __bool__(self):
        return self.tracer.to_bool(self)

    def __len__(self):
        raise RuntimeError("'len' is not supported in symbolic tracing by default. If you want this call to be recorded, please call "
                           "torch.fx.wrap('len') at module scope")

    def keys(self):
        """For ``**proxy``."""
        return self.tracer.keys(self)

    @classmethod
    def __torch_function__(cls, orig_method, types, args=None, kwargs=None):
        args, kwargs = args or (), kwargs or {}
        tracers = []
        map_aggregate((args, kwargs), lambda a: tracers.append(a.tracer) if isinstance(a, Proxy) else None)
        kind = "call_method" if is_tensor_method_or_property(orig_method) else "call_function"
        return tracers[0].create_proxy(kind, orig_method.__name__ if kind == "call_method" else orig_method, args, kwargs)


class Attribute(Proxy):
    """Stands for an attribute of a value; a call of it is a call of a method."""

    def __init__(self, root, attr):
        self.root, self.attr, self.tracer, self._node = root, attr, root.tracer, None

    @property
    def node(self):
        if self._node is None:
            self._node = self.tracer.create_proxy("call_function", getattr, (self.root, self.attr), {}).node
        return self._node

    def __call__(self, *args, **kwargs):
        return self.tracer.create_proxy("call_method", self.attr, (self.root, *args), kwargs)


def _operator(function, reflected=False):
    def method(self, *rest):
        args = (*rest, self) if reflected else (self, *rest)
        return self.tracer.create_proxy("call_function", function, args, {})

    return method


_BINARY = ("add", "sub", "mul", "floordiv", "truediv", "mod", "lshift", "rshift", "and_", "or_", "xor", "matmul", "pow")
for _name in (*_BINARY, "eq", "ne", "lt", "gt", "le", "ge", "pos", "neg", "abs", "invert", "getitem"):
    setattr(Proxy, f"__{_name.strip('_')}__", _operator(getattr(operator, _name)))
for _name in _BINARY:
    setattr(Proxy, f"__r{_name.strip('_')}__", _operator(getattr(operator, _name), reflected=True))
Proxy.__hash__ = object.__hash__
