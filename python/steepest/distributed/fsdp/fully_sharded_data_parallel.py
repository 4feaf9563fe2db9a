"""The classes of models cut over processes, of which there are none."""

from enum import Enum, auto

from ..._lazy import absent_class
from ...nn.modules.module import Module
from .api import *  # noqa: F403  # PyTorch has these names here too

_WHY = "there is one process"

FullyShardedDataParallel = absent_class("torch.distributed.fsdp.FullyShardedDataParallel", _WHY, Module)
FSDPModule = absent_class("torch.distributed.fsdp.FSDPModule", _WHY)


class OptimStateKeyType(Enum):
    """By what an optimizer's state is found: the parameter's name or its number."""

    PARAM_NAME = auto()
    PARAM_ID = auto()
