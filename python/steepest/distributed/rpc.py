"""torch.distributed.rpc: not here; what asks for it is told so."""

from .._lazy import absent

init_rpc = absent("torch.distributed.rpc.init_rpc", "steepest runs one process")
rpc_async = absent("torch.distributed.rpc.rpc_async", "steepest runs one process")
rpc_sync = absent("torch.distributed.rpc.rpc_sync", "steepest runs one process")
remote = absent("torch.distributed.rpc.remote", "steepest runs one process")
