"""torch.distributed.device_mesh: the names of arrangements of processes, of which a group of one has none."""

from .._lazy import absent, absent_class

_WHY = "there is one process"

DeviceMesh = absent_class("torch.distributed.device_mesh.DeviceMesh", _WHY)
init_device_mesh = absent("torch.distributed.device_mesh.init_device_mesh", _WHY)
