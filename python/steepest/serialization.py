"""save and load: PyTorch's files, in both directions."""

import io
import os
import pickle
import re
import warnings
from collections.abc import Callable
from typing import Any, TypeAlias

from . import _C
from ._places import default_restore_location, location_tag, register_package
from .mapping import mapped

__all__ = [
    "save", "load", "add_safe_globals", "clear_safe_globals", "default_restore_location", "get_safe_globals",
    "get_unsafe_globals_in_checkpoint", "location_tag", "register_package", "safe_globals", "skip_data",
]

DEFAULT_PROTOCOL = 2
MAP_LOCATION: TypeAlias = Callable[[Any, str], Any] | _C.device | str | dict[str, str] | None
ZIP_BEGIN = b"PK\x03\x04"
UNSAFE_MESSAGE = (
    "In PyTorch 2.6, we changed the default value of the `weights_only` argument in `torch.load` "
    "from `False` to `True`. Re-running `torch.load` with `weights_only` set to `False` will likely succeed, "
    "but it can result in arbitrary code execution. Do it only if you got the file from a trusted source."
)
DOCS_MESSAGE = (
    "\n\nCheck the documentation of torch.load to learn more about types accepted by default with "
    "weights_only https://pytorch.org/docs/stable/generated/torch.load.html."
)


def save(
    obj,
    f,
    pickle_module=pickle,
    pickle_protocol=DEFAULT_PROTOCOL,
    _use_new_zipfile_serialization=True,
    _disable_byteorder_record=False,
):
    """Write an object to a file that :func:`load` reads, here and in PyTorch.

    Tensors that share memory still do when they are read. A path is written at once when all is there: a failure
    leaves an older file as it was.

    Args:
        obj: a tensor, a module, a state_dict, or anything else that pickle takes.
        f: a path, or a file that is open for writing.
        pickle_module: a module like pickle.
        pickle_protocol: of that module.

    RuntimeError for a folder that does not exist, and for tensors of different types on one storage; AttributeError for
    an ``f`` of another kind.

    Example::

        >>> import io, steepest as torch
        >>> file = io.BytesIO()
        >>> torch.save({"w": torch.ones(2), "epoch": 3}, file)
        >>> _ = file.seek(0)
        >>> torch.load(file)
        {'w': tensor([1., 1.]), 'epoch': 3}
    """
    from ._archive import replacing

    if isinstance(f, str | os.PathLike):
        root = os.path.splitext(os.path.basename(os.fspath(f)))[0] or "archive"
        with replacing(f) as file:
            _write(obj, file, root, pickle_module, pickle_protocol, _use_new_zipfile_serialization)
    elif hasattr(f, "write"):
        _write(obj, f, "archive", pickle_module, pickle_protocol, _use_new_zipfile_serialization)
        f.flush()  # objects that send what they were given do it then
    else:
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")


def _write(obj, file, root, pickle_module, protocol, zipped):
    from . import _archive, _legacy_files
    from ._pickles import dumps

    if not zipped:
        _legacy_files.write(obj, file, pickle_module, protocol)
        return
    data, storages = dumps(obj, pickle_module, protocol)
    records = {key: memory._bytes for key, memory in storages.kept.items()}
    if skip_data.depth:
        records = {key: _C.zeros_like(memory) for key, memory in records.items()}
    _archive.write(file, root, data, records)


def load(f, map_location=None, pickle_module=None, *, weights_only=None, mmap=None, **pickle_load_args):
    """Read what :func:`save`, here or in PyTorch, has written; also files from before PyTorch 1.6, and ``.safetensors``.

    Args:
        f: a path, or a file that is open for reading and can seek.
        map_location: for what was saved on a GPU: a device, a dict of devices, or a function of a storage and the text
            of its device, which returns a storage or None. All is on the CPU in the end.
        pickle_module: a module like pickle; makes ``weights_only`` False by default.
        weights_only: True, the default, reads tensors, containers and numbers, and runs nothing that the file names.
            False reads any object, and runs what the file says: only for files that you trust.
        mmap: True leaves the tensors in the file, and reads parts of it as they are used; what is written to them stays
            in memory.
        pickle_load_args: for the unpickler, as ``encoding``.

    pickle.UnpicklingError for a file that holds more than weights, RuntimeError for one that is damaged or was saved
    on a device without ``map_location``.
    """
    weights_only = _weights_only(weights_only, pickle_module)
    if weights_only and pickle_module is not None:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    if weights_only and pickle_load_args:
        warnings.warn("pickle_load_args only works if `weights_only=False`.", stacklevel=2)
    path = f if isinstance(f, str | os.PathLike) else None
    if path is not None and os.fspath(path).endswith(".safetensors"):
        from .safetensors import load_file

        return load_file(path)
    unpickle = _reader(weights_only, pickle_module or pickle, pickle_load_args)

    def restore(storage, location):
        return _restore(storage, location, map_location)

    if path is None:
        return _read(f, None, unpickle, restore, mmap, weights_only)
    with open(path, "rb") as file:
        return _read(file, path, unpickle, restore, mmap, weights_only)


