"""torch.distributed.tensor: the names of tensors spread over processes, so that libraries that ask for them can be imported.

No tensor is a DTensor here: there is one process.
"""

from ... import Tensor as _Tensor
from ..._lazy import absent_names, submodules
from ..device_mesh import DeviceMesh, init_device_mesh  # noqa: F401
from .placement_types import Partial, Placement, Replicate, Shard  # noqa: F401

_WHY = "there is one process"

globals().update(absent_names(__name__, "DTensor", _WHY, _Tensor))
globals().update(absent_names(__name__, "distribute_tensor distribute_module", _WHY))

__getattr__ = submodules(__name__)
