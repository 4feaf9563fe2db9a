"""torch.distributed.fsdp: the names of models cut over processes, so that libraries that ask for them can be imported.

No model is one here: there is one process.
"""

from ..._lazy import absent_names, submodules
from .api import (  # noqa: F401
    BackwardPrefetch,
    CPUOffload,
    CPUOffloadPolicy,
    FullOptimStateDictConfig,
    FullStateDictConfig,
    LocalOptimStateDictConfig,
    LocalStateDictConfig,
    MixedPrecision,
    MixedPrecisionPolicy,
    OffloadPolicy,
    OptimStateDictConfig,
    ShardedOptimStateDictConfig,
    ShardedStateDictConfig,
    ShardingStrategy,
    StateDictConfig,
    StateDictSettings,
    StateDictType,
)
from .fully_sharded_data_parallel import FSDPModule, FullyShardedDataParallel, OptimStateKeyType  # noqa: F401

globals().update(absent_names(__name__, "fully_shard register_fsdp_forward_method", "there is one process"))

__getattr__ = submodules(__name__)
