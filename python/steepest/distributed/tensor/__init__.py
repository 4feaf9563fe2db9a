"""torch.distributed.tensor: the names of tensors spread over processes, so that libraries that ask for them can be imported.

No tensor is a DTensor here: there is one process.
"""

from ... import Tensor as _Tensor
from ..._lazy import absent, absent_class, submodules
from ..device_mesh import DeviceMesh, init_device_mesh  # noqa: F401
from .placement_types import Partial, Placement, Replicate, Shard  # noqa: F401

_WHY = "there is one process"

DTensor = absent_class("torch.distributed.tensor.DTensor", _WHY, _Tensor)
distribute_tensor = absent("torch.distributed.tensor.distribute_tensor", _WHY)
distribute_module = absent("torch.distributed.tensor.distribute_module", _WHY)

__getattr__ = submodules(__name__)
