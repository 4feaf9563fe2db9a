"""What a list of samples becomes, type by type."""

from collections import OrderedDict, UserList, defaultdict, namedtuple

import numpy as np
import pytest

import steepest as torch
from steepest.utils.data._utils import collate as module
from steepest.utils.data.dataloader import default_collate, default_convert

Point = namedtuple("Point", ["x", "y"])


def same(a, b):
    if isinstance(a, torch.Tensor):
        return type(a) is type(b) and a.dtype is b.dtype and a.equal(b)
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple | UserList):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return a == b


t = torch.tensor


@pytest.mark.parametrize(
    "batch, expected",
    [
        ([t([1.0]), t([2.0])], t([[1.0], [2.0]])),
        ((t(1), t(2)), t([1, 2])),
        ([1, 2], t([1, 2])),
        ([True, False], t([True, False])),
        ([1.0, 2], t([1.0, 2.0], dtype=torch.float64)),
        (["a", "b"], ["a", "b"]),
        ([b"a"], [b"a"]),
        ([np.float32(1), np.float32(2)], t([1.0, 2.0])),
        ([np.bool_(True)], t([True])),
        ([np.array([1, 2], "i2")], t([[1, 2]], dtype=torch.int16)),
        ([(1, "a"), (2, "b")], [t([1, 2]), ("a", "b")]),
        ([[1, 2.0], [3, 4.0]], [t([1, 3]), t([2.0, 4.0], dtype=torch.float64)]),
        ([Point(1, 2), Point(3, 4)], Point(t([1, 3]), t([2, 4]))),
        ([{"a": 1, "b": "x"}, {"b": "y", "a": 2}], {"a": t([1, 2]), "b": ["x", "y"]}),
        ([OrderedDict(a=1)], OrderedDict(a=t([1]))),
        ([defaultdict(int, a=1)], defaultdict(int, a=t([1]))),
        ([UserList([1, 2]), UserList([3, 4])], UserList([t([1, 3]), t([2, 4])])),
        ([range(2), range(2)], [t([0, 0]), t([1, 1])]),
    ],
)
def test_collate(batch, expected):
    assert same(default_collate(batch), expected)


@pytest.mark.parametrize(
    "batch, error, message",
    [
        ([None], TypeError, "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'NoneType'>"),
        ([[1, 2], [1]], RuntimeError, "each element in list of batch should be of equal size"),
        ([np.array(["a"])], TypeError, "found <U1"),
        ([t([1]), t([1, 2])], RuntimeError, "stack expects each tensor to be equal size"),
    ],
)
def test_what_cannot_be_collated(batch, error, message):
    with pytest.raises(error, match=message):
        default_collate(batch)


@pytest.mark.parametrize(
    "sample, expected",
    [
        (np.array([1.0]), t([1.0], dtype=torch.float64)),
        (np.float32(2), t(2.0)),
        (3, 3),
        ("ab", "ab"),
        ((np.array(1), 2), [t(1), 2]),
        (Point(np.array(1), 2), Point(t(1), 2)),
        ([np.array(1), "a"], [t(1), "a"]),
        ({"a": [np.array(1)]}, {"a": [t(1)]}),
        (range(2), [0, 1]),
        (None, None),
    ],
)
def test_convert(sample, expected):
    assert same(default_convert(sample), expected)


def test_arrays_of_texts_are_left_alone():
    texts = np.array(["a", "b"])
    assert default_convert(texts) is texts


def test_own_functions_for_types():
    class Box:
        def __init__(self, value):
            self.value = value

    def boxes(batch, *, collate_fn_map):
        return module.collate([box.value for box in batch], collate_fn_map=collate_fn_map)

    functions = {**module.default_collate_fn_map, Box: boxes}
    assert same(module.collate([(Box(1), 2), (Box(3), 4)], collate_fn_map=functions), [t([1, 3]), t([2, 4])])
    with pytest.raises(TypeError):
        module.collate([t(1)])
