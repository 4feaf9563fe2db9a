"""GraphModule: a module whose forward is a Graph."""

import copy

from .._C import Tensor
from ..nn.modules.module import Module
from ..nn.parameter import Parameter
from .graph import GLOBALS, Graph

__all__ = ["GraphModule"]

_USER_PRESERVED_ATTRIBUTES_KEY = "_user_preserved_attributes"


def _copy_attr(from_module, to_module, target):
    """Copies what `target`, ``"a.b"``, names to another module, with modules on the way where there are none."""
    *way, name = target.split(".")
    for part in way:
        from_module = getattr(from_module, part)
        if not hasattr(to_module, part):
            setattr(to_module, part, Module())
        to_module = getattr(to_module, part)
    value = getattr(from_module, name)
    if isinstance(value, Tensor) and not isinstance(value, Parameter):
        to_module.register_buffer(name, value)
    else:
        setattr(to_module, name, value)


class _CodeOnlyModule(Module):
    def __init__(self, body):
        super().__init__()
        self.__dict__.update(body)


def _rebuilt(state, text, functions, name):
    """A GraphModule from its attributes, the text of its forward, and the functions that this calls by names of its own."""
    from ._symbolic_trace import Tracer

    names = {**GLOBALS, **functions}
    exec(text, names)  # noqa: S102
    body = type("_CodeOnlyModule", (_CodeOnlyModule,), {"forward": names["forward"]})(state)

    class Flat(Tracer):
        def is_leaf_module(self, m, module_qualified_name):
            return True

    return _with_attributes(GraphModule(body, Flat().trace(body), name), state)


def _with_attributes(module, state):
    """The module, with those attributes of the one that it was made from which the graph does not name."""
    module.meta = state.get("meta", {})
    for name, value in state.items():
        if not hasattr(module, name):
            setattr(module, name, value)
    return module


class GraphModule(Module):
    """A module that does what a graph says, with the parameters and modules that it names.

    root: the module that has them, or a dict of them. graph: the graph; after changes of it, call `recompile`.
    """

    def __new__(cls, *args, **kwargs):
        # Each has a class of its own, for its forward.
        base = next(c for c in cls.__mro__ if c.__name__ != "GraphModuleImpl" and "_own" not in vars(c))

        class GraphModuleImpl(base):
            _own = True

        return super().__new__(GraphModuleImpl)

    def __init__(self, root, graph, class_name="GraphModule"):
        super().__init__()
        type(self).__name__ = class_name
        if isinstance(root, Module):
            self.training = root.training
        for node in graph.nodes:
            if node.op not in ("get_attr", "call_module"):
                continue
            if isinstance(root, Module):
                _copy_attr(root, self, node.target)
            elif node.target in root:
                holder = self
                *way, name = node.target.split(".")
                for part in way:
                    if not hasattr(holder, part):
                        setattr(holder, part, Module())
                    holder = getattr(holder, part)
                setattr(holder, name, root[node.target])
            else:
                raise RuntimeError(f"Node {node} referenced target {node.target} but that target was not provided in ``root``!")
        self.meta = {}
        self.graph = graph

    @property
    def graph(self):
        """The graph."""
        return self._graph

    @graph.setter
    def graph(self, g):
        if not isinstance(g, Graph):
            raise AssertionError(f"Expected a Graph instance, but got {type(g)}")
        self.__dict__["_graph"] = g
        g.owning_module = self
        self.recompile()

    @property
    def code(self):
        """The text of forward."""
        return self._code

    def recompile(self):
        """Makes forward anew after a change of the graph; returns its text and names."""
        python = self._graph.python_code()
        names = dict(python.globals)
        exec(compile(python.src, f"<graph of {type(self).__name__}>", "exec"), names)  # noqa: S102
        self.__dict__["_code"] = python.src
        type(self).forward = names["forward"]
        return python

    def add_submodule(self, target, m):
        """Puts a module at ``"a.b"``; returns whether that was possible."""
        holder, (*way, name) = self, target.split(".")
        for part in way:
            if not hasattr(holder, part):
                setattr(holder, part, Module())
            holder = getattr(holder, part)
            if not isinstance(holder, Module):
                return False
        holder.add_module(name, m)
        return True

    def delete_submodule(self, target):
        """Takes the module at ``"a.b"`` out; returns whether there was one."""
        way, _, name = target.rpartition(".")
        try:
            holder = self.get_submodule(way)
        except AttributeError:
            return False
        return holder._modules.pop(name, None) is not None

    def delete_all_unused_submodules(self):
        """Takes out modules that the graph does not use."""
        used = {".".join(n.target.split(".")[: i + 1]) for n in self.graph.nodes if n.op in ("call_module", "get_attr")
                for i in range(n.target.count(".") + 1)}
        called = tuple(f"{n.target}." for n in self.graph.nodes if n.op == "call_module")
        for name, _ in list(self.named_modules()):
            if name and name not in used and not name.startswith(called):
                self.delete_submodule(name)

    def print_readable(self, print_output=True, **options):
        """Prints the text of forward as that of a class; returns it."""
        lines = self._code.lstrip("\n").rstrip().splitlines()
        lines.insert(1, "    # No stacktrace found for following nodes")
        text = "\n".join([f"class {self._get_name()}(torch.nn.Module):", *(f"    {line}".rstrip() for line in lines), ""])
        if print_output:
            print(text)
        return text

    def __deepcopy__(self, memo):
        state = {key: copy.deepcopy(value, memo) for key, value in self.__getstate__().items() if key not in ("_graph", "_code")}
        module = GraphModule(_CodeOnlyModule(state), copy.deepcopy(self._graph), type(self).__name__)
        module.meta = state["meta"]
        return module

    def __copy__(self):
        module = GraphModule(self, copy.deepcopy(self._graph), type(self).__name__)
        module.meta = self.meta
        return module

    def __reduce__(self):
        state = {key: value for key, value in self.__getstate__().items() if key not in ("_graph", "_code")}
        functions = {name: f for name, f in self._graph.python_code().globals.items() if name not in GLOBALS}
        return _rebuilt, (state, self._code, functions, type(self).__name__)

    def __reduce_ex__(self, protocol):
        return self.__reduce__()

    def __str__(self):
        return "\n".join([repr(self), self._code, "# To see more debug info, please use `graph_module.print_readable()`"])
