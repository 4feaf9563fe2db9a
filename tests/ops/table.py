"""The op table as the tests see it: rows, what arguments fit them, and the callables that Python has for them."""

import re
from dataclasses import dataclass

import steepest as st
from steepest import _C

from .draw import Drawn, Place

SIGNATURE = re.compile(r"(\w+)\((.*)\) -> (.*)")


@dataclass
class Param:
    type: str
    name: str
    required: bool
    keyword_only: bool


class Row:
    """A row of the table: its signature taken apart, where Python finds it, its gradient's name, its signatures in deprecated orders."""

    def __init__(self, signature, doc, places, gradient, older):
        self.signature, self.doc, self.places, self.gradient, self.older = signature, doc, places, gradient, older
        self.name, inside, self.result = SIGNATURE.fullmatch(signature).groups()
        self.params, keyword_only = [], False
        for text in _split(inside):
            if text == "*":
                keyword_only = True
            elif text == "**factory":
                self.params += [Param(t, n, False, True) for t, n in (("dtype?", "dtype"), ("bool", "requires_grad"))]
            else:
                kind, name = text.split(" ", 1)
                name, has_default, _ = name.partition("=")
                self.params.append(Param(kind, name, not has_default, keyword_only))

    def __repr__(self):
        return self.signature

    def bind(self, args, kwargs):
        """The arguments by name, or None where they do not fit."""
        params = [p for p in self.params if not p.keyword_only]
        spread = next((k for k, p in enumerate(params) if p.type.endswith("...")), None)
        if spread is not None and len(args) > spread and not isinstance(args[spread], (list, tuple)):
            args = (*args[:spread], args[spread:])
        if len(args) > len(params):
            return None
        bound = {p.name: a for p, a in zip(params, args)}
        if bound.keys() & kwargs.keys():
            return None
        bound.update(kwargs)
        known = {p.name: p for p in self.params}
        if not bound.keys() <= known.keys() or any(p.required and p.name not in bound for p in self.params):
            return None
        return bound if all(_fits(known[name].type, value) for name, value in bound.items()) else None


def _split(text):
    parts, depth, start = [], 0, 0
    for k, c in enumerate(text + ","):
        depth += (c in "([") - (c in ")]")
        if c == "," and depth == 0:
            parts.append(text[start:k].strip())
            start = k + 1
    return [p for p in parts if p]


def _is_number(value):
    return isinstance(value, (int, float, bool))


def _is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _drawn(value):
    return value.drawn if isinstance(value, Place) else value


def _is_tensor(value):
    return isinstance(value, (Drawn, Place))


def _fits(kind, value):
    if kind.endswith("?"):
        return value is None or _fits(kind[:-1], value)
    if kind.startswith("int["):
        several = isinstance(value, (list, tuple)) and all(_is_int(v) for v in value)
        return several or (_is_int(value) and kind != "int[]")
    if kind.startswith("Tensor[]"):
        return isinstance(value, (list, tuple)) and all(_is_tensor(v) or v is None for v in value)
    return {
        "Tensor": _is_tensor,
        "Tensor|Scalar": lambda v: _is_tensor(v) or _is_number(v),
        "Scalar": lambda v: _is_number(v) or (_is_tensor(v) and _drawn(v).shape == ()),
        "int": _is_int,
        "float": _is_number,
        "bool": lambda v: isinstance(v, bool),
        "dtype": lambda v: isinstance(v, st.dtype),
        "str": lambda v: isinstance(v, str),
        "Generator": lambda v: isinstance(v, st.Generator),
        "ignored": lambda v: True,
    }[kind](value)


ROWS = [row for row in (Row(*row) for row in _C._ops()) if not row.name.startswith("_")]
NAMES = list(dict.fromkeys(row.name for row in ROWS))
PARTS = {"nn": (_C._nn, ""), "linalg": (_C._linalg, "linalg_"), "special": (_C._special, "special_")}


def rows_of(name):
    return [row for row in ROWS if row.name == name]


def forms(name):
    """{form: (callable, rows that it tries)} of an op; in-place forms are apart."""
    found, rows = {}, [row for row in rows_of(name) if row.places != ["inplace"]]
    for form, holder in (("function", st), ("method", st.Tensor)):
        tried = [row for row in rows if form in row.places]
        if tried:
            found[form] = getattr(holder, name), tried
    for form, (holder, prefix) in PARTS.items():
        tried = [row for row in rows if form in row.places]
        if tried:
            found[form] = getattr(holder, name.removeprefix(prefix)), tried
    return found


def inplace_forms(name):
    rows = [row for row in rows_of(name) if "inplace" in row.places]
    holders = (st.Tensor, st, _C._nn) if rows else ()
    return {holder.__name__: (getattr(holder, name + "_"), rows) for holder in holders if hasattr(holder, name + "_")}


def first_fit(rows, call):
    """(row, arguments by name) that a call reaches, or (None, None)."""
    for row in rows:
        bound = row.bind(*call)
        if bound is not None:
            return row, bound
    return None, None
