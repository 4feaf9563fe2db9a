"""Tracer: runs a program with proxies for its arguments, and keeps what is done to them as a Graph."""

import builtins
import functools
import inspect
import sys
import warnings
from contextlib import ExitStack, contextmanager
from types import FunctionType

from .._C import Tensor
from ..nn import functional as F
from ..nn.modules.container import Sequential
from ..nn.modules.module import Module
from ..nn.parameter import Parameter
from ..utils._pytree import tree_leaves
from ._compatibility import compatibility  # noqa: F401  # overrides of Tracer take it from here
from .graph import Graph
from .graph_module import GraphModule
from .node import PACKAGE, map_aggregate, wrapped
from .proxy import Proxy, TracerBase

__all__ = ["PH", "Tracer", "symbolic_trace", "wrap"]


class PHBase:
    """The class of PH."""

    def __repr__(self):
        return "PH"


PH = PHBase()  # in concrete_args: an argument that is traced as any other


def _assert_is_none(value, msg):
    if value is not None:
        raise AssertionError(msg)


def _has_proxy(args, kwargs):
    found = []
    map_aggregate((args, kwargs), lambda a: found.append(a) if isinstance(a, Proxy) else None)
    return found[0] if found else None


@contextmanager
def _set(holder, name, value):
    """A block in which a dict or an object has another value by this name."""
    if isinstance(holder, dict):
        before = holder.get(name, _set)
        holder[name] = value
    else:
        before = vars(holder).get(name, _set)
        setattr(holder, name, value)
    try:
        yield
    finally:
        if isinstance(holder, dict):
            holder.pop(name) if before is _set else holder.__setitem__(name, before)
        else:
            delattr(holder, name) if before is _set else setattr(holder, name, before)


def _recorded(function, canonical=False):
    """A function that becomes one node where a proxy is among its arguments; canonical: what has a default goes by name."""

    @functools.wraps(function)
    def recorded(*args, **kwargs):
        proxy = _has_proxy(args, kwargs)
        if proxy is None:
            return function(*args, **kwargs)
        if canonical:
            bound = inspect.signature(function).bind(*args, **kwargs)
            bound.apply_defaults()
            parameters = inspect.signature(function).parameters.values()
            if all(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters):
                args = tuple(bound.arguments[p.name] for p in parameters if p.default is p.empty)
                kwargs = {p.name: bound.arguments[p.name] for p in parameters if p.default is not p.empty}
        return proxy.tracer.create_proxy("call_function", function, args, kwargs)

    return recorded


