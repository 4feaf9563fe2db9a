"""What packages share that load their parts when those are first used, and names of PyTorch that are not here."""

import importlib
import sys

after_load = []  # functions called when a submodule has been loaded; alias.py gives new classes PyTorch's names


def load(name):
    """The module of this name, imported where it is not yet."""
    module = importlib.import_module(name)
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
    return missing


def absent_class(name, instead="", base=object):
    """The same as a class, which can be named in annotations and inherited from."""
    missing = absent(name, instead)
    module, _, own = name.rpartition(".")
    return type(own, (base,), {"__init__": missing, "__doc__": missing.__doc__, "__module__": module})
