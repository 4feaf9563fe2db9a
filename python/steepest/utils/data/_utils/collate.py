"""From a list of samples to one batch: numbers and arrays become tensors, containers keep their form."""

import copy
import re
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence

import numpy as np

from .... import Tensor, as_tensor, float64, stack, tensor

np_str_obj_array_pattern = re.compile(r"[SaUO]")
default_collate_err_msg_format = (
    "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"
)


def _like_mapping(model, values):
    """The dict ``values`` as a mapping of the model's type, with what else a mutable one carries; a dict if that fails."""
    try:
        if not isinstance(model, MutableMapping):
            return type(model)(values)
        filled = copy.copy(model)
        filled.update(values)
        return filled
    except TypeError:
        return values


def _like_sequence(model, values):
    """The list ``values`` as a sequence of the model's type, with what else a mutable one carries; a list if that fails."""
    if type(model) is list:
        return values
    try:
        if not isinstance(model, MutableSequence):
            return type(model)(values)
        filled = copy.copy(model)
        for i, value in enumerate(values):
            filled[i] = value
        return filled
    except TypeError:
        return values


def default_convert(data):
    """The data with its numpy arrays and numbers as tensors, also within mappings and sequences; all else as it is.

    Example::

        >>> from steepest.utils.data import default_convert
        >>> import numpy as np
        >>> default_convert({"x": np.array([0, 1]), "name": "a"})
        {'x': tensor([0, 1]), 'name': 'a'}
    """
    if isinstance(data, Tensor | str | bytes):
        return data
    if isinstance(data, np.ndarray | np.generic):
        return data if np_str_obj_array_pattern.search(data.dtype.str) else as_tensor(data)
    if isinstance(data, Mapping):
        return _like_mapping(data, {key: default_convert(data[key]) for key in data})
    if not isinstance(data, Sequence):
        return data
    values = [default_convert(value) for value in data]
    if isinstance(data, tuple):
        return type(data)(*values) if hasattr(data, "_fields") else values
    return _like_sequence(data, values)


def collate(batch, *, collate_fn_map=None):
    """One batch of a list of samples.

    Args:
        batch: the samples, not empty; the first one decides.
        collate_fn_map: from a type, or a tuple of types, to the function ``f(batch, *, collate_fn_map)`` for samples of
            it. A sample's own type is looked up first, then the first entry of which it is an instance.

    Without an entry for them, mappings, named tuples, tuples (a list results) and other sequences are collated
    component by component. RuntimeError for sequences of different lengths, TypeError for all else.
    """
    first = batch[0]
    if collate_fn_map is not None:
        function = collate_fn_map.get(type(first))
        if function is None:
            function = next((f for kind, f in collate_fn_map.items() if isinstance(first, kind)), None)
        if function is not None:
            return function(batch, collate_fn_map=collate_fn_map)
    if isinstance(first, Mapping):
        values = {key: collate([sample[key] for sample in batch], collate_fn_map=collate_fn_map) for key in first}
        return _like_mapping(first, values)
    if not isinstance(first, Sequence):
        raise TypeError(default_collate_err_msg_format.format(type(first)))
    named = isinstance(first, tuple) and hasattr(first, "_fields")
    if not named and any(len(sample) != len(first) for sample in batch):
        raise RuntimeError("each element in list of batch should be of equal size")
    values = [collate(column, collate_fn_map=collate_fn_map) for column in zip(*batch)]
    if isinstance(first, tuple):
        return type(first)(*values) if named else values
    return _like_sequence(first, values)


def collate_tensor_fn(batch, *, collate_fn_map=None):
    """Tensors of one shape, stacked."""
    return stack(tuple(batch), 0)


def collate_numpy_array_fn(batch, *, collate_fn_map=None):
    """numpy arrays as tensors, stacked; TypeError for arrays of texts and objects."""
    if np_str_obj_array_pattern.search(batch[0].dtype.str):
        raise TypeError(default_collate_err_msg_format.format(batch[0].dtype))
    return collate([as_tensor(array) for array in batch], collate_fn_map=collate_fn_map)


def collate_numpy_scalar_fn(batch, *, collate_fn_map=None):
    """numpy numbers as a 1-d tensor."""
    return as_tensor(batch)


def collate_float_fn(batch, *, collate_fn_map=None):
    """Python floats as a tensor of float64."""
    return tensor(batch, dtype=float64)


def collate_int_fn(batch, *, collate_fn_map=None):
    """Python ints or bools as a 1-d tensor."""
    return tensor(batch)


def collate_str_fn(batch, *, collate_fn_map=None):
    """Texts, unchanged."""
    return batch


default_collate_fn_map = {
    Tensor: collate_tensor_fn,
    np.ndarray: collate_numpy_array_fn,
    (np.bool_, np.number, np.object_): collate_numpy_scalar_fn,
    float: collate_float_fn,
    int: collate_int_fn,
    str: collate_str_fn,
    bytes: collate_str_fn,
}


def default_collate(batch):
    """One batch of a list of samples, as a DataLoader does by default.

    Tensors, numpy arrays and numbers become tensors with a first dimension more, texts a list; mappings and sequences
    are collated component by component.

    Example::

        >>> from steepest.utils.data import default_collate
        >>> default_collate([{"x": 0.5, "y": (1, "a")}, {"x": 1.5, "y": (2, "b")}])
        {'x': tensor([0.5000, 1.5000], dtype=torch.float64), 'y': [tensor([1, 2]), ('a', 'b')]}
    """
    return collate(batch, collate_fn_map=default_collate_fn_map)
