"""torch.distributed.rpc.api, where PyTorch's own names for calls of other processes stand."""

import functools

from ..._lazy import absent_names
from . import RRef, remote, rpc_async, rpc_sync

__all__ = ["RRef", "remote", "rpc_async", "rpc_sync"]


def _require_initialized(func):
    """`func`, which raises RuntimeError when it is called: calls of other processes cannot be initialized."""

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        raise RuntimeError("RPC has not been initialized. Call torch.distributed.rpc.init_rpc first.")

    return wrapper


globals().update(absent_names(__name__, "_all_gather", "there is one process"))
