"""torch.jit: nothing is compiled. Modules and functions compute the same as before, under the classes of compiled ones."""

from typing import Final  # noqa: F401

from .._lazy import absent_names, submodules
from ..futures import Future
from ..nn.modules.module import Module
from ._containers import is_of_type
from ._script import RecursiveScriptModule, ScriptFunction, ScriptModule, load, save, script  # noqa: F401


def trace(func, example_inputs=None, *args, **kwargs):
    """The same as :func:`script`: what depends on the inputs goes on depending on them."""
    return script(func)


def ignore(drop=False, **kwargs):
    """A decorator that changes nothing."""
    return drop if callable(drop) else lambda fn: fn


def unused(fn):
    """`fn`."""
    return fn


def export(fn):
    """`fn`."""
    return fn


def interface(obj):
    """`obj`."""
    return obj


def script_method(fn):
    """`fn`."""
    return fn


def is_scripting():
    """False."""
    return False


def is_tracing():
    """False."""
    return False


def annotate(the_type, the_value):
    """`the_value`."""
    return the_value


def isinstance(obj, target_type):  # noqa: A001
    """Whether an object is of a type, as Python's isinstance says, and its elements of those that ``List[int]`` and its like name.

    RuntimeError for containers that do not say what they contain.

    >>> from typing import Dict, Optional
    >>> import steepest as torch
    >>> torch.jit.isinstance({"a": torch.ones(1)}, Dict[str, torch.Tensor]), torch.jit.isinstance("a", Optional[int])
    (True, False)
    """
    return is_of_type(obj, target_type)


def freeze(mod, preserved_attrs=None, optimize_numerics=True):
    """`mod`."""
    return mod


def optimize_for_inference(mod, other_methods=None):
    """`mod`."""
    return mod


def trace_module(mod, inputs, *args, **kwargs):
    """The same as :func:`script`."""
    return script(mod)


def script_if_tracing(fn):
    """`fn`."""
    return fn


_script_if_tracing = _overload = _overload_method = _copy_to_script_wrapper = script_if_tracing


def fork(func, *args, **kwargs):
    """A Future with func(*args, **kwargs), which is called at once."""
    future = Future()
    future.set_result(func(*args, **kwargs))
    return future


def wait(future):
    """The value of a Future."""
    return future.wait()


def set_fusion_strategy(strategy):
    """Accepted; an empty list is what was set before."""
    return []


def enable_onednn_fusion(enabled):
    """Accepted and not used."""


def onednn_fusion_enabled():
    """False."""
    return False


class strict_fusion:  # noqa: N801
    """A block that changes nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


def Attribute(value, type):  # noqa: A002, N802
    """`value`."""
    return value


class Error(RuntimeError):
    """What a compiled program raises."""


class TracerWarning(Warning):
    """A warning that a trace may not hold for other inputs."""


class TensorType:
    """The type of tensors in compiled programs, of which there are none."""


class CompilationUnit:
    """The class of compiled programs, of which there are none."""


globals().update(absent_names(__name__, "export_opnames", "functions are run as Python, not compiled"))

__getattr__ = submodules(__name__)
