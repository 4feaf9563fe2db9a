"""Parameter: identity of its memory, printing, copies."""

import copy
import pickle

import steepest as torch
from steepest import nn


def test_shares_memory_and_requires_gradients():
    data = torch.ones(2)
    p = nn.Parameter(data)
    assert p.requires_grad and p.is_leaf and p.data_ptr() == data.data_ptr() and not data.requires_grad
    assert not nn.Parameter(data, requires_grad=False).requires_grad
    assert nn.Parameter().shape == (0,)
    with torch.no_grad():
        assert nn.Parameter(data).requires_grad


def test_repr():
    assert repr(nn.Parameter(torch.tensor([1.5]))) == (
        "Parameter containing:\ntensor([1.5000], requires_grad=True)"
    )


def test_operations_give_plain_tensors():
    p = nn.Parameter(torch.ones(2))
    assert type(p * 2) is torch.Tensor and isinstance(p, nn.Parameter) and not isinstance(p * 2, nn.Parameter)


def test_copies():
    p = nn.Parameter(torch.ones(2), requires_grad=False)
    p.note = "kept by pickle"
    for twin in (copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
        assert type(twin) is nn.Parameter and not twin.requires_grad and twin.tolist() == [1.0, 1.0]
        assert twin.data_ptr() != p.data_ptr()
    assert pickle.loads(pickle.dumps(p)).note == "kept by pickle"
    both = copy.deepcopy([p, p])
    assert both[0] is both[1]


def test_of_a_tensor_subclass():
    class Tagged(torch.Tensor):
        pass

    tagged = torch.Tensor._make_subclass(Tagged, torch.ones(2), False)
    p = nn.Parameter(tagged)
    assert isinstance(p, nn.Parameter) and type(p) is Tagged and p.requires_grad
