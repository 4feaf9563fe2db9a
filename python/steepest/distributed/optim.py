"""torch.distributed.optim: the names of optimizers of many processes."""

from .._lazy import absent_class
from ..optim import Optimizer

_NAME, _WHY = "torch.distributed.optim.", "there is one process"

ZeroRedundancyOptimizer = absent_class(f"{_NAME}ZeroRedundancyOptimizer", _WHY, Optimizer)
DistributedOptimizer = absent_class(f"{_NAME}DistributedOptimizer", _WHY)
