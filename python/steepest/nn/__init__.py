"""Neural networks: layers, losses, their functions, and starting values."""

from .._lazy import submodules
from . import attention, functional, grad, init, modules, parallel, utils
from .modules import *  # noqa: F403
from .parallel import DataParallel
from .parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter

__all__ = [
    "Buffer",
    "DataParallel",
    "Parameter",
    "UninitializedBuffer",
    "UninitializedParameter",
    "attention",
    "functional",
    "grad",
    "init",
    "parallel",
    "utils",
    *modules.__all__,
]
__getattr__ = submodules(__name__)
