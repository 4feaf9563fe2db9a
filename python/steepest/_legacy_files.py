"""The files of torch.save before PyTorch 1.6: several pickles one after the other, then the bytes of the storages."""

import pickle
import struct
import sys

from . import _C
from ._pickles import Storages, dumps
from .storage import CLASSES, TypedStorage, UntypedStorage

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001
COUNT = struct.Struct("<q")
ByteStorage = CLASSES["ByteStorage"]


class LegacyStorages(Storages):
    """Storages as these files describe them."""

    def described(self, kind, cls, *rest):
        # Old readers want a type with elements; and it is no part of a larger storage.
        return kind, ByteStorage if cls is UntypedStorage else cls, *rest, None


def write(obj, file, pickle_module, protocol):
    """`obj` to a file that is open for writing."""
    system = {
        "protocol_version": PROTOCOL_VERSION,
        "little_endian": sys.byteorder == "little",
        "type_sizes": {"short": 2, "int": 4, "long": 4},
    }
    for head in (MAGIC_NUMBER, PROTOCOL_VERSION, system):
        pickle_module.dump(head, file, protocol=protocol)

    data, storages = dumps(obj, pickle_module, protocol, LegacyStorages)
    file.write(data)
    keys = sorted(storages.kept)
    pickle_module.dump(keys, file, protocol=protocol)
    for key in keys:
        memory = storages.kept[key]
        file.write(COUNT.pack(memory.nbytes() // storages.sizes[key]))
        file.write(memoryview(memory._bytes.numpy()))


def read(file, unpickle, restore):
    """The object in a file that is open at its beginning.

    Args:
        unpickle: reads one pickle of a file: f(file, persistent_load).
        restore: what becomes of a storage that was saved at a location: f(storage, location).
    """
    storages = {}

    def refuse(pid):
        raise pickle.UnpicklingError("unsupported persistent id encountered")

    def persistent_load(pid):
        kind = pid[0].decode() if isinstance(pid[0], bytes) else pid[0]
        if kind == "module":
            return pid[1]
        if kind != "storage":
            raise RuntimeError(f"Unknown saved id type: {kind}")
        cls, key, location, count, view = pid[1:]
        dtype = getattr(cls, "dtype", None) or _C.uint8
        if key not in storages:
            location = location.decode() if isinstance(location, bytes) else location
            storages[key] = restore(UntypedStorage(count * dtype.itemsize), location), dtype.itemsize
        memory = storages[key][0]
        if view is not None:
            _, offset, size = view
            part = memory._bytes[offset * dtype.itemsize :][: size * dtype.itemsize]
            memory = UntypedStorage.__new__(UntypedStorage)
            memory._bytes = part
        return TypedStorage(wrap_storage=memory, dtype=dtype)

    if unpickle(file, refuse) != MAGIC_NUMBER:
        raise RuntimeError("Invalid magic number; corrupt file?")
    version = unpickle(file, refuse)
    if version != PROTOCOL_VERSION:
        raise RuntimeError(f"Invalid protocol version: {version}")
    unpickle(file, refuse)  # of what system it comes
    result = unpickle(file, persistent_load)
    for key in unpickle(file, refuse):
        memory, step = storages[key]
        head = file.read(COUNT.size)
        count = COUNT.unpack(head)[0] if len(head) == COUNT.size else 0
        if count * step > memory.nbytes():
            raise RuntimeError(f"the file gives {count} elements to a storage of {memory.nbytes() // step}")
        data = file.read(count * step)
        if len(data) != memory.nbytes():
            raise RuntimeError(f"unexpected EOF, expected {memory.nbytes() - len(data)} more bytes. The file might be corrupted.")
        memory.copy_(UntypedStorage.from_buffer(data))
    return result
