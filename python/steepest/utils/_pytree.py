"""Nested containers as trees: flattening to the list of their leaves, building again, mapping over leaves.

Tuples, sizes, lists, dicts, OrderedDicts, defaultdicts, deques, named tuples and what ops return under several names are nodes; everything
else, None too, is a leaf. Further classes are told with :func:`register_pytree_node`.
"""

from collections import defaultdict, deque, namedtuple
from typing import Any

from ._pytree_nodes import *  # noqa: F403
from ._pytree_nodes import DICTS, SUPPORTED_NODES, GetAttrKey, MappingKey, SequenceKey, type_of
from ._pytree_nodes import __all__ as _nodes

__all__ = [
    "PyTree", "TreeSpec", "keystr", "tree_all", "tree_all_only", "tree_any", "tree_any_only", "tree_flatten", "tree_flatten_with_path",
    "tree_is_leaf", "tree_iter", "tree_leaves", "tree_leaves_with_path", "tree_map", "tree_map_", "tree_map_only", "tree_map_only_",
    "tree_map_with_path", "tree_structure", "tree_unflatten", "treespec_pprint", *_nodes,
]

PyTree = Any
_get_node_type = type_of  # PyTorch's name, which packages use


def tree_is_leaf(tree, is_leaf=None):
    """Whether it is not a node, or is_leaf says so."""
    return (is_leaf is not None and is_leaf(tree)) or type_of(tree) not in SUPPORTED_NODES


class TreeSpec:
    """The structure of a tree: the type of its root, what else its root needs, and the structures of the children."""

    __slots__ = ("_children", "context", "num_children", "num_leaves", "num_nodes", "type")

    def __init__(self, type, context, children_specs):  # noqa: A002
        self.type, self.context, self._children = type, context, children_specs
        self.num_children = len(children_specs)
        self.num_nodes = 1 + sum(child.num_nodes for child in children_specs)
        self.num_leaves = 1 if type is None else sum(child.num_leaves for child in children_specs)

    def is_leaf(self):
        """Whether it stands for one leaf."""
        return self.type is None

    def children(self):
        """The structures of the children."""
        return list(self._children)

    def child(self, index):
        """The structure of one child."""
        return self._children[index]

    def flatten_up_to(self, tree):
        """The parts of `tree` in the places of this structure's leaves; ValueError for a tree that differs above them."""
        if self.is_leaf():
            return [tree]
        cls = type_of(tree)
        dicts = cls in DICTS and self.type in DICTS
        if cls is not self.type and not dicts:
            raise ValueError(f"Node type mismatch; expected {self.type!r}, but got {cls!r}.")
        children, context = SUPPORTED_NODES[cls].flatten_fn(tree)
        if len(children) != self.num_children:
            raise ValueError(f"Node arity mismatch; expected {self.num_children}, but got {len(children)}.")
        if dicts:
            keys = self.context[1] if self.type is defaultdict else self.context
            missing, extra = set(keys) - set(tree), set(tree) - set(keys)
            if missing:
                raise ValueError(f"Node keys mismatch; missing key(s): {missing}; extra key(s): {extra}.")
            children = [tree[key] for key in keys]
        elif cls is not deque and context != self.context:
            raise ValueError(f"Node context mismatch for node type {cls!r}; expected {self.context!r}, but got {context!r}.")
        return [part for spec, child in zip(self._children, children, strict=True) for part in spec.flatten_up_to(child)]

    def unflatten(self, leaves):
        """A tree of this structure with these leaves."""
        leaves = list(leaves)
        if len(leaves) != self.num_leaves:
            raise ValueError(
                f"treespec.unflatten(leaves): `leaves` has length {len(leaves)} but the spec refers to a pytree that holds "
                f"{self.num_leaves} items ({self})."
            )
        return self._build(iter(leaves))

    def _build(self, leaves):
        if self.type is None:
            return next(leaves)
        return SUPPORTED_NODES[self.type].unflatten_fn([child._build(leaves) for child in self._children], self.context)

    def __repr__(self, indent=0):
        if self.is_leaf():
            return "*"
        separator = ",\n" + " " * (indent + 2)
        children = separator.join(child.__repr__(indent + 2) for child in self._children)
        return f"TreeSpec({self.type.__name__}, {self.context}, [{children}])"

    def __eq__(self, other):
        if not isinstance(other, TreeSpec):
            return NotImplemented
        return self is other or (self.type, self.context, self._children) == (other.type, other.context, other._children)

    def __hash__(self):
        return hash((self.type, tuple(self._children)))


_LEAF = TreeSpec(None, None, ())


def LeafSpec():  # noqa: N802
    """The structure of a leaf."""
    return _LEAF


def tree_flatten(tree, is_leaf=None):
    """(leaves, structure) of a tree.

    is_leaf: a function that says of a node whether it is to count as a leaf.

    >>> from steepest.utils._pytree import tree_flatten, tree_unflatten
    >>> leaves, spec = tree_flatten({"a": 1, "b": (2, [3])})
    >>> leaves
    [1, 2, 3]
    >>> tree_unflatten([4, 5, 6], spec)
    {'a': 4, 'b': (5, [6])}
    """
    leaves = []
    return leaves, _flatten(tree, leaves, is_leaf)


def _flatten(tree, leaves, is_leaf):
    cls = type_of(tree)
    kind = SUPPORTED_NODES.get(cls)
    if (is_leaf is not None and is_leaf(tree)) or kind is None:
        leaves.append(tree)
        return _LEAF
    children, context = kind.flatten_fn(tree)
    return TreeSpec(cls, context, [_flatten(child, leaves, is_leaf) for child in children])


