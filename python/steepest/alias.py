"""steepest under the name ``torch``, and scripts that are run so.

Note [The folder on the path]
    A finder on ``sys.meta_path`` serves ``import torch.a.b`` in this process, but is not there in processes that the
    script starts. The folder ``_alias`` is: it holds a package ``torch`` whose import installs the alias. On
    ``sys.path`` it reaches workers that multiprocessing spawns, in ``PYTHONPATH`` any other Python.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import runpy
import sys
import types
from pathlib import Path

from . import _lazy
from .torch_version import TorchVersion

PACKAGE = __name__.rpartition(".")[0]
VERSION = "2.13.0+steepest"  # the PyTorch that programs may expect
FOLDER = str(Path(__file__).with_name("_alias"))


class _Loader(importlib.abc.Loader):
    """Hands out a module that is loaded already."""

    def __init__(self, module):
        self.module, self.spec = module, getattr(module, "__spec__", None)

    def create_module(self, spec):
        return self.module

    def exec_module(self, module):
        module.__spec__ = self.spec  # importing has overwritten it


class _Finder(importlib.abc.MetaPathFinder):
    """Finds torch.a.b as steepest.a.b, and functorch as what stands for it here."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname == "functorch":
            module = own_module("torch._functorch")  # a package of its own that comes with PyTorch
        else:
            module = own_module(fullname) if fullname.partition(".")[0] == "torch" else None
        if module is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, _Loader(module), is_package=hasattr(module, "__path__"))


def own_module(name):
    """The module that stands for torch's module of this name, or None."""
    own = PACKAGE + name.removeprefix("torch")
    try:
        return _lazy.load(own)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{own}.".startswith(f"{error.name}."):
            raise
    parent = sys.modules.get(own.rpartition(".")[0])
    found = getattr(parent, own.rpartition(".")[2], None)
    return found if isinstance(found, types.ModuleType) else None


def install():
    """Make ``import torch`` mean steepest, in this process and those that it starts; returns the module.

    RuntimeError when PyTorch itself is imported already. ``python -m steepest run`` calls it before the script.
    """
    package = importlib.import_module(PACKAGE)
    present = sys.modules.get("torch")
    if present is not None and present is not package and not getattr(present, "__steepest__", False):
        raise RuntimeError("torch is imported already, and is not steepest")
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    if FOLDER not in sys.path:
        sys.path.insert(1, FOLDER)  # behind the script's folder, before a PyTorch that is installed
    inherited = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
    if FOLDER not in inherited:
        os.environ["PYTHONPATH"] = os.pathsep.join([FOLDER, *inherited])
    package.__version__ = package.version.__version__ = TorchVersion(VERSION)
    sys.modules["torch"] = package
    _rename()
    if _rename not in _lazy.after_load:
        _lazy.after_load.append(_rename)
    return package


_renamed = set()  # the names of modules that have been seen to


def _rename():
    """Lets modules and classes say that they are torch's, as programs print them; they are found by that name, so pickle works."""
    from ._pickles import find, torch_name

    new = [name for name in list(sys.modules) if name.partition(".")[0] == PACKAGE and name not in _renamed]
    own = [sys.modules[name] for name in new]
    _renamed.update(new)
    for name, module in zip(new, own, strict=True):
        module.__name__ = f"torch{name.removeprefix(PACKAGE)}"
    for cls in {value for module in own for value in vars(module).values() if isinstance(value, type)}:
        if cls.__module__.partition(".")[0] != PACKAGE:
            continue
        module, name = torch_name(cls)
        try:
            if find(module, name) is cls:
                cls.__module__ = module
        except (AttributeError, TypeError):
            continue  # of the extension, or PyTorch has no place for it


def run_script(path, arguments):
    """Run a script as ``python path arguments...`` would, with ``torch`` standing for steepest."""
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        print(f"{sys.executable}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
        raise SystemExit(2)
    install()
    sys.argv = [path, *arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__)
    sys.modules["__main__"] = main
    try:
        exec(compile(text, path, "exec", dont_inherit=True), main.__dict__)
    except Exception as error:
        _report(error)


def run_module(name, arguments):
    """Run a module as ``python -m name arguments...`` would, with ``torch`` standing for steepest."""
    install()
    sys.argv = [name, *arguments]
    sys.path[0] = os.getcwd()
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def _report(error):
    """Ends the process as an uncaught exception of the script does: its traceback starts in the script."""
    trace = error.__traceback__
    sys.excepthook(type(error), error.with_traceback(trace.tb_next), trace.tb_next)
    raise SystemExit(1)
