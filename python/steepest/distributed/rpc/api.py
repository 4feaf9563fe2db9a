"""torch.distributed.rpc.api, where PyTorch's own names for calls of other processes stand."""

from . import RRef, remote, rpc_async, rpc_sync

__all__ = ["RRef", "remote", "rpc_async", "rpc_sync"]
