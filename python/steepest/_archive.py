"""The zip files of torch.save: a pickle, and beside it the bytes of each storage, uncompressed and aligned."""

import os
import struct
import sys
import tempfile
import zipfile
from contextlib import contextmanager

from . import _C

ALIGNMENT = 64
LOCAL_HEADER = struct.Struct("<26xHH")  # the lengths of the name and of the extra field


class Writer:
    """Writes records under one root; `file` is open for writing."""

    def __init__(self, file, root):
        self.zip, self.root = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True), root

    def record(self, name, data):
        """One record; its bytes begin at a multiple of ALIGNMENT, so that they can be used where they lie in the file."""
        view = memoryview(data)
        info = zipfile.ZipInfo(f"{self.root}/{name}")
        info.file_size = view.nbytes
        long = 20 if info.file_size * 1.05 > zipfile.ZIP64_LIMIT else 0  # sizes of 64 bits, which zipfile will add
        begin = self.zip.fp.tell() + 30 + len(info.filename.encode()) + long + 4
        padding = -begin % ALIGNMENT
        info.extra = struct.pack("<2sH", b"FB", padding) + b"Z" * padding
        with self.zip.open(info, "w") as record:
            record.write(view)

    def close(self):
        self.zip.close()


def write(file, root, pickled, storages):
    """The whole file: `storages` are uint8 tensors by their keys."""
    writer = Writer(file, root)
    try:
        writer.record("data.pkl", pickled)
        writer.record(".format_version", b"1")
        writer.record(".storage_alignment", str(ALIGNMENT).encode())
        writer.record("byteorder", sys.byteorder.encode())
        for key, memory in storages.items():
            writer.record(f"data/{key}", memory.numpy())
        writer.record("version", b"3\n")
    finally:
        writer.close()


@contextmanager
def replacing(path):
    """A file that takes the place of `path` when all is written, so that nobody sees half of it and a failure leaves the old one."""
    path = os.path.realpath(os.fspath(path))
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise RuntimeError(f"Parent directory {folder} does not exist.")
    special = os.path.exists(path) and not os.path.isfile(path)
    if special or not os.access(folder, os.W_OK):
        with open(path, "wb") as file:
            yield file
        return
    handle, name = tempfile.mkstemp(prefix=f".{os.path.basename(path)[:60]}.", dir=folder)
    try:
        with open(handle, "wb") as file:
            yield file
        os.chmod(name, _mode(path))
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _mode(path):
    """The permissions of the file that is replaced, or those that a new file gets."""
    try:
        return os.stat(path).st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


class Reader:
    """The records of a zip file that is open for reading at its beginning."""

    def __init__(self, file):
        try:
            self.zip = zipfile.ZipFile(file)
            self.root = self.zip.namelist()[0].partition("/")[0]
        except (zipfile.BadZipFile, IndexError) as error:
            raise RuntimeError(f"PytorchStreamReader failed reading zip archive: {error}") from None
        order = self.record("byteorder").decode() if self.has("byteorder") else "little"
        if order != sys.byteorder:
            raise ValueError(f"the file was written on a machine of {order} endianness, this one is {sys.byteorder}")

    def has(self, name):
        return f"{self.root}/{name}" in self.zip.NameToInfo

    def info(self, name):
        try:
            return self.zip.getinfo(f"{self.root}/{name}")
        except KeyError:
            raise RuntimeError(f"PytorchStreamReader failed locating file {name}: file not found") from None

    def record(self, name):
        """The bytes of a record."""
        try:
            return self.zip.read(self.info(name))
        except zipfile.BadZipFile as error:
            raise RuntimeError(f"PytorchStreamReader failed reading file {name}: {error}") from None

    def begin(self, info):
        """Where the bytes of a record begin in the file."""
        self.zip.fp.seek(info.header_offset)
        name, extra = LOCAL_HEADER.unpack(self.zip.fp.read(LOCAL_HEADER.size))
        return info.header_offset + LOCAL_HEADER.size + name + extra

    def tensor(self, name):
        """The bytes of a record as a uint8 tensor, read to where they stay; as in PyTorch, their checksum is not looked at."""
        info = self.info(name)
        if info.compress_type != zipfile.ZIP_STORED:
            return _C._from_bytes(self.record(name), _C.uint8)
        self.zip.fp.seek(self.begin(info))
        memory = _C.empty((info.file_size,), dtype=_C.uint8)
        view, done = memoryview(memory.numpy()), 0
        while done < len(view):
            count = self.zip.fp.readinto(view[done:])
            if not count:
                raise RuntimeError(f"PytorchStreamReader failed reading file {name}: file read failed")
            done += count
        return memory

    def mapped(self, name, memory):
        """The same as a part of the file's memory map."""
        info = self.info(name)
        begin = self.begin(info)
        return memory[begin : begin + info.file_size]


class PyTorchFileReader(Reader):
    """torch.PyTorchFileReader: the records of a file that torch.save has written, by name."""

    __module__ = "torch._C"

    def has_record(self, name):
        """Whether there is such a record."""
        return self.has(name)

    def get_record(self, name):
        """The bytes of a record, such as ``data.pkl``."""
        return self.record(name)

    def get_all_records(self):
        """The names of the records."""
        return [name.partition("/")[2] for name in self.zip.namelist()]
