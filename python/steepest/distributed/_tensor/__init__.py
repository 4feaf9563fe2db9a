"""torch.distributed._tensor: the older name of torch.distributed.tensor and its modules."""

import importlib as _importlib
import sys as _sys

from .. import tensor as _tensor
from ..tensor import *  # noqa: F403

for _name in ("experimental", "parallel", "placement_types"):
    _sys.modules[f"{__name__}.{_name}"] = globals()[_name] = _importlib.import_module(f"{_tensor.__name__}.{_name}")