class Tracer(TracerBase):
    """Traces programs; subclasses say which modules become one node, and what becomes of arguments.

    autowrap_modules, autowrap_functions: modules whose functions, and functions of the program's own module, that become one node each.
    """

    def __init__(self, autowrap_modules=(), autowrap_functions=(), param_shapes_constant=False):
        self._autowrap = [(vars(module), name) for module in autowrap_modules for name, f in vars(module).items() if callable(f)]
        self._autowrap_functions = {id(f) for f in autowrap_functions}
        self.param_shapes_constant = param_shapes_constant
        self.root = self.graph = None
        self.scope, self.module_stack = None, {}

    def is_leaf_module(self, m, module_qualified_name):
        """Whether a module becomes one node: those of torch.nn do, except Sequential."""
        package, _, rest = type(m).__module__.partition(".")
        own = package in ("torch", Module.__module__.partition(".")[0])
        return own and rest.startswith(("nn", "ao.nn")) and not isinstance(m, Sequential)

    def path_of_module(self, mod):
        """The name of a module in the one that is traced; NameError where it is none of it."""
        name = self.submodule_paths.get(mod)
        if name is None:
            raise NameError("module is not installed as a submodule")
        return name

    def call_module(self, m, forward, args, kwargs):
        """What the call of a module gives: a node, or what its forward makes of the proxies."""
        name = self.path_of_module(m)
        if self.is_leaf_module(m, name):
            return self.create_proxy("call_module", name, args, kwargs)
        return forward(*args, **kwargs)

    def getattr(self, attr, attr_val, parameter_proxy_cache):
        """What stands for the value of an attribute of a module: a proxy for a parameter."""
        if not isinstance(attr_val, Parameter):
            return attr_val
        name = self.tensor_attrs.get(id(attr_val))
        if name is None:
            return attr_val
        if name not in parameter_proxy_cache:
            parameter_proxy_cache[name] = self.create_proxy("get_attr", name, (), {})
        return parameter_proxy_cache[name]

    def get_fresh_qualname(self, prefix):
        """A name that the module has no attribute of."""
        i = 0
        while hasattr(self.root, f"{prefix}{i}"):
            i += 1
        return f"{prefix}{i}"

    def _one_arg(self, a):
        if isinstance(a, Module):
            raise NotImplementedError(f"argument of type: {type(a)}")
        if not isinstance(a, Tensor):
            return super()._one_arg(a)
        name = self.tensor_attrs.get(id(a))
        if name is None:
            name = self.get_fresh_qualname("_tensor_constant")
            setattr(self.root, name, a)
            self.tensor_attrs[id(a)] = name
        return self.create_node("get_attr", name, (), {})

    def create_args_for_root(self, root_fn, is_module, concrete_args=None):
        """The function and its arguments: a proxy each, or the value that concrete_args has."""
        function = inspect.unwrap(root_fn)
        parameters = list(inspect.signature(function).parameters.values())
        args, kwargs = [], {}
        if is_module:
            args.append(self.root)
            parameters = parameters[1:]
        stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
        for p in parameters:
            default = () if p.default is p.empty else (p.default,)
            if concrete_args is not None and p.name in concrete_args:
                value = self._specialized(p.name, default, concrete_args[p.name])
            else:
                value = self.create_proxy("placeholder", f"{stars.get(p.kind, '')}{p.name}", default, {})
            if p.kind is p.VAR_POSITIONAL:
                args.append(value)
            elif p.kind is p.VAR_KEYWORD:
                kwargs[p.name] = value
            elif p.kind is p.KEYWORD_ONLY:
                kwargs[p.name] = value
            else:
                args.append(value)
        return self._with_stars(root_fn, parameters), args, kwargs

    def _specialized(self, name, default, value):
        """The value that an argument has in the trace. The graph still takes the argument, and refuses another value where it can tell."""
        proxy = self.create_proxy("placeholder", f"{name}_1", default, {})
        if value is PH:
            return proxy
        text = f"{name} has been specialized to have value {value} but got another value"
        if value is None:
            self.create_proxy("call_function", _assert_is_none, (proxy, text), {})
        elif isinstance(value, (str, int, float, complex)):
            self.create_proxy("call_function", PACKAGE._assert, (proxy == value, text), {})
        elif PH in tree_leaves(value):
            raise NotImplementedError(f"torch.fx: concrete_args with PH within a container, as for {name!r}")
        else:
            warnings.warn(
                f"Was not able to add assertion to guarantee correct input {name} to specialized function. It is up to the user to make "
                "sure that your inputs match the inputs you specialized the function with.",
                stacklevel=5,
            )
        return value

    @staticmethod
    def _with_stars(function, parameters):
        """The function, called with what stands for ``*args`` and ``**kwargs`` as one value each."""
        if not any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
            return function
        code = function.__code__
        flags = code.co_flags & ~(inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
        count = code.co_argcount + bool(code.co_flags & inspect.CO_VARARGS)
        more = code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARKEYWORDS)
        if code.co_flags & inspect.CO_VARARGS and code.co_kwonlyargcount:
            raise NotImplementedError("torch.fx: a function with *args and arguments by name only")
        plain = code.replace(co_flags=flags, co_argcount=count, co_kwonlyargcount=more)
        return FunctionType(plain, function.__globals__, function.__name__, function.__defaults__, function.__closure__)

    def trace(self, root, concrete_args=None):
        """The Graph of a module or function; concrete_args: values of arguments that are not to be traced.

        The graph takes these arguments too, and refuses other values.
        """
        is_module = isinstance(root, Module)
        self.root = root if is_module else Module()
        function = type(root).forward if is_module else root
        self.graph = Graph(self.root, tracer_cls=type(self))
        self.submodule_paths = {module: name for name, module in self.root.named_modules()}
        self.tensor_attrs = {}
        for module_name, module in self.root.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, Tensor):
                    self.tensor_attrs.setdefault(id(value), f"{module_name}.{name}" if module_name else name)
            for name, value in [*module._parameters.items(), *module._buffers.items()]:
                self.tensor_attrs.setdefault(id(value), f"{module_name}.{name}" if module_name else name)
        function, args, kwargs = self.create_args_for_root(function, is_module, concrete_args)
        with self._patches(function):
            result = function(*args, **kwargs)
            self.create_node("output", "output", (self.create_arg(result),), {})
        return self.graph

    @contextmanager
    def _patches(self, function):
        """A block in which calls of modules and functions become nodes, and so do the parameters of modules."""
        call, outer, cache = Module.__call__, self, {}

        def attribute(module, name):
            return outer.getattr(name, object.__getattribute__(module, name), cache)

        def called(module, *args, **kwargs):
            def forward(*args, **kwargs):
                return call(module, *args, **kwargs)

            return outer.call_module(module, forward, args, kwargs)

        with ExitStack() as stack:
            stack.enter_context(_set(Module, "__call__", called))
            stack.enter_context(_set(Module, "__getattribute__", attribute))
            for holder, canonical in ((F, True), (PACKAGE, False)):
                for name, f in list(vars(holder).items()):
                    if isinstance(f, FunctionType) and (name[0] != "_" or name == "_assert") and not inspect.isgeneratorfunction(f):
                        stack.enter_context(_set(holder, name, _recorded(f, canonical)))
            names = vars(sys.modules.get(getattr(function, "__module__", None), builtins))
            own = [(names, name) for name, f in names.items() if id(f) in self._autowrap_functions]
            for holder, name in [*wrapped, *self._autowrap, *own]:
                f = holder.get(name) or getattr(builtins, name)
                stack.enter_context(_set(holder, name, _recorded(f)))
            yield


