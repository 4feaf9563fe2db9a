"""Reads pickles of tensors and containers, and runs nothing else that a file names.

Note [Unpickling without trust]
    pickle calls whatever a file names. This reader knows the operations that checkpoints consist of, looks names up in a list,
    calls only functions of that list, and gives attributes only to objects whose type is on it.
"""

import keyword
import struct
from collections import Counter, OrderedDict
from pickle import UnpicklingError, decode_long
from pickletools import opcodes

from . import _C, _tensor, _utils
from ._pickles import torch_name
from .nn.parameter import Parameter
from .serialization import _get_layout
from .size import Size
from .storage import CLASSES, TypedStorage, UntypedStorage

OPERATIONS = {ord(op.code): op.name.lower() + "_" * keyword.iskeyword(op.name.lower()) for op in opcodes}
BLOCKED = {"sys", "os", "posix", "nt"}
_added = []


def _encode(text, encoding):
    """What bytes are made with in protocol 2."""
    if encoding not in ("latin1", "latin-1"):
        raise UnpicklingError(f"Only latin1 is decoded, got {encoding!r}")
    return text.encode("latin1")


def _defaults():
    """(what files may call, what they may name besides)."""
    functions = [f for name, f in vars(_utils).items() if name.startswith("_rebuild_")]
    calls = {f"torch._utils.{f.__name__}": f for f in functions}
    calls |= {
        "torch._tensor._rebuild_from_type_v2": _tensor._rebuild_from_type_v2,
        "torch.serialization._get_layout": _get_layout,
        "torch.nn.parameter.Parameter": Parameter,
        "torch.Size": Size,
        "torch.device": _C.device,
        "collections.OrderedDict": OrderedDict,
        "collections.Counter": Counter,
        "_codecs.encode": _encode,
        "builtins.bytearray": bytearray,
        "builtins.set": set,
        "builtins.complex": complex,
    }
    names = {f"torch.{name}": cls for name, cls in CLASSES.items()}
    names |= {f"torch.storage.{cls.__name__}": cls for cls in (TypedStorage, UntypedStorage)}
    names |= {str(d): d for d in vars(_C).values() if isinstance(d, _C.dtype)}
    return calls, names | {"torch.UntypedStorage": UntypedStorage, "torch.Tensor": _C.Tensor}


def added():
    """What programs have allowed, by name."""
    named = {}
    for entry in _added:
        if isinstance(entry, tuple):
            if len(entry) != 2:
                raise ValueError(
                    f"Expected tuple of length 2 (global, str of callable full path), but got tuple of length: {len(entry)}"
                )
            if type(entry[1]) is not str:
                raise TypeError(f"Expected second item in tuple to be str of callable full path, but got: {type(entry[1])}")
            named[entry[1]] = entry[0]
        else:
            named[".".join(torch_name(entry))] = entry
    return named


def global_names(file):
    """The names in a pickle, none of them looked up."""
    names = set()

    class Collector(Unpickler):
        def find(self, module, name):
            names.add(f"{module}.{name}")
            return lambda *_: None

        def reduce(self):
            self.stack.pop()

        build = reduce
        newobj = reduce

        def setitem(self, *_):
            del self.stack[-2:]

        def setitems(self, *_):
            self.items()

        def append(self, *_):
            self.stack.pop()

        appends = additems = setitems

    Collector(file, lambda pid: None).load()
    return names


