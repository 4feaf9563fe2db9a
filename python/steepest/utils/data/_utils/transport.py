"""How batches travel from a worker process: small ones through a pipe, large tensors as files in memory.

A tensor that is large enough is written to a file in a folder of /dev/shm, which is memory; the main process maps it, and so
receives it without a copy, and removes its name at once. Where there is no such folder, or no room, all goes through the pipe.
"""

import io
import mmap
import os
import shutil
import tempfile
from multiprocessing.reduction import ForkingPickler

import numpy as np

from .... import _C, Tensor

MEMORY = "/dev/shm"
LARGE = 1 << 19  # bytes; below that a file costs more than copying


def make_folder():
    """A new folder in memory, or None."""
    try:
        return tempfile.mkdtemp(prefix="steepest_", dir=MEMORY)
    except OSError:
        return None


def remove_folder(folder):
    """Removes it with what nobody has fetched."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


class _Packer(ForkingPickler):
    def __init__(self, file, folder):
        super().__init__(file)
        self.folder = folder

    def reducer_override(self, obj):
        if type(obj) is not Tensor or obj.requires_grad or obj.__dict__ or not obj.is_contiguous():
            return NotImplemented
        name = str(obj.dtype).removeprefix("torch.")
        if self.folder is not None and obj.numel() * obj.element_size() >= LARGE:
            path = self.write(obj)
            if path is not None:
                return _mapped, (path, name, tuple(obj.shape))
        return _copied, (_C._to_bytes(obj), name, tuple(obj.shape))

    def write(self, tensor):
        """The path of a new file with the elements, or None when there is no room."""
        path = None
        try:
            handle, path = tempfile.mkstemp(dir=self.folder)
            with open(handle, "wb", buffering=0) as file:
                left = memoryview(_C._all_bytes(tensor).numpy())[tensor.storage_offset() * tensor.element_size() :]
                left = left[: tensor.numel() * tensor.element_size()]
                while left:
                    left = left[file.write(left) :]
            return path
        except OSError:
            if path is not None:
                os.unlink(path)
            self.folder = None
            return None


def _laid_out(memory, dtype, shape):
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return _C._laid_on(memory, getattr(_C, dtype), 0, shape, strides[::-1])


def _copied(data, dtype, shape):
    return _laid_out(_C._from_bytes(data, _C.uint8), dtype, shape)


def _mapped(path, dtype, shape):
    try:
        with open(path, "r+b") as file:
            memory = mmap.mmap(file.fileno(), 0)
    finally:
        os.unlink(path)
    return _laid_out(_C.from_numpy(np.frombuffer(memory, np.uint8)), dtype, shape)


def pack(value, folder):
    """A value as bytes for a pipe; its large tensors go to files in the folder."""
    file = io.BytesIO()
    _Packer(file, folder).dump(value)
    return file.getbuffer()
