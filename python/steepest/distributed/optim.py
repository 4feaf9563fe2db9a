"""torch.distributed.optim: the names of optimizers of many processes."""

from .._lazy import absent_names
from ..optim import Optimizer

_WHY = "there is one process"

globals().update(absent_names(__name__, "ZeroRedundancyOptimizer", _WHY, Optimizer))
globals().update(absent_names(__name__, "DistributedOptimizer", _WHY, object))
