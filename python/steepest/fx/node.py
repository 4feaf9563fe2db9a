"""Node: one step of a Graph."""

import builtins
import inspect
import operator
import sys
import typing

from .. import _C, linalg
from ..nn import functional as F

__all__ = ["Node", "has_side_effect", "map_aggregate", "map_arg"]

_OWN = __package__.partition(".")[0]
PACKAGE = sys.modules[_C.__package__ or _OWN]  # torch
wrapped = []  # of torch.fx.wrap: (the globals of a module, the name of a function in it)
BaseArgumentTypes = typing.Any
Argument = typing.Any
Target = typing.Callable[..., typing.Any] | str
# Functions whose calls stay though nothing uses what they return: they refuse, write, or take numbers from the generator.
_side_effectful_functions = {PACKAGE._assert, operator.setitem}
_side_effectful_functions.update(
    getattr(PACKAGE, name)
    for name in (
        "bernoulli", "multinomial", "normal", "poisson", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "randperm",
    )
)  # fmt: skip
KINDS = ("placeholder", "get_attr", "call_function", "call_module", "call_method", "output", "root")


def map_aggregate(a, fn):
    """`a` with fn(x) in place of everything in its tuples, lists, dicts and slices."""
    if isinstance(a, tuple):
        items = [map_aggregate(x, fn) for x in a]
        return type(a)(*items) if hasattr(a, "_fields") else tuple(items)
    if isinstance(a, list):
        return [map_aggregate(x, fn) for x in a]
    if isinstance(a, dict):
        return {key: map_aggregate(x, fn) for key, x in a.items()}
    if isinstance(a, slice):
        return slice(*(map_aggregate(x, fn) for x in (a.start, a.stop, a.step)))
    return fn(a)


def map_arg(a, fn):
    """`a` with fn(node) in place of every Node in it."""
    return map_aggregate(a, lambda x: fn(x) if isinstance(x, Node) else x)


def has_side_effect(fn):
    """Lets calls of a function stay in graphs though nothing uses what it returns; returns it."""
    _side_effectful_functions.add(fn)
    return fn


def qualified_name(function):
    """Where programs find a function: ``torch.relu``, ``torch.nn.functional.softmax``, ``operator.add``."""
    name = getattr(function, "__name__", "")
    if getattr(builtins, name, None) is function:
        return name
    if getattr(operator, name, None) is function:
        return f"operator.{name}"
    places = [("torch", PACKAGE), ("torch._C._nn", _C._nn), ("torch.nn.functional", F), ("torch.linalg", linalg)]
    for place, module in places:
        if vars(module).get(name) is function:
            return f"{place}.{name}"
    package, dot, rest = (getattr(function, "__module__", None) or "torch").partition(".")
    module = f"{'torch' if package == _OWN else package}{dot}{rest}"
    return f"{module}.{getattr(function, '__qualname__', name)}"


def shown_target(target):
    """A target in the text of a graph."""
    if isinstance(target, str):
        return target
    name = qualified_name(target)
    return f"builtins.{name}" if "." not in name else name


def _shown(a):
    """An argument in the text of a graph."""
    if isinstance(a, Node):
        return f"%{a}"
    if isinstance(a, list):
        return f"[{', '.join(map(_shown, a))}]"
    if isinstance(a, tuple):
        return f"({', '.join(map(_shown, a))}{',' if len(a) == 1 else ''})"
    if isinstance(a, dict):
        return f"{{{', '.join(f'{key}: {_shown(x)}' for key, x in a.items())}}}"
    return str(a)


