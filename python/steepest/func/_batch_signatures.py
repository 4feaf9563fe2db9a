"""The ops that Python calls, by what is called: names, signatures, and arguments by name, for the rules of batched tensors."""

import ast
import functools
import re
from typing import Any, NamedTuple

from .. import _C
from .._C import Tensor

__all__ = ["Signature", "base_name", "called", "kinds", "ops"]

_TEXT = re.compile(r"(\w+)\((.*)\) -> (.*)")
_PARTS = re.compile(r",\s*(?![^\[]*\])")


class Parameter(NamedTuple):
    """One parameter of a signature."""

    name: str
    type: str
    optional: bool  # takes None
    default: Any


class Signature:
    """A row of the op table, taken apart."""

    def __init__(self, text):
        self.name, inside, _ = _TEXT.fullmatch(text).groups()
        self.positional, self.by_name, self.spread = [], {}, None
        positional = self.positional
        for part in _PARTS.split(inside) if inside else ():
            if part in ("*", "**factory"):
                positional = []
                continue
            kind, name = part.split(" ", 1)
            name, has_default, default = name.partition("=")
            if kind.endswith("..."):
                kind, self.spread = kind[:-3], len(positional)
            optional = kind.endswith("?")
            p = Parameter(name, kind.rstrip("?"), optional, ast.literal_eval(default) if has_default else _REQUIRED)
            positional.append(p)
            self.by_name[name] = p
        self.names = [p.name for p in self.positional]
        self.defaults = {name: None if p.default is _REQUIRED else p.default for name, p in self.by_name.items()}

    def _gathered(self, args):
        if self.spread is not None and len(args) > self.spread and not isinstance(args[self.spread], (tuple, list)):
            return (*args[: self.spread], tuple(args[self.spread :]))
        return args

    def fits(self, args, kwargs):
        """Whether arguments have the types of this signature, and no required one is missing."""
        args = self._gathered(args)
        if len(args) > len(self.names):
            return False
        bound = dict(zip(self.names, args))
        bound.update(kwargs)
        if len(bound) != len(args) + len(kwargs):
            return False
        for name, value in bound.items():
            p = self.by_name.get(name)
            if p is None:
                if name not in _FACTORY:
                    return False
            elif not (value is None and p.optional) and not _fits(p.type, value):
                return False
        return all(name in bound or p.optional or p.default is not _REQUIRED for name, p in self.by_name.items())

    def bind(self, args, kwargs):
        """Arguments that fit by name, defaults among them."""
        return self.defaults | dict(zip(self.names, self._gathered(args))) | kwargs

    def given(self, bound):
        """The arguments that differ from defaults: what a call has to give."""
        return {name: value for name, value in bound.items() if name in _FACTORY or not _same(value, self.by_name[name].default)}


_REQUIRED = object()
_FACTORY = frozenset(("dtype", "layout", "device", "pin_memory", "requires_grad", "memory_format"))


def _same(value, default):
    return default is not _REQUIRED and (value is default or (not isinstance(value, Tensor) and value == default))


def _number(value):
    return isinstance(value, (int, float, complex)) or not isinstance(value, (Tensor, str, tuple, list)) and hasattr(value, "__float__")


def _integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


_CHECKS = {
    "Tensor": lambda v: isinstance(v, Tensor),
    "Tensor|Scalar": lambda v: isinstance(v, Tensor) or _number(v),
    "Scalar": _number,
    "float": _number,
    "int": _integer,
    "bool": lambda v: isinstance(v, bool),
    "dtype": lambda v: isinstance(v, _C.dtype),
    "str": lambda v: isinstance(v, str),
    "Tensor[]": lambda v: isinstance(v, (tuple, list)) and all(isinstance(x, Tensor) or x is None for x in v),
    "int[]": lambda v: isinstance(v, (tuple, list)) and all(map(_integer, v)),
}


def _fits(kind, value):
    check = _CHECKS.get(kind)
    if check is not None:
        return check(value)
    if kind.startswith("int["):  # one number stands for all
        return _integer(value) or _CHECKS["int[]"](value)
    return True


@functools.cache
def ops():
    """The signatures of each op, by its name."""
    found = {}
    for text, *_ in _C._ops():
        found.setdefault(text[: text.index("(")], []).append(Signature(text))
    return found


@functools.cache
def kinds():
    """(the names of the elementwise ops, of those that draw random numbers)"""
    return _C._op_kinds()


@functools.cache
def called():
    """The name of the op behind each function and method of the table."""
    found = {}
    for name in ops():
        for form in (name, name + "_"):
            places = ((_C, form), (Tensor, form), (_C._nn, form))
            places += tuple((part, form.removeprefix(prefix)) for part, prefix in _PARTS_OF_TORCH if form.startswith(prefix))
            for place, attribute in places:
                function = vars(place).get(attribute)
                if function is not None:
                    found.setdefault(function, form)
    return found


_PARTS_OF_TORCH = ((_C._linalg, "linalg_"), (_C._special, "special_"))


def base_name(name):
    """(the op's name, whether it is called in place)."""
    return (name[:-1], True) if name.endswith("_") and not name.startswith("__") else (name, False)
