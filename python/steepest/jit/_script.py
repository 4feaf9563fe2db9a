"""What torch.jit makes of modules and functions: the same computation under the classes of compiled ones, with files of their own.

A file holds the module as pickle does, so that whoever reads it needs the module's class; files of PyTorch's compiler cannot be read, nor
does PyTorch read these.
"""

import functools
import inspect
import os

from .. import serialization
from ..nn.modules._members import refresh_all, without_mirrors
from ..nn.modules.module import Module

_WHY = "functions are run as Python, not compiled"


class _Saved:
    """The mixin of what can be written to a file."""

    def save(self, f, _extra_files=None):
        """Writes it to a path or file: see torch.jit.save."""
        save(self, f, _extra_files)

    def _no_text(self):
        """NotImplementedError: there is no compiled program to show."""
        raise NotImplementedError(f"{type(self).__name__} has no compiled program to show in steepest: {_WHY}")

    graph = code = inlined_graph = property(_no_text)


class ScriptModule(_Saved, Module):
    """The base class of modules that are compiled; it adds `save` to Module."""


class RecursiveScriptModule(ScriptModule):
    """A module from torch.jit.script or torch.jit.trace: it has the methods, parameters and buffers of the one that it was made from."""

    @property
    def original_name(self):
        """The name of the class of the module that it was made from."""
        return _plain_class(type(self)).__name__

    def _get_name(self):
        return "RecursiveScriptModule"

    def extra_repr(self):
        """``original_name=...``"""
        return f"original_name={self.original_name}"

    def __reduce_ex__(self, protocol):
        return compiled, (_plain(self),)


class ScriptFunction(_Saved):
    """A function from torch.jit.script or torch.jit.trace: calling it calls the function."""

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.name = self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__qualname__ = getattr(function, "__qualname__", self.name)

    def __call__(self, *args, **kwargs):
        return self.__wrapped__(*args, **kwargs)

    def __reduce__(self):
        return self.__qualname__  # found again by its name, as functions are


@functools.cache
def _compiled_class(cls):
    return type("RecursiveScriptModule", (RecursiveScriptModule, cls), {"__module__": __name__, "_made_from": cls})


def _plain_class(cls):
    return cls.__dict__.get("_made_from", cls)


def _with(module, cls, child):
    """A module of another class with the same tensors, and child(m) in place of each child."""
    new = object.__new__(cls)
    state = {name: value.copy() if isinstance(value, dict) else value for name, value in without_mirrors(module).items()}
    state["_modules"] = {name: m if m is None else child(m) for name, m in module._modules.items()}
    new.__dict__.update(state)
    refresh_all(new)
    return new


def compiled(module, seen=None):
    """The RecursiveScriptModule of a module; one that is compiled already stays itself."""
    if isinstance(module, ScriptModule):
        return module
    seen = {} if seen is None else seen
    if id(module) not in seen:
        seen[id(module)] = _with(module, _compiled_class(type(module)), lambda m: compiled(m, seen))
    return seen[id(module)]


def _plain(module, seen=None):
    """The module that a RecursiveScriptModule was made from, with its present tensors."""
    if not isinstance(module, RecursiveScriptModule):
        return module
    seen = {} if seen is None else seen
    if id(module) not in seen:
        seen[id(module)] = _with(module, _plain_class(type(module)), lambda m: _plain(m, seen))
    return seen[id(module)]


def save(m, f, _extra_files=None):
    """Writes a module or function of torch.jit.script or torch.jit.trace to a path or file, with further texts by name.

    >>> import io, steepest as torch
    >>> file = io.BytesIO()
    >>> torch.jit.save(torch.jit.script(torch.nn.Linear(2, 1)), file)
    >>> torch.jit.load(io.BytesIO(file.getvalue()))
    RecursiveScriptModule(original_name=Linear)
    """
    if not isinstance(m, _Saved):
        raise AttributeError(f"'{type(m).__name__}' object has no attribute 'save'")
    serialization.save({"torch.jit": _plain(m) if isinstance(m, Module) else m, "extra": dict(_extra_files or {})}, f)


def load(f, map_location=None, _extra_files=None, _restore_shapes=False):
    """Reads what torch.jit.save has written; the texts named in the dict `_extra_files` are put into it.

    RuntimeError for other files, ValueError for a path where no file is.
    """
    if isinstance(f, (str, os.PathLike)) and not os.path.isfile(f):
        raise ValueError(f"The provided filename {f} {'is a directory' if os.path.isdir(f) else 'does not exist'}")
    found = serialization.load(f, map_location=map_location, weights_only=False)
    if not isinstance(found, dict) or "torch.jit" not in found:
        raise RuntimeError("the file is none of torch.jit.save's: torch.load reads those of torch.save")
    for name in _extra_files or ():
        if name in found["extra"]:
            text = found["extra"][name]
            _extra_files[name] = text.encode() if isinstance(text, str) else text
    loaded = found["torch.jit"]
    return compiled(loaded) if isinstance(loaded, Module) else loaded


def script(obj, optimize=None, _frames_up=0, _rcb=None, example_inputs=None):
    """A Module as RecursiveScriptModule, a function as ScriptFunction: they compute the same. Classes and anything else stay themselves."""
    if issubclass(type(obj), Module):
        return compiled(obj)
    return ScriptFunction(obj) if inspect.isfunction(obj) else obj
