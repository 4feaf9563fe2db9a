"""torch.distributed.tensor.parallel: the names of ways to spread a module over processes."""

from ..._lazy import absent, absent_class

_NAME, _WHY = "torch.distributed.tensor.parallel.", "there is one process"

ParallelStyle = absent_class(f"{_NAME}ParallelStyle", _WHY)
ColwiseParallel = absent_class(f"{_NAME}ColwiseParallel", _WHY, ParallelStyle)
RowwiseParallel = absent_class(f"{_NAME}RowwiseParallel", _WHY, ParallelStyle)
SequenceParallel = absent_class(f"{_NAME}SequenceParallel", _WHY, ParallelStyle)
PrepareModuleInput = absent_class(f"{_NAME}PrepareModuleInput", _WHY, ParallelStyle)
PrepareModuleOutput = absent_class(f"{_NAME}PrepareModuleOutput", _WHY, ParallelStyle)
PrepareModuleInputOutput = absent_class(f"{_NAME}PrepareModuleInputOutput", _WHY, ParallelStyle)
parallelize_module = absent(f"{_NAME}parallelize_module", _WHY)
loss_parallel = absent(f"{_NAME}loss_parallel", _WHY)
