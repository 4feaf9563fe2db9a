"""Pickles that PyTorch reads and writes: its names for what stands here, storages kept apart from the objects.

Note [Names in files]
    A file names classes and functions by module and name. Written ones are PyTorch's (`torch._utils._rebuild_tensor_v2`,
    `torch.nn.modules.linear.Linear`), read ones are looked up here, so that a file fits either library.
    pickle's quick pickler, in C, insists on the names under which it can import things. It writes each once, so the own names
    can be exchanged afterwards, if they stand nowhere else in what it wrote. Where they do, and for the few objects whose own
    name is PyTorch's, the pickler in Python takes over, which can be told what to write.
"""

import importlib
import io
import pickle
import sys
import types
from collections import OrderedDict

from . import _C, _utils
from ._C import Tensor
from ._places import location_tag
from ._tensor import _rebuild_from_type_v2
from .nn.modules._hooks import HookDict
from .nn.modules._members import Members
from .nn.modules.module import Module
from .nn.parameter import Parameter
from .serialization import _get_layout
from .size import Size
from .storage import CLASSES, NAMES, TypedStorage, UntypedStorage

PACKAGE = __name__.rpartition(".")[0]
KEPT = {"_utils", "_tensor"}  # modules that begin with an underscore in PyTorch too
NAMED = types.FunctionType | types.BuiltinFunctionType | type
SINGLE = _C.dtype | _C.memory_format
ORDINARY = {type(None), bool, int, float, str, bytes, tuple, list, dict, OrderedDict}


def is_own(module):
    """Whether a module is of this package, by its own name or by PyTorch's."""
    return module.partition(".")[0] in (PACKAGE, "torch")


def torch_name(obj):
    """(module, name) by which PyTorch finds a class or function of this package; other ones keep theirs."""
    module, name = getattr(obj, "__module__", None) or "builtins", obj.__qualname__
    if CLASSES.get(name) is obj:
        return "torch", name
    if module.partition(".")[0] != PACKAGE:
        return module, name
    parts = module.split(".")[1:]
    hidden = [i for i, part in enumerate(parts) if part.startswith("_") and part not in KEPT]
    if hidden:
        # A private file's names are public through a neighbour that offers them, or through the package.
        parent = ".".join([PACKAGE, *parts[: hidden[0]]])
        neighbours = sorted(m for m in list(sys.modules) if m.startswith(f"{parent}.") and "._" not in m[len(parent) :])
        parent = next((m for m in neighbours if getattr(sys.modules[m], name, None) is obj), parent)
        parts = parent.split(".")[1:]
    return ".".join(["torch", *parts]), name


def find(module, name):
    """What PyTorch's (module, name) stands for here; AttributeError where there is no such thing."""
    places = [module]
    if module.startswith("torch.nn.modules."):
        places.append("torch.nn")
    elif module.startswith("torch._C"):
        places.append("torch.nn.functional" if module == "torch._C._nn" else "torch")
    for place in places:
        try:
            found = importlib.import_module(PACKAGE + place.removeprefix("torch"))
            for part in name.split("."):
                found = getattr(found, part)
            return found
        except (ImportError, AttributeError):
            continue
    raise AttributeError(f"the file needs {module}.{name}, which {PACKAGE} does not have")


def reduce_tensor(tensor):
    """How a tensor stands in a file: a function of PyTorch and its arguments, among them a storage."""
    cls, hooks = type(tensor), OrderedDict()
    state = dict(getattr(tensor, "__dict__", None) or {})
    if cls.__reduce_ex__ not in (Tensor.__reduce_ex__, Parameter.__reduce_ex__):
        return NotImplemented
    if issubclass(cls, Parameter):
        parts = (tensor.data, tensor.requires_grad, hooks)
        return (_utils._rebuild_parameter_with_state, (*parts, state)) if state else (_utils._rebuild_parameter, parts)
    parts = (tensor._typed_storage(), tensor.storage_offset(), tuple(tensor.shape), tensor.stride(), tensor.requires_grad, hooks)
    if cls is Tensor and not state:
        return _utils._rebuild_tensor_v2, parts
    return _rebuild_from_type_v2, (_utils._rebuild_tensor_v2, cls, parts, state)


def reduced(obj):
    """How an object of this package stands in a file: a name, or a function and its arguments; NotImplemented for others."""
    cls = type(obj)
    if cls in ORDINARY:
        return NotImplemented
    if isinstance(obj, Tensor):
        return reduce_tensor(obj)
    if isinstance(obj, NAMED):
        return obj.__qualname__ if is_own(getattr(obj, "__module__", None) or "") else NotImplemented
    if isinstance(obj, SINGLE):
        return str(obj).removeprefix("torch.")
    if isinstance(obj, _C.device):
        return _C.device, ((obj.type,) if obj.index is None else (obj.type, obj.index))
    if isinstance(obj, _C.layout):
        return _get_layout, (str(obj),)
    if isinstance(obj, Size):
        return Size, (tuple(obj),)
    if isinstance(obj, HookDict):
        return OrderedDict, (), None, None, iter(obj.items())
    if isinstance(obj, Module):
        return reduce_module(obj)
    return NotImplemented


