"""torch.distributed.tensor.experimental: names for tensors spread over processes; there is one process."""

from contextlib import contextmanager

from ..._lazy import absent

_NAME, _WHY = "torch.distributed.tensor.experimental.", "there is one process"

context_parallel = absent(f"{_NAME}context_parallel", _WHY)
local_map = absent(f"{_NAME}local_map", _WHY)
register_sharding = absent(f"{_NAME}register_sharding", _WHY)


@contextmanager
def implicit_replication():
    """Plain tensors stand for their copies in all processes, as they always do where there is one.

    >>> import steepest as torch
    >>> with torch.distributed.tensor.experimental.implicit_replication():
    ...     print(torch.ones(2) + 1)
    tensor([2., 2.])
    """
    yield