def _weights_only(wanted, pickle_module):
    """The setting of a call, or that of the environment."""
    force, forbid = (
        os.environ.get(f"TORCH_FORCE_{name}_LOAD", "0").lower() in ("1", "y", "yes", "true")
        for name in ("WEIGHTS_ONLY", "NO_WEIGHTS_ONLY")
    )
    if force and forbid:
        raise RuntimeError(
            "Only one of `TORCH_FORCE_WEIGHTS_ONLY_LOAD` or `TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD` should be set, but both were set."
        )
    if force:
        return True
    if wanted is None:
        return pickle_module is None and not forbid
    return wanted


def _reader(weights_only, pickle_module, arguments):
    """Reads one pickle from a file: f(file, persistent_load)."""
    if weights_only:
        from . import _weights_only_unpickler

        def unpickle(file, persistent_load):
            try:
                return _weights_only_unpickler.load(file, persistent_load)
            except pickle.UnpicklingError as error:
                raise pickle.UnpicklingError(_refusal(str(error))) from None
    else:
        from ._pickles import unpickler

        def unpickle(file, persistent_load):
            return unpickler(pickle_module, file, persistent_load, **{"encoding": "utf-8", **arguments}).load()

    return unpickle


def _refusal(reason):
    """PyTorch's text around the reason for which a file is not read."""
    if re.search(r"GLOBAL (\S+) was not an allowed global by default.", reason):
        text = (
            "Weights only load failed. This file can still be loaded, to do so you have two options, "
            "\033[1mdo those steps only if you trust the source of the checkpoint\033[0m. "
            f"\n\t(1) {UNSAFE_MESSAGE}\n\t(2) Alternatively, to load with `weights_only=True` please check "
            f"the recommended steps in the following error message.\n\tWeightsUnpickler error: {reason}"
        )
    elif re.search(r"whose module (\S+) is blocked", reason):
        text = f"Weights only load failed. {UNSAFE_MESSAGE}\n\n\n{reason}"
    else:
        text = (
            f"Weights only load failed. {UNSAFE_MESSAGE}\nPlease file an issue with the following so that we can make "
            f"`weights_only=True` compatible with your use case: WeightsUnpickler error: \n\n{reason}"
        )
    return text + DOCS_MESSAGE


def _read(file, path, unpickle, restore, mmap, weights_only):
    begin = _position(file)
    head = file.read(4)
    file.seek(begin)
    if head != ZIP_BEGIN:
        if mmap:
            name = f"{path}, " if isinstance(path, str) else ""
            raise RuntimeError(
                f"mmap can only be used with files saved with `torch.save({name}_use_new_zipfile_serialization=True), "
                "please torch.save your checkpoint with this option in order to use mmap."
            )
        from . import _legacy_files

        return _legacy_files.read(file, unpickle, restore)
    if begin:
        file = io.BytesIO(file.read())  # places in the archive count from its own beginning
    if mmap and path is None:
        raise ValueError("f must be a file path in order to use the mmap argument")
    return _read_archive(file, path if mmap else None, unpickle, restore, weights_only)


def _position(file):
    try:
        position = file.tell()
        file.seek(position)
        return position
    except (io.UnsupportedOperation, AttributeError) as error:
        raise type(error)(
            f"{error}. You can only torch.load from a file that is seekable. Please pre-load the data into a buffer like "
            "io.BytesIO and try to load from it instead."
        ) from None