class Node:
    """A step of a Graph: `op` is placeholder, get_attr, call_function, call_module, call_method or output.

    name: what its result is called. target: what is called or found. args, kwargs: what with, in which other nodes stand for their results.
    users: the nodes that use it, as the keys of a dict. meta: a dict for whoever works on graphs.
    """

    def __init__(self, graph, name, op, target, args, kwargs, return_type=None):
        if op not in KINDS:
            raise AssertionError(f"op {op!r} is none of {KINDS}")
        if op == "call_function" and not callable(target):
            raise ValueError(f"Node [graph = {graph}, name = '{name}'] target {target} has type {type(target)} but a Callable is expected")
        self.graph, self.name, self.op, self.target, self.type = graph, name, op, target, return_type
        self._args, self._kwargs = (), {}
        self._input_nodes, self.users, self.meta = {}, {}, {}
        self._prev = self._next = self
        self._erased = False
        self._update(args, kwargs)

    def _update(self, args, kwargs):
        for node in self._input_nodes:
            node.users.pop(self, None)
        self._args, self._kwargs, self._input_nodes = args, kwargs, {}
        map_arg((args, kwargs), lambda node: self._input_nodes.setdefault(node))
        for node in self._input_nodes:
            node.users.setdefault(self)

    args = property(lambda self: self._args, lambda self, args: self._update(tuple(args), self._kwargs))
    kwargs = property(lambda self: self._kwargs, lambda self, kwargs: self._update(self._args, dict(kwargs)))

    @property
    def all_input_nodes(self):
        """The nodes that it uses."""
        return list(self._input_nodes)

    @property
    def next(self):
        """The node behind it."""
        return self._next

    @property
    def prev(self):
        """The node before it."""
        return self._prev

    def _unlink(self):
        self._prev._next, self._next._prev = self._next, self._prev

    def prepend(self, x):
        """Moves the node `x` before this one."""
        if x.graph is not self.graph:
            raise AssertionError("Attempting to move a Node into a different Graph")
        if x is self:
            return
        x._unlink()
        before = self._prev
        before._next, x._prev, x._next, self._prev = x, before, self, x

    def append(self, x):
        """Moves the node `x` behind this one."""
        self._next.prepend(x)

    def update_arg(self, idx, arg):
        """Sets a positional argument."""
        args = list(self.args)
        args[idx] = arg
        self.args = args

    def insert_arg(self, idx, arg):
        """Puts a positional argument before another."""
        self.args = (*self.args[:idx], arg, *self.args[idx:])

    def update_kwarg(self, key, arg):
        """Sets a keyword argument."""
        self.kwargs = {**self.kwargs, key: arg}

    def replace_all_uses_with(self, replace_with, delete_user_cb=lambda user: True, *, propagate_meta=False):
        """Lets the nodes that use this one, and of which the function says so, use another; returns them."""
        changed = [user for user in list(self.users) if delete_user_cb(user)]
        for user in changed:
            args, kwargs = map_arg((user.args, user.kwargs), lambda node: replace_with if node is self else node)
            user._update(args, kwargs)
        if propagate_meta:
            replace_with.meta.update(self.meta)
        return changed

    def replace_input_with(self, old_input, new_input):
        """Lets it use `new_input` wherever it used `old_input`."""
        self._update(*map_arg((self.args, self.kwargs), lambda node: new_input if node is old_input else node))

    def is_impure(self, impure_random=True):
        """Whether it must stay though nothing uses it."""
        if self.op == "call_module":
            return not self.graph.owning_module or getattr(self.graph.owning_module.get_submodule(self.target), "_is_impure", False)
        return self.op in ("placeholder", "output") or (self.op == "call_function" and self.target in _side_effectful_functions)

    def normalized_arguments(self, root, arg_types=None, kwarg_types=None, normalize_to_only_use_kwargs=False):
        """(args, kwargs) by the names of the function's parameters, or None where it does not tell them."""
        try:
            target = root.get_submodule(self.target).forward if self.op == "call_module" else self.target
            bound = inspect.signature(target).bind(*self.args, **self.kwargs)
        except (TypeError, ValueError):
            return None
        return ((), bound.arguments) if normalize_to_only_use_kwargs else (bound.args, bound.kwargs)

    def format_node(self, placeholder_names=None, maybe_return_typename=None):
        """Its line in the text of a graph."""
        if self.op == "output":
            return f"return {self.args[0]}"
        head = f"%{self.name} : [num_users={len(self.users)}] = {self.op}[target={shown_target(self.target)}]"
        if self.op == "placeholder":
            return head + (f"(default={self.args[0]})" if self.args else "")
        return head if self.op == "get_attr" else f"{head}(args = {_shown(self.args)}, kwargs = {_shown(self.kwargs)})"

    def __repr__(self):
        return self.name
