"""The name of an object's type, as PyTorch's error messages print it."""

from .. import Tensor


def typename(obj):
    """Return ``"torch.FloatTensor"`` for a float tensor, a dotted type name for anything else."""
    if isinstance(obj, Tensor):
        return obj.type()
    named = obj if hasattr(obj, "__qualname__") or hasattr(obj, "__name__") else type(obj)
    module = getattr(named, "__module__", "") or ""
    name = getattr(named, "__qualname__", None) or named.__name__
    return name if module in ("", "builtins") else f"{module}.{name}"
