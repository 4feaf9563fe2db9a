"""torch.mps for programs that ask: there is no such device."""

from ._no_device import *  # noqa: F403
from ._no_device import __all__  # noqa: F401
