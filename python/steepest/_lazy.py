"""What packages share that load their parts when those are first used, and names of PyTorch that are not here."""

import importlib
import sys
import types

after_load = []  # functions called when a submodule has been loaded; alias.py gives new classes PyTorch's names


def load(name):
    """The module of this name, imported where it is not yet."""
    known = name in sys.modules
    module = importlib.import_module(name)
    if not known:
        for notify in after_load:
            notify()
    return module


def submodules(package):
    """A module's ``__getattr__`` that imports the submodule of the name asked for."""

    def __getattr__(name):
        full = f"{package}.{name}"
        try:
            return load(full)
        except ModuleNotFoundError as error:
            if error.name != full:
                raise
        raise AttributeError(f"module {sys.modules[package].__name__!r} has no attribute {name!r}")

    return __getattr__


def absent(name, instead=""):
    """A callable that stands for a function or class of PyTorch and raises NotImplementedError when it is called."""

    def missing(*args, **kwargs):
        raise NotImplementedError(f"{name} is not part of steepest" + (f"; {instead}" if instead else ""))

    missing.__name__ = missing.__qualname__ = name.rpartition(".")[2]
    missing.__doc__ = f"Not here: NotImplementedError. {instead}".strip()
    missing._absent = True
    return missing


def is_absent(x):
    """Whether it is a function or class of absent() or absent_names()."""
    made = vars(x).get("__init__") if isinstance(x, type) else x
    return isinstance(made, types.FunctionType) and hasattr(made, "_absent")


def absent_names(module, names, instead, base=None):
    """{name: what stands for it} for what PyTorch's module of this name has and this one has not, to be put into its globals.

    names: one text of words. They stand for functions, or with a base for classes, which can be named in annotations and inherited from.
    """
    place = f"torch{module.removeprefix(__package__)}"
    found = {name: absent(f"{place}.{name}", instead) for name in names.split()}
    if base is None:
        return found
    return {name: type(name, (base,), {"__init__": f, "__doc__": f.__doc__, "__module__": place}) for name, f in found.items()}
