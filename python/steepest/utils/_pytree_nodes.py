"""What of a tree is a node: containers and their keys, named tuples, classes that programs register."""

import dataclasses
import warnings
from collections import OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..size import Size

__all__ = [
    "GetAttrKey", "MappingKey", "SequenceKey", "is_namedtuple", "is_namedtuple_class", "is_namedtuple_instance", "register_constant",
    "register_dataclass", "register_pytree_node",
]


class NodeDef(NamedTuple):
    """How nodes of one class come apart, into (children, context), and together again; and with a key beside each child."""

    flatten_fn: Any
    unflatten_fn: Any
    flatten_with_keys_fn: Any = None


def _as_dict(make):
    return lambda children, keys: make(zip(keys, children, strict=True))


@dataclass(frozen=True)
class SequenceKey:
    """The place of a child in a list or tuple."""

    idx: int

    def __str__(self):
        return f"[{self.idx!r}]"


@dataclass(frozen=True)
class MappingKey:
    """The place of a child in a dict."""

    key: Any

    def __str__(self):
        return f"[{self.key!r}]"


@dataclass(frozen=True)
class GetAttrKey:
    """The place of a child among an object's attributes."""

    name: str

    def __str__(self):
        return f".{self.name}"


def _dict_flatten(d):
    """A dict's values and its keys."""
    return list(d.values()), list(d)


def _dict_flatten_with_keys(d):
    """A dict's values, each behind its key, and its keys."""
    return [(MappingKey(key), value) for key, value in d.items()], list(d)


_dict_unflatten = _as_dict(dict)

SUPPORTED_NODES = {
    tuple: NodeDef(lambda t: (list(t), None), lambda children, _: tuple(children)),
    list: NodeDef(lambda t: (t, None), lambda children, _: list(children)),
    dict: NodeDef(_dict_flatten, _dict_unflatten),
    OrderedDict: NodeDef(lambda t: (list(t.values()), list(t)), _as_dict(OrderedDict)),
    defaultdict: NodeDef(
        lambda t: (list(t.values()), [t.default_factory, list(t)]),
        lambda children, context: defaultdict(context[0], zip(context[1], children, strict=True)),
    ),
    deque: NodeDef(lambda t: (list(t), t.maxlen), lambda children, maxlen: deque(children, maxlen=maxlen)),
    namedtuple: NodeDef(lambda t: (list(t), type(t)), lambda children, cls: cls(*children)),
    Size: NodeDef(lambda t: (list(t), None), lambda children, _: tuple(children)),  # a leaf may be no number
}
DICTS = (dict, OrderedDict, defaultdict)


def register_pytree_node(cls, flatten_fn, unflatten_fn, *, serialized_type_name=None, flatten_with_keys_fn=None, **_for_files):
    """Makes instances of a class nodes: flatten_fn(x) gives (children, context), unflatten_fn(children, context) builds again.

    flatten_with_keys_fn(x) gives ([(key, child), ...], context) for functions that tell the path of a leaf.
    """
    if cls in SUPPORTED_NODES:
        raise ValueError(f"{cls} is already registered as pytree node.")
    SUPPORTED_NODES[cls] = NodeDef(flatten_fn, unflatten_fn, flatten_with_keys_fn)


def _register_again(cls, *functions):
    if cls in SUPPORTED_NODES:
        warnings.warn(f"{cls} is already registered as pytree node. Overwriting the previous registration.", stacklevel=3)
    SUPPORTED_NODES[cls] = NodeDef(*functions)


def register_dataclass(cls, *, field_names=None, drop_field_names=None, serialized_type_name=None):
    """Makes instances of a dataclass nodes, whose children are the fields: those of `field_names`, or all that are arguments of __init__.

    drop_field_names: fields that get their defaults where a node is built again. ValueError where the names are not the class's.

    >>> import dataclasses
    >>> from steepest.utils import _pytree
    >>> @dataclasses.dataclass
    ... class Point:
    ...     x: int
    ...     y: int
    >>> _pytree.register_dataclass(Point)
    >>> _pytree.tree_map(lambda v: v + 1, Point(1, 2))
    Point(x=2, y=3)
    """
    given = {field.name for field in dataclasses.fields(cls) if field.init} if dataclasses.is_dataclass(cls) else set(field_names or ())
    if field_names is None:
        if not dataclasses.is_dataclass(cls):
            raise ValueError(f"field_names must be specified with a list of all fields used to initialize {cls}, as it is not a dataclass.")
        names = [field.name for field in dataclasses.fields(cls) if field.init and field.name not in (drop_field_names or ())]
    else:
        names = list(field_names)
        left_out = given - set(names) - set(drop_field_names or ())
        unknown = set(names) - given
        if left_out:
            raise ValueError(
                f"field_names does not include all dataclass fields.\nMissing fields in `field_names`: {left_out}. If you want to include "
                "these fields in the pytree, please add them to `field_names`, otherwise please add them to `drop_field_names`."
            )
        if unknown:
            text = "Please remove these fields, or add them to `drop_field_names`."
            raise ValueError(f"Unexpected fields in `field_names`: {unknown}. {text}")

    def flatten(x):
        """The fields that are not None, and their names beside those that are."""
        there = [name for name in names if getattr(x, name) is not None]
        return [getattr(x, name) for name in there], [there, [name for name in names if name not in there]]

    def flatten_with_keys(x):
        values, context = flatten(x)
        return [(GetAttrKey(name), value) for name, value in zip(context[0], values, strict=True)], context

    def unflatten(values, context):
        return cls(**dict(zip(context[0], values, strict=True)), **dict.fromkeys(context[1]))

    _register_again(cls, flatten, unflatten, flatten_with_keys)


def register_constant(cls):
    """Makes instances of a class nodes without children, which structures hold as they are; they need __eq__ and __hash__ of their own.

    >>> from steepest.utils import _pytree
    >>> class Config(tuple): pass
    >>> _pytree.register_constant(Config)
    >>> _pytree.tree_leaves([Config(), 1])
    [1]
    """
    if cls.__eq__ is object.__eq__:
        raise TypeError("register_constant(cls) expects `cls` to have a non-default `__eq__` implementation.")
    if cls.__hash__ is None:
        raise TypeError("register_constant(cls) expects `cls` to have a non-default `__hash__` implementation.")
    _register_again(cls, lambda x: ([], x), lambda _, x: x, lambda x: ([], x))


def is_namedtuple_class(cls):
    """Whether it is a class that collections.namedtuple or typing.NamedTuple made."""
    fields = getattr(cls, "_fields", None) if isinstance(cls, type) and issubclass(cls, tuple) else None
    return isinstance(fields, tuple) and all(type(field) is str for field in fields)


def is_namedtuple(obj):
    """Whether it is a named tuple, or a class of them."""
    return is_namedtuple_class(obj if isinstance(obj, type) else type(obj))


def is_namedtuple_instance(obj):
    """Whether it is a named tuple."""
    return is_namedtuple_class(type(obj))


def _struct(cls):
    """How results of ops with several names come apart: structseqs, as sys.version_info is one."""
    return issubclass(cls, tuple) and isinstance(getattr(cls, "n_sequence_fields", None), int)


def type_of(tree):
    """The class of a tree, as SUPPORTED_NODES knows it."""
    cls = type(tree)
    if cls not in SUPPORTED_NODES and issubclass(cls, tuple):
        if is_namedtuple_class(cls):
            return namedtuple
        if _struct(cls):
            SUPPORTED_NODES[cls] = NodeDef(lambda t: (list(t), None), lambda children, _: cls(children))
    return cls
