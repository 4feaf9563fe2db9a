"""torch.distributed.rpc: not here; what asks for it is told so."""

from ..._lazy import absent_names, submodules

globals().update(absent_names(__name__, "init_rpc rpc_async rpc_sync remote", "steepest runs one process"))


class RRef:
    """The class of references to values of other processes, of which there are none."""


def is_available():
    """False."""
    return False


__getattr__ = submodules(__name__)
