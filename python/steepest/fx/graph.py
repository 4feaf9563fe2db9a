"""Graph: the steps of a program as a list of nodes, and the Python that they stand for."""

import builtins
import copy
import keyword
import math
import re
from typing import Any, NamedTuple

from .. import _C
from .node import PACKAGE, Node, map_aggregate, map_arg, qualified_name, wrapped

__all__ = ["Graph", "PythonCode"]

_OPERATORS = {
    "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "add": "+", "sub": "-", "mul": "*", "floordiv": "//",
    "truediv": "/", "mod": "%", "lshift": "<<", "rshift": ">>", "and_": "&", "or_": "|", "xor": "^", "matmul": "@",
}
_FORMS = {
    **{name: f"{{}} {sign} {{}}" for name, sign in _OPERATORS.items()},
    "pow": "{} ** {}", "pos": "+{}", "neg": "-{}", "invert": "~{}", "getitem": "{}[{}]",
}
_COMPARISONS = ("eq", "ne", "lt", "gt", "le", "ge")
_IN_PLACE = {f"i{name.rstrip('_')}": f"{{}} {sign}= {{}}" for name, sign in _OPERATORS.items() if name not in _COMPARISONS}
GLOBALS = {"torch": PACKAGE, "inf": math.inf, "nan": math.nan, "device": _C.device}  # what the text of every graph may use
_TAKEN = {"inf", "nan", "NoneType", "torch", "device", "fx_pytree", "pytree"}


class _Insertion:
    """The place where a graph adds nodes is another one, until the block ends that this may be used for."""

    def __init__(self, graph, insert):
        self.graph, self.before = graph, graph._insert
        graph._insert = insert

    def __enter__(self):
        pass

    def __exit__(self, *error):
        self.graph._insert = self.before


class PythonCode(NamedTuple):
    """The text of a function, and the names that it uses."""

    src: str
    globals: dict


class _Names:
    """Names that are not given twice."""

    def __init__(self):
        self.used, self.numbers = set(), {}

    def create(self, candidate):
        candidate = re.sub("[^0-9a-zA-Z_]+", "_", candidate) or "_unnamed"
        if candidate[0].isdigit():
            candidate = f"_{candidate}"
        numbered = re.fullmatch(r"(.*)_(\d+)", candidate)
        base, number = (numbered[1], int(numbered[2])) if numbered else (candidate, None)
        number = number or self.numbers.get(candidate, 0)
        while candidate in self.used or candidate in _TAKEN or keyword.iskeyword(candidate) or hasattr(builtins, candidate):
            number += 1
            candidate = f"{base}_{number}"
        self.used.add(candidate)
        self.numbers[base] = max(number, self.numbers.get(base, 0))
        return candidate