class Unpickler:
    """One pass over a pickle; each method of lower case is the pickle operation of that name."""

    def __init__(self, file, persistent_load, encoding="utf-8"):
        self.file, self.persistent_load, self.encoding = file, persistent_load, encoding
        self.calls, self.names = _defaults()
        self.user = added()
        self.stack, self.marks, self.memo = [], [], {}

    def load(self):
        """The object; UnpicklingError for what is not allowed or not whole."""
        try:
            while True:
                code = self.read(1)[0]
                if code == 0x2E:  # STOP
                    return self.stack.pop()
                operation = getattr(self, OPERATIONS.get(code, ""), None)
                if operation is None:
                    raise UnpicklingError(f"Unsupported operand {code}")
                operation()
        except (IndexError, KeyError, struct.error, UnicodeError) as error:
            raise UnpicklingError(f"the pickle is damaged: {type(error).__name__}: {error}") from None

    def read(self, n):
        data = self.file.read(n)
        if len(data) < n:
            raise EOFError("Ran out of input")
        return data

    def number(self, layout):
        return struct.unpack(layout, self.read(struct.calcsize(layout)))[0]

    def line(self):
        line = self.file.readline()
        if line[-1:] != b"\n":
            raise EOFError("Ran out of input")
        return line[:-1].decode()

    def items(self):
        items, self.stack = self.stack, self.marks.pop()
        return items

    def push(self, value):
        self.stack.append(value)

    def find(self, module, name):
        path = f"{module}.{name}"
        if module in BLOCKED:
            raise UnpicklingError(f"Trying to load unsupported GLOBAL {path} whose module {module} is blocked.")
        for known in (self.calls, self.names, self.user):
            if path in known:
                return known[path]
        path = path.removeprefix("builtins.")
        raise UnpicklingError(
            f"Unsupported global: GLOBAL {path} was not an allowed global by default. "
            f"Please use `torch.serialization.add_safe_globals([{path}])` or the `torch.serialization.safe_globals([{path}])` "
            "context manager to allowlist this global if you trust this class/function."
        )

    def may(self, obj, of):
        return any(obj is known for known in (*of.values(), *self.user.values()))

    # names, calls and attributes

    def global_(self):
        module = self.line()
        name = self.line()
        module = {"__builtin__": "builtins", "copy_reg": "copyreg"}.get(module, module)  # Python 2's
        self.push(self.find(module, name))

    def stack_global(self):
        name, module = self.stack.pop(), self.stack.pop()
        self.push(self.find(module, name))

    def reduce(self):
        arguments, function = self.stack.pop(), self.stack[-1]
        if not self.may(function, self.calls):
            raise UnpicklingError(f"Trying to call reduce for unrecognized function {function}")
        self.stack[-1] = function(*arguments)

    def newobj(self):
        arguments, cls = self.stack.pop(), self.stack.pop()
        if cls is self.calls["torch.nn.parameter.Parameter"]:
            self.push(cls(*arguments))
        elif isinstance(cls, type) and self.may(cls, self.calls):
            self.push(cls.__new__(cls, *arguments))
        else:
            raise UnpicklingError(
                f"Can only create new object for nn.Parameter or classes allowlisted via `add_safe_globals` but got {cls}"
            )

    def build(self):
        state, target = self.stack.pop(), self.stack[-1]
        cls = type(target)
        if cls is OrderedDict:
            target.__dict__.update(state)
        elif cls is _C.Tensor:
            target.set_(*state)
        elif not any(cls is known for known in self.user.values()):
            raise UnpicklingError(
                f"Can only build Tensor, Parameter, OrderedDict or types allowlisted via `add_safe_globals`, but got {cls}"
            )
        elif hasattr(target, "__setstate__"):
            target.__setstate__(state)
        else:
            attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
            if attributes:
                target.__dict__.update(attributes)
            for name, value in (slots or {}).items():
                setattr(target, name, value)

    def binpersid(self):
        pid = self.stack.pop()
        if type(pid) is not tuple and type(pid) is not int:
            raise UnpicklingError(f"persistent_load id must be tuple or int, but got {type(pid)}")
        if type(pid) is tuple and pid and pid[0] not in ("storage", b"storage"):
            raise UnpicklingError(f"Only persistent_load of storage is allowed, but got {type(pid[0])}")
        self.push(self.persistent_load(pid))

    # containers

    def mark(self):
        self.marks.append(self.stack)
        self.stack = []

    def pop(self):
        self.stack.pop()

    def pop_mark(self):
        self.items()

    def tuple(self):
        self.push(tuple(self.items()))

    def list(self):
        self.push(list(self.items()))

    def tuples(self, n):
        self.stack[-n:] = [tuple(self.stack[-n:])]

    def tuple1(self):
        self.tuples(1)

    def tuple2(self):
        self.tuples(2)

    def tuple3(self):
        self.tuples(3)

    def empty_tuple(self):
        self.push(())

    def empty_list(self):
        self.push([])

    def empty_dict(self):
        self.push({})

    def empty_set(self):
        self.push(set())

    def frozenset(self):
        self.push(frozenset(self.items()))

    def additems(self):
        items = self.items()
        if type(self.stack[-1]) is not set:
            raise UnpicklingError(f"Can only add to sets, but got {type(self.stack[-1])}")
        self.stack[-1].update(items)

    def extend(self, items, verb):
        if type(self.stack[-1]) is not list:
            raise UnpicklingError(f"Can only {verb} lists, but got {type(self.stack[-1])}")
        self.stack[-1].extend(items)

    def append(self):
        self.extend([self.stack.pop()], "append to")

    def appends(self):
        self.extend(self.items(), "extend")

    def assign(self, items, operation):
        target = self.stack[-1]
        if type(target) not in (dict, OrderedDict, Counter):
            raise UnpicklingError(
                f"Can only {operation} for dict, collections.OrderedDict, collections.Counter, but got {type(target)}"
            )
        for i in range(0, len(items), 2):
            target[items[i]] = items[i + 1]

    def setitem(self):
        value, key = self.stack.pop(), self.stack.pop()
        self.assign([key, value], "SETITEM")

    def setitems(self):
        self.assign(self.items(), "SETITEMS")

    # values

    def none(self):
        self.push(None)

    def newfalse(self):
        self.push(False)

    def newtrue(self):
        self.push(True)

    def binint(self):
        self.push(self.number("<i"))

    def binint1(self):
        self.push(self.number("<B"))

    def binint2(self):
        self.push(self.number("<H"))

    def long1(self):
        self.push(decode_long(self.read(self.number("<B"))))

    def binfloat(self):
        self.push(self.number(">d"))

    def text(self, size):
        self.push(str(self.read(size), "utf-8", "surrogatepass"))

    def short_binunicode(self):
        self.text(self.number("<B"))

    def binunicode(self):
        self.text(self.number("<I"))

    def binunicode8(self):
        self.text(self.number("<Q"))

    def short_binstring(self):
        data = self.read(self.number("<B"))
        self.push(data if self.encoding == "bytes" else data.decode(self.encoding))

    def short_binbytes(self):
        self.push(self.read(self.number("<B")))

    def binbytes(self):
        self.push(self.read(self.number("<I")))

    def binbytes8(self):
        self.push(self.read(self.number("<Q")))

    def bytearray8(self):
        self.push(bytearray(self.read(self.number("<Q"))))

    # bookkeeping

    def proto(self):
        version = self.number("<B")
        if version > 5:
            raise UnpicklingError(f"unsupported pickle protocol: {version}")

    def frame(self):
        self.number("<Q")

    def memoize(self):
        self.memo[len(self.memo)] = self.stack[-1]

    def binput(self):
        self.memo[self.number("<B")] = self.stack[-1]

    def long_binput(self):
        self.memo[self.number("<I")] = self.stack[-1]

    def binget(self):
        self.push(self.memo[self.number("<B")])

    def long_binget(self):
        self.push(self.memo[self.number("<I")])


def load(file, persistent_load, encoding="utf-8"):
    """The object that a pickle describes."""
    return Unpickler(file, persistent_load, encoding).load()
