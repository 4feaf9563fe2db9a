"""The names of plans that say which process writes what."""

from ..._lazy import absent_class

_NAME, _WHY = "torch.distributed.checkpoint.default_planner.", "there is one process"

DefaultLoadPlanner = absent_class(f"{_NAME}DefaultLoadPlanner", _WHY)
DefaultSavePlanner = absent_class(f"{_NAME}DefaultSavePlanner", _WHY)
