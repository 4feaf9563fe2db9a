"""torch.distributed.rpc: not here; what asks for it is told so."""

from ..._lazy import absent, submodules

init_rpc = absent("torch.distributed.rpc.init_rpc", "steepest runs one process")
rpc_async = absent("torch.distributed.rpc.rpc_async", "steepest runs one process")
rpc_sync = absent("torch.distributed.rpc.rpc_sync", "steepest runs one process")
remote = absent("torch.distributed.rpc.remote", "steepest runs one process")


class RRef:
    """The class of references to values of other processes, of which there are none."""


def is_available():
    """False."""
    return False


__getattr__ = submodules(__name__)
