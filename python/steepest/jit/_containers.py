"""Whether an object is of an annotated type: lists, tuples and dicts with what they contain, optional types, unions."""

import types
from typing import Any, Dict, List, Tuple, Union, get_args, get_origin  # noqa: UP035

__all__ = ["is_of_type"]

_BARE = {
    list: "a contained type. Please add a contained type, e.g. {}[int]",
    tuple: "a contained type. Please add a contained type, e.g. {}[int]",
    dict: "contained types. Please add contained type, e.g. {}[int, int]",
}


def is_of_type(obj, target):
    """Whether `obj` is of the type `target`, or of one of a tuple of types; RuntimeError for containers that do not say of what."""
    if isinstance(target, tuple):
        return any(is_of_type(obj, one) for one in target)
    if target is Any:
        return True
    bare = {List: list, Tuple: tuple, Dict: dict}.get(target, target)  # noqa: UP006
    if bare in _BARE:
        raise RuntimeError(f"Attempted to use {target.__name__} without {_BARE[bare].format(target.__name__)}")
    origin, contained = get_origin(target), get_args(target)
    if origin is Union or origin is types.UnionType:
        return any(is_of_type(obj, one) for one in contained)
    if origin is None:
        return isinstance(obj, target)
    if not isinstance(obj, origin):
        return False
    if origin is tuple:
        return len(obj) == len(contained) and all(map(is_of_type, obj, contained))
    if origin is dict:
        return all(is_of_type(key, contained[0]) and is_of_type(value, contained[1]) for key, value in obj.items())
    return origin is not list or all(is_of_type(x, contained[0]) for x in obj)
