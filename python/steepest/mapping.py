"""Files as memory that is read when it is used."""

import os

from . import _C


def mapped(filename, shared=False, nbytes=None):
    """The first `nbytes` bytes of a file, all by default, as a uint8 tensor; what is written to it reaches the file where it is shared."""
    mode = "read-write" if shared else "read-only"
    try:
        with open(filename, "a+b" if shared else "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if shared and nbytes and size < nbytes:
                file.truncate(nbytes)
    except OSError as error:
        raise RuntimeError(f"unable to open file <{filename}> in {mode} mode: {error.strerror} ({error.errno})") from None
    nbytes = size if nbytes is None else nbytes
    if size < nbytes and not shared:
        raise RuntimeError(f"file <{filename}> size <{size}> is smaller than the required mapping size <{nbytes}>")
    if nbytes == 0:
        return _C.empty((0,), dtype=_C.uint8)
    import numpy as np  # left for when it is used

    return _C.from_numpy(np.asarray(np.memmap(filename, mode="r+" if shared else "c", dtype=np.uint8, shape=(nbytes,))))
