"""torch.distributed.checkpoint: the names of files that many processes write; torch.save writes those of one."""

from ..._lazy import absent_names, submodules

_WHY = "there is one process: torch.save and torch.load"

globals().update(absent_names(__name__, "FileSystemReader FileSystemWriter", _WHY, object))
globals().update(absent_names(__name__, "load save load_state_dict save_state_dict async_save", _WHY))

__getattr__ = submodules(__name__)
