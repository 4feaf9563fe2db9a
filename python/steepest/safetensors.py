"""Files of the safetensors format, through the `safetensors` package: what safetensors.torch offers."""

import os

from . import _C
from ._C import Tensor

NAMES = {
    _C.float64: "float64", _C.float32: "float32", _C.float16: "float16", _C.bfloat16: "bfloat16", _C.int64: "int64",
    _C.int32: "int32", _C.int16: "int16", _C.int8: "int8", _C.uint8: "uint8", _C.bool: "bool",
}  # fmt: skip
TYPES = {
    "F64": _C.float64, "F32": _C.float32, "F16": _C.float16, "BF16": _C.bfloat16, "I64": _C.int64,
    "I32": _C.int32, "I16": _C.int16, "I8": _C.int8, "U8": _C.uint8, "BOOL": _C.bool,
}  # fmt: skip


def _package():
    try:
        import safetensors
    except ImportError as error:
        raise RuntimeError(
            "Attempting to load a safetensors file but safetensors is not installed. "
            "Please install safetensors with: pip install safetensors"
        ) from error
    return safetensors


def _flat(tensors):
    if not isinstance(tensors, dict):
        raise ValueError(f"Expected a dict of [str, torch.Tensor] but received {type(tensors)}")
    seen = {}
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor):
            raise ValueError(f"Key `{name}` is invalid, expected torch.Tensor but received {type(tensor)}")
        if not tensor.is_contiguous():
            raise ValueError(f"You are trying to save a non contiguous tensor: `{name}` which is not allowed.")
        if tensor.numel():
            seen.setdefault(tensor._storage_ptr(), []).append(name)
    shared = [names for names in seen.values() if len(names) > 1]
    if shared:
        raise RuntimeError(f"Some tensors share memory, this will lead to duplicate memory on disk: {shared}")
    return {
        name: {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data": _C._to_bytes(tensor.detach())}
        for name, tensor in tensors.items()
    }


def save(tensors, metadata=None):
    """A dict of tensors as bytes."""
    return _package().serialize(_flat(tensors), metadata=metadata)


def save_file(tensors, filename, metadata=None):
    """Write a dict of tensors to a path; ValueError for other values, RuntimeError for tensors that share memory."""
    _package().serialize_file(_flat(tensors), os.fspath(filename), metadata=metadata)


def load(data):
    """The dict of tensors in bytes."""
    return {
        name: _C._from_bytes(bytes(entry["data"]), TYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in _package().deserialize(data)
    }


def load_file(filename, device="cpu"):
    """The dict of tensors in a file; all devices but the CPU are refused."""
    _C._check_device(device)
    with open(filename, "rb") as file:
        return load(file.read())