def reduce_module(module):
    """What pickle makes of a module, with plain dicts of members, as PyTorch has them."""
    function, arguments, *rest = module.__reduce_ex__(2)
    if rest and isinstance(rest[0], dict):
        rest[0] = {name: dict(value) if type(value) is Members else value for name, value in rest[0].items()}
    return function, arguments, *rest


class Storages:
    """The storages met while an object is pickled, each under a key of its own."""

    def __init__(self):
        self.keys, self.kept, self.types, self.sizes = {}, {}, {}, {}

    def persistent_id(self, obj):
        """What stands in the pickle for a storage; None for other objects."""
        cls = type(obj)
        if cls is TypedStorage:
            name, dtype, count, memory = NAMES[obj.dtype], obj.dtype, obj.size(), obj.untyped()
        elif cls is UntypedStorage:
            name, dtype, count, memory = "UntypedStorage", _C.uint8, obj.nbytes(), obj
        else:
            return None
        # An empty storage has no address to know it by.
        identity = memory.data_ptr() if count else len(self.kept) - (1 << 62)
        if self.types.setdefault(identity, dtype) is not dtype:
            raise RuntimeError("Cannot save multiple tensors or storages that view the same data as different types")
        key = self.keys.setdefault(identity, str(len(self.keys)))
        self.kept[key] = memory
        self.sizes[key] = dtype.itemsize
        return self.described("storage", CLASSES.get(name, UntypedStorage), key, location_tag(memory), count)

    def described(self, *parts):
        """What stands in the pickle for a storage."""
        return parts


class _TooHard(Exception):
    """The quick pickler cannot write this."""


class _QuickPickler(pickle.Pickler):
    """Writes own names, and remembers them; see Note [Names in files]."""

    def __init__(self, file, protocol, persistent_id):
        super().__init__(file, protocol)
        self.names, self.persistent_id = {}, persistent_id

    def reducer_override(self, obj):
        if isinstance(obj, NAMED):
            module = getattr(obj, "__module__", None) or ""
            if not is_own(module):
                return NotImplemented
            if module.partition(".")[0] != PACKAGE:
                raise _TooHard
            self.names[module, obj.__qualname__] = torch_name(obj)
            return NotImplemented
        result = reduced(obj)
        if isinstance(result, str):
            raise _TooHard
        return result


def _quick(obj, protocol, persistent_id):
    file = io.BytesIO()
    made = _QuickPickler(file, protocol, persistent_id)
    made.dump(obj)
    data = file.getvalue()
    exchanges = [tuple(pickle.GLOBAL + f"{module}\n{name}\n".encode() for module, name in pair) for pair in made.names.items()]
    if any(data.count(own) != 1 for own, _ in exchanges):
        raise _TooHard
    for own, torchs in exchanges:
        data = data.replace(own, torchs)
    return data


def dumps(obj, pickle_module, protocol, kind=Storages):
    """(the pickle of an object with PyTorch's names, the storages that it speaks of)."""
    storages = kind()
    if pickle_module is pickle and protocol in (2, 3):
        try:
            return _quick(obj, protocol, storages.persistent_id), storages
        except _TooHard:
            storages = kind()
    file = io.BytesIO()
    pickler(pickle_module, file, protocol, storages.persistent_id).dump(obj)
    return file.getvalue(), storages


def pickler(pickle_module, file, protocol, persistent_id):
    """A pickler of the kind of `pickle_module` that writes PyTorch's names."""
    base = getattr(pickle_module, "_Pickler", pickle_module.Pickler)

    class Pickler(base):
        def reducer_override(self, obj):
            result = reduced(obj)
            if result is NotImplemented and hasattr(base, "reducer_override"):
                return super().reducer_override(obj)
            return result

        def save_global(self, obj, name=None):
            single = isinstance(obj, SINGLE)
            if not single and not is_own(getattr(obj, "__module__", None) or ""):
                return super().save_global(obj, name)
            module, name = ("torch", name) if single else torch_name(obj)
            if self.proto >= 4:
                self.save(module)
                self.save(name)
                self.write(pickle.STACK_GLOBAL)
            else:
                self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
            self.memoize(obj)
            return None

    made = Pickler(file, protocol)
    made.persistent_id = persistent_id
    return made


def unpickler(pickle_module, file, persistent_load, **arguments):
    """An unpickler of the kind of `pickle_module` that finds PyTorch's names here."""

    class Unpickler(pickle_module.Unpickler):
        def find_class(self, module, name):
            if module.partition(".")[0] == "torch":
                return find(module, name)
            return super().find_class(module, name)

    made = Unpickler(file, **arguments)
    made.persistent_load = persistent_load
    return made
