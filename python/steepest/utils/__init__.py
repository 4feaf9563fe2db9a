"""torch.utils: what stands around tensors and models. Parts load when they are first used."""

from .._lazy import submodules


def set_module(obj, mod):
    """Sets ``__module__`` of `obj` to the text `mod`; TypeError for what is no text."""
    if not isinstance(mod, str):
        raise TypeError("The mod argument should be a string")
    obj.__module__ = mod


__getattr__ = submodules(__name__)
