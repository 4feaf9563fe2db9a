"""torch.jit: nothing is compiled. Decorators give back what they are put on; files of compiled programs can't be made or read."""

from .._lazy import absent

_FILES = "steepest runs Python; keep a model's state_dict instead"


def script(obj, optimize=None, _frames_up=0, _rcb=None, example_inputs=None):
    """`obj`, a function, class or Module, unchanged: it computes the same as Python."""
    return obj


def trace(func, example_inputs=None, *args, **kwargs):
    """`func`, unchanged."""
    return func


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
    """Python's isinstance."""
    import builtins

    return builtins.isinstance(obj, target_type)


def freeze(mod, preserved_attrs=None, optimize_numerics=True):
    """`mod`."""
    return mod


def optimize_for_inference(mod, other_methods=None):
    """`mod`."""
    return mod


class ScriptModule:
    """The class of compiled modules, of which there are none."""


class ScriptFunction:
    """The class of compiled functions, of which there are none."""


save = absent("torch.jit.save", _FILES)
load = absent("torch.jit.load", _FILES)
