"""torch.distributed._composable.fsdp: an older place of names of torch.distributed.fsdp."""

from ..fsdp import CPUOffloadPolicy, FSDPModule, MixedPrecisionPolicy, OffloadPolicy, fully_shard  # noqa: F401
