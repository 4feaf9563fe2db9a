"""The classes of models cut over processes, of which there are none."""

from enum import Enum, auto

from ..._lazy import absent_names
from ...nn.modules.module import Module
from .api import *  # noqa: F403  # PyTorch has these names here too

_WHY = "there is one process"

globals().update(absent_names(__name__, "FullyShardedDataParallel", _WHY, Module))
globals().update(absent_names(__name__, "FSDPModule", _WHY, object))


class OptimStateKeyType(Enum):
    """By what an optimizer's state is found: the parameter's name or its number."""

    PARAM_NAME = auto()
    PARAM_ID = auto()
