"""torch.distributed._composable: an older place of torch.distributed.fsdp."""

from ..._lazy import submodules

__getattr__ = submodules(__name__)