def symbolic_trace(root, concrete_args=None):
    """A GraphModule of a module or function.

    TraceError where the program asks for what only values can tell, such as which way to go.

    >>> import steepest as torch
    >>> traced = torch.fx.symbolic_trace(lambda x: torch.relu(x) + 1)
    >>> print(traced.graph)
    graph():
        %x : [num_users=1] = placeholder[target=x]
        %relu : [num_users=1] = call_function[target=torch.relu](args = (%x,), kwargs = {})
        %add : [num_users=1] = call_function[target=operator.add](args = (%relu, 1), kwargs = {})
        return add
    >>> traced(torch.tensor(-2.0))
    tensor(1.)
    """
    tracer = Tracer()
    graph = tracer.trace(root, concrete_args)
    return GraphModule(tracer.root, graph, type(root).__name__ if isinstance(root, Module) else root.__name__)


def wrap(fn_or_name):
    """Lets a function of the module that calls wrap, or one of that name, become one node in traces; returns it."""
    if not callable(fn_or_name) and not isinstance(fn_or_name, str):
        raise RuntimeError("Unsupported type for global function! Must be either a callable or string name")
    name = fn_or_name if isinstance(fn_or_name, str) else fn_or_name.__name__
    frame = inspect.currentframe().f_back
    if frame.f_code.co_name != "<module>":
        raise NotImplementedError("wrap must be called at the top level of a module")
    wrapped.append((frame.f_globals, name))
    return fn_or_name
