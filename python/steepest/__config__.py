"""torch.__config__: how the library was built, as text."""

import platform

from . import _C
from .version import __version__


def show():
    """What the library was built with."""
    return f"steepest {__version__} built with:\n  - CPU capability usage: {_C._isa}\n  - {platform.machine()}\n"


def parallel_info():
    """How many threads are used."""
    return f"ATen/Parallel:\n\tat::get_num_threads() : {_C.get_num_threads()}\n"