def _snake_case(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() if name != name.lower() else name


def path(base, target):
    """``base.a.b``, with getattr for parts that are no identifiers."""
    for part in target.split("."):
        base = f"{base}.{part}" if part.isidentifier() else f'getattr({base}, "{part}")'
    return base


class _NodeList:
    """The nodes in order; those inserted or erased on the way are taken account of."""

    def __init__(self, graph, forward=True):
        self.graph, self.forward = graph, forward

    def __len__(self):
        return sum(1 for _ in self)

    def __iter__(self):
        root = self.graph._root
        node = root._next if self.forward else root._prev
        while node is not root:
            if not node._erased:
                yield node
            node = node._next if self.forward else node._prev

    def __reversed__(self):
        return _NodeList(self.graph, not self.forward)


class Graph:
    """A program as a list of nodes.

    >>> import steepest as torch
    >>> graph = torch.fx.Graph()
    >>> x = graph.placeholder("x")
    >>> result = graph.output(graph.call_function(torch.sin, (x,)))
    >>> print(graph)
    graph():
        %x : [num_users=1] = placeholder[target=x]
        %sin : [num_users=1] = call_function[target=torch.sin](args = (%x,), kwargs = {})
        return sin
    """

    def __init__(self, owning_module=None, tracer_cls=None, tracer_extras=None):
        self._root = Node(self, "", "root", "", (), {})
        self._insert = self._root.prepend
        self._names = _Names()
        self.owning_module, self._tracer_cls = owning_module, tracer_cls

    @property
    def nodes(self):
        """The nodes, in order."""
        return _NodeList(self)

    def find_nodes(self, *, op, target=None, sort=True):
        """The nodes of a kind, and with a target where one is given."""
        return [node for node in self.nodes if node.op == op and (target is None or node.target == target)]

    def create_node(self, op, target, args=None, kwargs=None, name=None, type_expr=None):
        """Adds a node at the place where nodes are added."""
        wanted = target if isinstance(target, str) else _snake_case(re.sub("^__(.*)__$", r"\1", target.__name__))
        if name is not None:
            wanted = name
        node = Node(self, self._names.create(wanted), op, target, tuple(args or ()), dict(kwargs or {}), type_expr)
        self._insert(node)
        return node

    def placeholder(self, name, type_expr=None, default_value=...):
        """Adds an argument of the program."""
        args = () if default_value is ... else (default_value,)
        return self.create_node("placeholder", name, args, type_expr=type_expr)

    def get_attr(self, qualified_name, type_expr=None):
        """Adds the value of an attribute of the module: ``"a.b"``."""
        return self.create_node("get_attr", qualified_name, type_expr=type_expr)

    def call_function(self, the_function, args=None, kwargs=None, type_expr=None, name=None):
        """Adds a call of a function."""
        return self.create_node("call_function", the_function, args, kwargs, name, type_expr)

    def call_method(self, method_name, args=None, kwargs=None, type_expr=None):
        """Adds a call of a method of the first argument."""
        return self.create_node("call_method", method_name, args, kwargs, type_expr=type_expr)

    def call_module(self, module_name, args=None, kwargs=None, type_expr=None):
        """Adds a call of a module of the module: ``"a.b"``."""
        return self.create_node("call_module", module_name, args, kwargs, type_expr=type_expr)

    def output(self, result, type_expr=None):
        """Adds the end: what the program returns."""
        return self.create_node("output", "output", (result,), type_expr=type_expr)

    def output_node(self):
        """The end."""
        return next(node for node in reversed(self.nodes) if node.op == "output")

    def inserting_before(self, n=None):
        """Nodes are added before `n`, or at the beginning, from now on; as a block, until its end."""
        return _Insertion(self, (n or self._root._next).prepend)

    def inserting_after(self, n=None):
        """Nodes are added behind `n`, or at the beginning, from now on; as a block, until its end."""
        place = [n or self._root]

        def insert(node):
            place[0].append(node)
            place[0] = node

        return _Insertion(self, insert)

    def erase_node(self, to_erase):
        """Takes a node out; RuntimeError where another uses it."""
        if to_erase.users:
            count = len(to_erase.users)
            raise RuntimeError(f"Tried to erase Node {to_erase} but it still had {count} users in the graph: {to_erase.users}!")
        to_erase._unlink()
        to_erase._erased = True
        to_erase._update((), {})

    def node_copy(self, node, arg_transform=lambda x: x):
        """Adds a copy of a node of another graph, whose inputs arg_transform(node) gives."""
        args, kwargs = map_arg((node.args, node.kwargs), arg_transform)
        copied = self.create_node(node.op, node.target, args, kwargs, node.name, node.type)
        copied.meta = copy.copy(node.meta)
        return copied

    def graph_copy(self, g, val_map, return_output_node=False):
        """Adds copies of all nodes of another graph, noted in `val_map`; returns what it returns."""
        for node in g.nodes:
            if node in val_map:
                continue
            if node.op == "output":
                result = map_arg(node.args[0], lambda n: val_map[n])
                return (result, node) if return_output_node else result
            val_map[node] = self.node_copy(node, lambda n: val_map[n])
        return None

    def __deepcopy__(self, memo=None):
        graph = Graph(tracer_cls=self._tracer_cls)
        values = {}
        result = graph.graph_copy(self, values, return_output_node=True)
        if result is not None:
            returned, old = result
            graph.output(returned, old.type).meta = copy.copy(old.meta)
        return graph

    def eliminate_dead_code(self, is_impure_node=None):
        """Takes out nodes that nothing uses; returns whether there were any."""
        impure, found = is_impure_node or Node.is_impure, False
        for node in reversed(self.nodes):
            if not node.users and not impure(node):
                self.erase_node(node)
                found = True
        return found

    def lint(self):
        """RuntimeError where a node uses one that does not stand before it, or finds no module or attribute of its target."""
        seen, names = set(), set()
        for node in self.nodes:
            for used in node.all_input_nodes:
                if used.graph is not self:
                    raise RuntimeError(f"Argument '{used}' of Node '{node}' does not belong to this Graph, but was used as an argument! "
                                       "If you are copying nodes from another graph, make sure to use ``arg_transform`` on node_copy() "
                                       f"to remap values\n{self}")
                if used not in seen:
                    raise RuntimeError(f"Argument '{used}' of Node '{node}' was used before it has been defined! Please check that Nodes "
                                       f"in the graph are topologically ordered\n{self}")
            if node.name in names:
                raise RuntimeError(f"Node redefined name {node.name}!")
            seen.add(node)
            names.add(node.name)
            if self.owning_module is not None and node.op in ("get_attr", "call_module"):
                found = self.owning_module
                for part in node.target.split("."):
                    if not hasattr(found, part):
                        raise RuntimeError(f"Node {node} target {node.target} references nonexistent attribute {part} of {node.target}")
                    found = getattr(found, part)

    def python_code(self, root_module="self", *, verbose=False):
        """The text of ``forward`` and the names that it uses."""
        names, used_later, ends = dict(GLOBALS), set(), {}
        nodes = list(self.nodes)
        for node in reversed(nodes):
            ends[node] = [used.name for used in node.all_input_nodes if used not in used_later]
            used_later.update(node.all_input_nodes)
        arguments, lines = [], []
        for node in nodes:
            if node.op == "placeholder":
                arguments.append(f"{node.target} = {node.args[0]!r}" if node.args else node.target)
                raw = node.target.lstrip("*")
                if raw != node.name:
                    lines.append(f"{node.name} = {raw}")
                continue
            if node.op == "output":
                lines.append(f"return {_text(node.args[0])}")
                continue
            done = [*ends[node], *([] if node.users else [node.name])]
            end = f";  {' = '.join(done)} = None" if done else ""
            lines.append(f"{self._statement(node, root_module, names)}{end}")
        body = "\n".join(f"    {line}" for line in lines or ["pass"])
        marks = [f'torch.fx._symbolic_trace.wrap("{name}")' for name, f in names.items() if any(f is h.get(n) for h, n in wrapped)]
        head = "\n".join(marks)
        return PythonCode(f"\n{head}\n\ndef forward({', '.join([root_module, *arguments])}):\n{body}\n    ", names)

    def _statement(self, node, root, names):
        """A node as an assignment to its name."""
        if node.op == "call_function" and node.target.__name__ in _IN_PLACE and qualified_name(node.target).startswith("operator."):
            return f"{_IN_PLACE[node.target.__name__].format(*map(_text, node.args))};  {node.name} = {_text(node.args[0])}"
        return f"{node.name} = {self._expression(node, root, names)}"

    def _expression(self, node, root, names):
        if node.op == "get_attr":
            return path(root, node.target)
        given = ", ".join([*map(_text, node.args), *(f"{key} = {_text(x)}" for key, x in node.kwargs.items())])
        if node.op == "call_module":
            return f"{path(root, node.target)}({given})"
        if node.op == "call_method":
            rest = ", ".join([*map(_text, node.args[1:]), *(f"{key} = {_text(x)}" for key, x in node.kwargs.items())])
            return f"{path(_text(node.args[0]), node.target)}({rest})"
        name, called = node.target.__name__, qualified_name(node.target)
        if called.startswith("operator.") and name in _FORMS:
            return _FORMS[name].format(*map(_text, node.args))
        if node.target is getattr and len(node.args) == 2 and node.args[1].isidentifier():
            return path(_text(node.args[0]), node.args[1])
        if called.startswith("torch.") and "<" not in called:
            return f"{called}({given})"
        known = re.sub("[^0-9a-zA-Z_]", "_", f"_{called}" if called.startswith("operator.") else called)  # of the module _operator
        names[known] = node.target
        return f"{known}({given})"

    def print_tabular(self):
        """Prints the nodes as a table."""
        rows = [("opcode", "name", "target", "args", "kwargs")]
        rows += [(n.op, n.name, n.target if isinstance(n.target, str) else str(n.target), str(n.args), str(n.kwargs)) for n in self.nodes]
        widths = [max(len(rows[0][i]) + 2, *(len(row[i]) for row in rows)) for i in range(5)]
        rows.insert(1, tuple("-" * width for width in widths))
        print("\n".join("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows))

    def __str__(self):
        return "\n    ".join(["graph():", *(node.format_node() for node in self.nodes)])


class _Literal:
    """A text that repr gives as it is."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


def _text(a):
    """An argument as Python."""

    def literal(x: Any):
        if callable(x) and hasattr(x, "__name__"):
            return _Literal(qualified_name(x))
        return x

    return repr(map_aggregate(a, literal))
