"""torch.distributed.tensor.parallel: the names of ways to spread a module over processes."""

from ..._lazy import absent_names

_WHY = "there is one process"


class ParallelStyle:
    """A way to spread a module over processes."""


globals().update(
    absent_names(
        __name__,
        "ColwiseParallel RowwiseParallel SequenceParallel PrepareModuleInput PrepareModuleOutput PrepareModuleInputOutput",
        _WHY,
        ParallelStyle,
    )
)
globals().update(absent_names(__name__, "parallelize_module loss_parallel", _WHY))
