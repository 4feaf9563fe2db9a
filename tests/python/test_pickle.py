"""Copying and pickling tensors: values, strides, attributes, what is shared and what is not."""

import copy
import pickle

import pytest

import steepest as torch

PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)


def again(obj, protocol=pickle.DEFAULT_PROTOCOL):
    return pickle.loads(pickle.dumps(obj, protocol=protocol))


@pytest.fixture
def x():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    x.note = ["kept"]
    return x


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_pickle(x, protocol):
    y = again(x, protocol)
    assert type(y) is torch.Tensor and y.equal(x) and y.requires_grad and y.is_leaf
    assert y.grad is None and y.note == ["kept"] and y.data_ptr() != x.data_ptr()


@pytest.mark.parametrize(
    "dtype",
    [torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool],
)
def test_pickle_dtypes(dtype):
    t = torch.tensor([0, 1, 1]).to(dtype)
    assert again(t).dtype is dtype and again(t).equal(t)


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.tensor(3.0),
        lambda: torch.zeros(0, 3),
        lambda: torch.arange(6).view(2, 3).t(),
        lambda: torch.arange(6)[1::2],
        lambda: torch.ones(2, 1).expand(2, 3),
        lambda: torch.zeros(1, 2, 1, 2, 1, 2),
    ],
)
def test_pickle_and_copies_of_all_shapes(make):
    t = make()
    for other in (again(t), copy.copy(t), copy.deepcopy(t)):
        assert other.shape == t.shape and other.equal(t)
    assert copy.deepcopy(t).stride() == t.stride()
    t.numel() and again(t).add_(1)


def test_what_is_pickled_twice_is_one_object(x):
    a, b = again([x, x])
    assert a is b
    a, b = copy.deepcopy([x, x])
    assert a is b


def test_results_are_pickled_without_history(x):
    y = again(x * 2)
    assert y.tolist() == [2.0, 4.0] and y.is_leaf and y.requires_grad


def test_copy_shares_memory(x):
    y = copy.copy(x)
    assert y is not x and y.data_ptr() == x.data_ptr()
    assert y.requires_grad and y.is_leaf and y.grad is None and y.note is x.note


def test_deepcopy_shares_nothing(x):
    y = copy.deepcopy(x)
    assert y.equal(x) and y.data_ptr() != x.data_ptr()
    assert y.grad.equal(x.grad) and y.grad is not x.grad
    assert y.note == x.note and y.note is not x.note
    with torch.no_grad():
        y.zero_()
    assert x.tolist() == [1.0, 2.0]
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user \\(graph leaves\\) support the deepcopy"):
        copy.deepcopy(x * 2)


def test_deepcopy_keeps_sharing_within_what_is_copied():
    a = torch.zeros(4)
    b, c = a[1:3], a.view(2, 2)
    a2, b2, c2 = copy.deepcopy((a, b, c))
    b2.fill_(1)
    assert a2.tolist() == [0.0, 1.0, 1.0, 0.0] and c2.tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert a.tolist() == [0.0] * 4
    alone = copy.deepcopy(b)
    alone.fill_(5)
    assert a.tolist() == [0.0] * 4 and alone.tolist() == [5.0, 5.0]


def test_parameters():
    p = torch.nn.Parameter(torch.ones(2))
    p.tag = 1
    for other in (again(p), copy.deepcopy(p), copy.copy(p)):
        assert type(other) is torch.nn.Parameter and other.requires_grad and other.equal(p)
    assert again(p).tag == 1


class Tagged(torch.Tensor):
    """A subclass that pickle finds."""


def test_subclasses():
    t = torch.ones(2).as_subclass(Tagged)
    t.tag = "a"
    for other in (again(t), copy.copy(t)):
        assert type(other) is Tagged and other.tag == "a" and other.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_types_around_tensors(protocol):
    for single in (torch.float32, torch.int8, torch.strided, torch.contiguous_format):
        assert again(single, protocol) is single
        assert copy.copy(single) is single and copy.deepcopy(single) is single
    size = again(torch.Size([2, 3]), protocol)
    assert size == (2, 3) and type(size) is torch.Size
    assert again(torch.device("cpu"), protocol) == torch.device("cpu")
    assert again(torch.device("cuda:1"), protocol).index == 1


def test_a_module_survives():
    m = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh())
    for other in (again(m), copy.deepcopy(m)):
        assert all(a.equal(b) and a is not b for a, b in zip(m.parameters(), other.parameters(), strict=True))
        assert other(torch.ones(2)).equal(m(torch.ones(2)))
