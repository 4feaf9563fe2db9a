"""The names of files of safetensors that many processes write."""

from ..._lazy import absent_class

_NAME, _WHY = "torch.distributed.checkpoint.hf_storage.", "there is one process"

HuggingFaceStorageReader = absent_class(f"{_NAME}HuggingFaceStorageReader", _WHY)
HuggingFaceStorageWriter = absent_class(f"{_NAME}HuggingFaceStorageWriter", _WHY)
