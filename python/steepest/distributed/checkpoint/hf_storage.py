"""The names of files of safetensors that many processes write."""

from ..._lazy import absent_names

globals().update(absent_names(__name__, "HuggingFaceStorageReader HuggingFaceStorageWriter", "there is one process", object))