def tree_unflatten(leaves, treespec):
    """The tree of this structure with these leaves; ValueError where their number is another."""
    if not isinstance(treespec, TreeSpec):
        raise TypeError(f"Expected `treespec` to be an instance of PyTreeSpec but got item of type {type(treespec)}.")
    return treespec.unflatten(leaves)


def tree_iter(tree, is_leaf=None):
    """The leaves, one after the other."""
    yield from tree_flatten(tree, is_leaf)[0]


def tree_leaves(tree, is_leaf=None):
    """The leaves, as a list."""
    return tree_flatten(tree, is_leaf)[0]


def tree_structure(tree, is_leaf=None):
    """The structure."""
    return tree_flatten(tree, is_leaf)[1]


def tree_map(func, tree, *rests, is_leaf=None):
    """A tree of what func gives for each leaf, called with the parts of `rests` in the same places as further arguments.

    >>> from steepest.utils._pytree import tree_map
    >>> tree_map(lambda a, b: a + b, {"x": 1, "y": (2,)}, {"x": 10, "y": (20,)})
    {'x': 11, 'y': (22,)}
    """
    leaves, spec = tree_flatten(tree, is_leaf)
    return spec.unflatten(map(func, leaves, *(spec.flatten_up_to(rest) for rest in rests)))


def tree_map_(func, tree, *rests, is_leaf=None):
    """Calls func as :func:`tree_map` does; returns the tree itself."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def _chosen(types):
    """A test for leaves: of a type, of one of several, or what a function says."""
    if isinstance(types, (type, tuple)) or not callable(types):
        return lambda x: isinstance(x, types)
    return types


def tree_map_only(type_or_types_or_pred, func, tree, is_leaf=None):
    """As :func:`tree_map`, with leaves left alone that are not of these types, or that the function given says False of."""
    chosen = _chosen(type_or_types_or_pred)
    return tree_map(lambda x: func(x) if chosen(x) else x, tree, is_leaf=is_leaf)


def tree_map_only_(type_or_types_or_pred, func, tree, is_leaf=None):
    """Calls func as :func:`tree_map_only` does; returns the tree itself."""
    tree_map_only(type_or_types_or_pred, func, tree, is_leaf)
    return tree


def tree_all(pred, tree, is_leaf=None):
    """Whether pred holds for all leaves."""
    return all(map(pred, tree_iter(tree, is_leaf)))


def tree_any(pred, tree, is_leaf=None):
    """Whether pred holds for a leaf."""
    return any(map(pred, tree_iter(tree, is_leaf)))


def tree_all_only(type_or_types, pred, tree, is_leaf=None):
    """Whether pred holds for all leaves of these types."""
    return all(map(pred, filter(_chosen(type_or_types), tree_iter(tree, is_leaf))))


def tree_any_only(type_or_types, pred, tree, is_leaf=None):
    """Whether pred holds for a leaf of these types."""
    return any(map(pred, filter(_chosen(type_or_types), tree_iter(tree, is_leaf))))


def _keyed(tree, cls):
    """The children of a node of this class, each behind its key."""
    kind = SUPPORTED_NODES[cls]
    if kind.flatten_with_keys_fn is not None:
        return kind.flatten_with_keys_fn(tree)[0]
    children, _ = kind.flatten_fn(tree)
    if cls in DICTS:
        return [(MappingKey(key), child) for key, child in zip(tree, children, strict=True)]
    if cls is namedtuple:
        return [(GetAttrKey(name), child) for name, child in zip(type(tree)._fields, children, strict=True)]
    return [(SequenceKey(i), child) for i, child in enumerate(children)]


def tree_leaves_with_path(tree, is_leaf=None):
    """[(path, leaf), ...]: each leaf behind the keys that lead to it.

    >>> from steepest.utils._pytree import keystr, tree_leaves_with_path
    >>> [(keystr(path), leaf) for path, leaf in tree_leaves_with_path({"a": [1, 2]})]
    [("['a'][0]", 1), ("['a'][1]", 2)]
    """
    if tree_is_leaf(tree, is_leaf):
        return [((), tree)]
    children = _keyed(tree, type_of(tree))
    return [((key, *path), leaf) for key, child in children for path, leaf in tree_leaves_with_path(child, is_leaf)]


def tree_flatten_with_path(tree, is_leaf=None):
    """([(path, leaf), ...], structure)"""
    return tree_leaves_with_path(tree, is_leaf), tree_structure(tree, is_leaf)


def tree_map_with_path(func, tree, *rests, is_leaf=None):
    """As :func:`tree_map`, calling func(path, leaf, ...)."""
    leaves, spec = tree_flatten_with_path(tree, is_leaf)
    paths, values = zip(*leaves, strict=True) if leaves else ((), ())
    return spec.unflatten(map(func, paths, values, *(spec.flatten_up_to(rest) for rest in rests)))


def keystr(kp):
    """A path as text."""
    return "".join(map(str, kp))


class _Asterisk:
    """What stands for a leaf in print."""

    def __repr__(self):
        return "*"


def treespec_pprint(treespec):
    """The text of a tree of this structure with asterisks for leaves."""
    return repr(treespec.unflatten([_Asterisk()] * treespec.num_leaves))


def _broadcast_to_and_flatten(tree, treespec, is_leaf=None):
    """The leaves of `tree`, each as often as `treespec` has leaves in its place; None where the structures do not agree."""
    leaves, spec = tree_flatten(tree, is_leaf)
    if spec.is_leaf():
        return leaves * treespec.num_leaves
    try:
        parts = spec.flatten_up_to(treespec.unflatten([0] * treespec.num_leaves))
    except ValueError:
        return None
    return [leaf for leaf, part in zip(leaves, parts, strict=True) for _ in tree_leaves(part, is_leaf)]