def _read_archive(file, mapped_path, unpickle, restore, weights_only):
    from ._archive import Reader
    from .storage import TypedStorage, UntypedStorage

    archive = Reader(file)
    if archive.has("constants.pkl"):
        if weights_only:
            raise RuntimeError(
                f"Cannot use ``weights_only=True`` with TorchScript archives passed to ``torch.load``. {UNSAFE_MESSAGE}"
            )
        raise NotImplementedError("the file holds a TorchScript program; save a state_dict() instead")
    memory, storages = mapped(mapped_path) if mapped_path is not None else None, {}

    def persistent_load(pid):
        if not isinstance(pid, tuple) or len(pid) != 5:
            raise pickle.UnpicklingError(f"a storage has five parts in the file, got {pid}")
        kind, cls, key, location, count = (part.decode() if isinstance(part, bytes) else part for part in pid)
        if kind != "storage":
            raise RuntimeError(f"Unknown typename for persistent_load, expected 'storage' but got '{kind}'")
        dtype = getattr(cls, "dtype", None) or _C.uint8
        if key not in storages:
            name = f"data/{key}"
            storage = UntypedStorage.__new__(UntypedStorage)
            if skip_data.depth:
                storage._bytes = _C.zeros(count * dtype.itemsize, dtype=_C.uint8)
            else:
                storage._bytes = archive.tensor(name) if memory is None else archive.mapped(name, memory)
            if count * dtype.itemsize > storage.nbytes():
                raise RuntimeError(f"{name} has {storage.nbytes()} bytes, expected {count} elements of {dtype}")
            storages[key] = restore(storage, location)
        return TypedStorage(wrap_storage=storages[key], dtype=dtype)

    return unpickle(io.BytesIO(archive.record("data.pkl")), persistent_load)


def _restore(storage, location, map_location):
    if callable(map_location) and not isinstance(map_location, _C.device):
        moved = map_location(storage, location)
        return default_restore_location(storage, location) if moved is None else moved.untyped()
    if isinstance(map_location, dict):
        location = map_location.get(location, location)
    elif map_location is not None:
        location = map_location
    return default_restore_location(storage, str(location))


def _get_layout(name):
    """A layout by its text: files name this function."""
    return getattr(_C, name.removeprefix("torch."))


def add_safe_globals(safe_globals):
    """Let :func:`load` with ``weights_only=True`` use these functions and classes; each is itself, or a pair with its name in files."""
    from . import _weights_only_unpickler as reader

    reader._added.extend(entry for entry in safe_globals if entry not in reader._added)


def get_safe_globals():
    """What :func:`add_safe_globals` has added."""
    from . import _weights_only_unpickler as reader

    return list(reader._added)


def clear_safe_globals():
    """Forget what :func:`add_safe_globals` has added."""
    from . import _weights_only_unpickler as reader

    reader._added.clear()


class safe_globals:  # noqa: N801
    """A context in which :func:`load` may use these functions and classes besides."""

    def __init__(self, safe_globals):
        self.entries = safe_globals

    def __enter__(self):
        known = get_safe_globals()
        self.new = [entry for entry in self.entries if entry not in known]
        add_safe_globals(self.new)

    def __exit__(self, *exception):
        from . import _weights_only_unpickler as reader

        reader._added[:] = [entry for entry in reader._added if entry not in self.new]


class skip_data:  # noqa: N801
    """A context in which :func:`save` leaves zeros in the places of elements, and :func:`load` does not read them.

    >>> import io, steepest as torch
    >>> file = io.BytesIO()
    >>> with torch.serialization.skip_data():
    ...     torch.save(torch.ones(2), file)
    >>> _ = file.seek(0)
    >>> torch.load(file)
    tensor([0., 0.])
    """

    depth = 0  # of the contexts in force

    def __init__(self, materialize_fake_tensors=False):
        """materialize_fake_tensors: accepted; there are no fake tensors."""

    def __enter__(self):
        skip_data.depth += 1

    def __exit__(self, *exception):
        skip_data.depth -= 1


def get_unsafe_globals_in_checkpoint(f):
    """The names in a file that ``weights_only=True`` does not allow, none of them looked up."""
    from . import _weights_only_unpickler as reader
    from ._archive import Reader

    with open(f, "rb") if isinstance(f, str | os.PathLike) else io.BytesIO(f.read()) as file:
        if file.read(4) != ZIP_BEGIN:
            raise ValueError("Expected input to be a checkpoint returned by torch.save")
        names = reader.global_names(io.BytesIO(Reader(file).record("data.pkl")))
    calls, others = reader._defaults()
    return sorted(names - {*calls, *others, *reader.added()})
