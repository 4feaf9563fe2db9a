"""Files of the safetensors format: what the package of that name offers as safetensors.torch.

The format, as https://huggingface.co/docs/safetensors describes it: the length of the header (8 bytes, little-endian), the header
(JSON: for each tensor its dtype, shape and place among the data), the data.
"""

import json
import os

from . import _C
from ._C import Tensor

__all__ = ["load", "load_file", "load_model", "save", "save_file", "save_model"]

TYPES = {
    "F64": _C.float64, "F32": _C.float32, "F16": _C.float16, "BF16": _C.bfloat16, "I64": _C.int64,
    "I32": _C.int32, "I16": _C.int16, "I8": _C.int8, "U8": _C.uint8, "BOOL": _C.bool,
}
NAMES = {dtype: name for name, dtype in TYPES.items()}
HEADER_LIMIT = 100_000_000  # of the format


def _check(tensors):
    if not isinstance(tensors, dict):
        raise ValueError(f"Expected a dict of [str, torch.Tensor] but received {type(tensors)}")
    sharing = {}
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor):
            raise ValueError(f"Key `{name}` is invalid, expected torch.Tensor but received {type(tensor)}")
        if not tensor.is_contiguous():
            raise ValueError(
                f"You are trying to save a non contiguous tensor: `{name}` which is not allowed. It either means you are trying to "
                "save tensors which are reference of each other in which case it's recommended to save only the full tensors, and "
                "reslice at load time, or simply call `.contiguous()` on your tensor to pack it before saving."
            )
        if tensor.numel():
            sharing.setdefault(tensor.untyped_storage().data_ptr(), set()).add(name)
    shared = [names for names in sharing.values() if len(names) > 1]
    if shared:
        raise RuntimeError(
            f"Some tensors share memory, this will lead to duplicate memory on disk and potential differences when loading them "
            f"again: {shared}. A potential way to correctly save your model is to use `save_model`."
        )


def _parts(tensors, metadata):
    """The bytes of a file, piece by piece."""
    _check(tensors)
    # Wide types first keep every tensor at a multiple of its item size.
    order = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    header, place = {"__metadata__": metadata} if metadata else {}, 0
    for name in order:
        tensor = tensors[name]
        end = place + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [place, end]}
        place = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little") + text
    for name in order:
        yield _C._to_bytes(tensors[name].detach())


def save(tensors, metadata=None):
    """A dict of tensors, and one of texts about them, as bytes; the errors are those of :func:`save_file`."""
    return b"".join(_parts(tensors, metadata))


def save_file(tensors, filename, metadata=None):
    """Write a dict of tensors to a path.

    ValueError for other values and for tensors that are not contiguous, RuntimeError for tensors that share memory.

    Example::

        >>> import steepest as torch, tempfile
        >>> from steepest.safetensors import load_file, save_file
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_file({"w": torch.ones(2)}, f"{folder}/w.safetensors")
        ...     load_file(f"{folder}/w.safetensors")
        {'w': tensor([1., 1.])}
    """
    from ._archive import replacing

    with replacing(filename) as file:
        file.writelines(_parts(tensors, metadata))


def _header(data):
    """(the entries of the tensors, where the data begin); ValueError for what is no such file."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(HEADER_LIMIT, len(data) - 8):
        raise ValueError("Error while deserializing header: the file is too short, or no safetensors file")
    try:
        header = json.loads(bytes(data[8 : 8 + length]))
        header.pop("__metadata__", None)
    except (ValueError, AttributeError) as error:
        raise ValueError(f"Error while deserializing header: {error}") from None
    return header, 8 + length


def load(data):
    """The dict of tensors in bytes; ValueError for damaged ones."""
    data = memoryview(data)
    header, start = _header(data)
    tensors = {}
    for name in sorted(header):
        try:
            entry = header[name]
            begin, end = entry["data_offsets"]
            dtype, shape = TYPES[entry["dtype"]], entry["shape"]
            flat = _C._from_bytes(bytes(data[start + begin : start + end]), dtype)
            if not 0 <= begin <= end <= len(data) - start or flat.numel() * dtype.itemsize != end - begin:
                raise ValueError(f"{end - begin} bytes at {begin}")
            tensors[name] = flat.reshape(shape)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ValueError(f"Error while deserializing tensor `{name}`: {type(error).__name__}: {error}") from None
    return tensors


def load_file(filename, device="cpu"):
    """The dict of tensors in a file; all devices but the CPU are refused."""
    _C._check_device(device)
    with open(os.fspath(filename), "rb") as file:
        return load(file.read())


def save_model(model, filename, metadata=None, force_contiguous=True):
    """Write a module's parameters and buffers; of those that share memory the first name only."""
    tensors, seen = {}, set()
    for name, tensor in model.state_dict().items():
        key = (tensor.data_ptr(), tuple(tensor.shape), tensor.stride())
        if tensor.numel() and key in seen:
            continue
        seen.add(key)
        tensors[name] = tensor.contiguous() if force_contiguous else tensor
    save_file(tensors, filename, metadata)


def load_model(model, filename, strict=True, device="cpu"):
    """Read what :func:`save_model` has written into a module; returns (names missing, names unexpected)."""
    state = load_file(filename, device)
    missing, unexpected = model.load_state_dict(state, strict=False)
    own = model.state_dict()
    read = {own[name].data_ptr() for name in state if name in own}
    missing = {name for name in missing if own[name].data_ptr() not in read}
    if strict and (missing or unexpected):
        raise RuntimeError(
            f"Error(s) in loading state_dict for {type(model).__name__}: missing {sorted(missing)}, unexpected {sorted(unexpected)}"
        )
    return missing, unexpected
