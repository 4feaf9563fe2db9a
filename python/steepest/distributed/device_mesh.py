"""torch.distributed.device_mesh: the names of arrangements of processes, of which a group of one has none."""

from .._lazy import absent_names

_WHY = "there is one process"

globals().update(absent_names(__name__, "DeviceMesh", _WHY, object))
globals().update(absent_names(__name__, "init_device_mesh", _WHY))
