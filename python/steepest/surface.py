"""Which names of PyTorch a script uses, read from its text, and which of them steepest lacks."""

import ast
import importlib
import inspect
import json
import re
import types
from dataclasses import dataclass, field

from . import _lazy, alias


@dataclass
class Use:
    """A dotted name of PyTorch, and the lines that use it."""

    name: str
    lines: list = field(default_factory=list)


class Names(ast.NodeVisitor):
    """Collects the dotted names that start at an import of torch.

    A scope is a dict from a name to the dotted name that it stands for, or None for a name that is bound to
    something else there, such as a parameter called ``F``.
    """

    def __init__(self):
        self.uses, self.scopes = {}, [{}]

    def use(self, name, line):
        lines = self.uses.setdefault(name, Use(name)).lines
        if line not in lines:
            lines.append(line)

    def meaning(self, name):
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), None)

    def dotted(self, node):
        """What an expression like ``nn.init`` stands for, or None."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        root = self.meaning(node.id) if isinstance(node, ast.Name) else None
        return root and ".".join([root, *reversed(parts)])

    def visit_Import(self, node):
        for item in node.names:
            if item.name.partition(".")[0] == "torch":
                self.use(item.name, node.lineno)
                self.scopes[-1][item.asname or "torch"] = item.name if item.asname else "torch"

    def visit_ImportFrom(self, node):
        if node.level or (node.module or "").partition(".")[0] != "torch":
            return
        for item in node.names:
            name = node.module if item.name == "*" else f"{node.module}.{item.name}"
            self.use(name, node.lineno)
            if item.name != "*":
                self.scopes[-1][item.asname or item.name] = name
                continue
            public = exported(node.module)
            self.scopes[-1].update({star: f"{node.module}.{star}" for star in public})

    def visit_Attribute(self, node):
        # What is assigned to need not be there before: only its owner is used.
        name = self.dotted(node if isinstance(node.ctx, ast.Load) else node.value)
        if name:
            self.use(name, node.lineno)
        else:
            self.generic_visit(node)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and self.meaning(node.id):
            self.use(self.meaning(node.id), node.lineno)

    def visit_Assign(self, node):
        self.visit(node.value)
        value = self.dotted(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                known = self.meaning(target.id) is not None
                if (value and is_container(value)) or known:
                    self.scopes[-1][target.id] = value
            else:
                self.visit(target)

    def function(self, node):
        for outside in (*node.args.defaults, *filter(None, node.args.kw_defaults), *getattr(node, "decorator_list", ())):
            self.visit(outside)
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        arguments = [a for a in arguments if a is not None]
        for annotation in [*(a.annotation for a in arguments), getattr(node, "returns", None)]:
            if annotation is not None:
                self.visit(annotation)
        self.scopes.append({a.arg: None for a in arguments})
        for statement in node.body if isinstance(node.body, list) else [node.body]:
            self.visit(statement)
        self.scopes.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = function


def exported(name):
    """What ``from name import *`` takes."""
    found, module = lookup(name)
    if not found:
        return []
    return getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]


def lookup(name):
    """(whether steepest has it, the object): a property or a member of an instance counts as there."""
    parts = name.split(".")
    found = importlib.import_module(alias.PACKAGE)
    for depth, part in enumerate(parts[1:], 2):
        if not isinstance(found, types.ModuleType | type):
            return True, None
        try:
            found = inspect.getattr_static(found, part) if isinstance(found, type) else getattr(found, part)
        except AttributeError:
            module = alias.own_module(".".join(parts[:depth])) if isinstance(found, types.ModuleType) else None
            if module is None:
                return False, None
            found = module
    return True, found


def is_container(name):
    """Whether it is a module or a class, whose members are names of PyTorch too."""
    found, value = lookup(name)
    return found and isinstance(value, types.ModuleType | type)


def source(path):
    """The Python text of a script or of the code cells of a notebook, magics left out."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return re.sub(r"^(\s*)[%!].*$", r"\1pass", "\n".join(cells), flags=re.MULTILINE)


def names_in(text, path="<script>"):
    """The names of PyTorch in a Python text, longest form only, in alphabetical order.

    SyntaxError for a text that is no Python 3.

    Example::

        >>> from steepest.surface import names_in
        >>> names_in("import torch.nn as nn\\nnn.Linear(2, 3)")
        [Use(name='torch.nn', lines=[1]), Use(name='torch.nn.Linear', lines=[2])]
    """
    names = Names()
    names.visit(ast.parse(text, path))
    return sorted(names.uses.values(), key=lambda use: use.name)


def files(paths):
    """The scripts among paths, folders searched."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix in (".py", ".ipynb"))
        else:
            yield path


def main(paths, quiet=False):
    """Prints the names used in files, and which are missing, or there only to say that they are not here when they are called.

    0 when none is, 1 when some are, 2 when a file cannot be read.
    """
    status, used, missing, refusing = 0, set(), set(), set()
    for path in files(paths):
        try:
            uses = names_in(source(path), str(path))
        except (OSError, SyntaxError, ValueError, KeyError) as error:
            print(f"{path}: cannot be read: {error}")
            status = 2
            continue
        for use in uses:
            there, value = lookup(use.name)
            used.add(use.name)
            mark = ""
            if not there:
                mark = "MISSING"
                missing.add(use.name)
            elif _lazy.is_absent(value):
                mark = "REFUSES"
                refusing.add(use.name)
            if mark or not quiet:
                lines = ", ".join(map(str, use.lines[:8])) + (", ..." if len(use.lines) > 8 else "")
                print(f"{path}: {mark:7} {use.name} (line {lines})")
    print(f"{len(used)} names of PyTorch, {len(missing)} missing" + (f", {len(refusing)} that refuse calls" if refusing else ""))
    return status or int(bool(missing or refusing))
