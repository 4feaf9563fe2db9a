"""The scaler of losses of models cut over processes."""

from ..._lazy import absent_class
from ...amp import GradScaler

ShardedGradScaler = absent_class("torch.distributed.fsdp.sharded_grad_scaler.ShardedGradScaler", "there is one process", GradScaler)
