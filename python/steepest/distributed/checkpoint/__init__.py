"""torch.distributed.checkpoint: the names of files that many processes write; torch.save writes those of one."""

from ..._lazy import absent, absent_class, submodules

_NAME, _WHY = "torch.distributed.checkpoint.", "there is one process: torch.save and torch.load"

FileSystemReader = absent_class(f"{_NAME}FileSystemReader", _WHY)
FileSystemWriter = absent_class(f"{_NAME}FileSystemWriter", _WHY)
load = absent(f"{_NAME}load", _WHY)
save = absent(f"{_NAME}save", _WHY)
load_state_dict = absent(f"{_NAME}load_state_dict", _WHY)
save_state_dict = absent(f"{_NAME}save_state_dict", _WHY)
async_save = absent(f"{_NAME}async_save", _WHY)

__getattr__ = submodules(__name__)
