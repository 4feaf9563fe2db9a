"""Containers of modules and parameters."""

from collections import OrderedDict

import pytest

import steepest as torch
from steepest import nn


def kinds(container):
    return [type(m).__name__ for m in container]


@pytest.fixture
def three():
    return nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Identity())


def test_sequential_indexing(three):
    assert len(three) == 3 and kinds([three[0], three[-1]]) == ["ReLU", "Identity"]
    assert kinds(three[1:]) == ["Tanh", "Identity"] and list(three[1:]._modules) == ["1", "2"]
    three[1] = nn.Sigmoid()
    del three[0]
    assert kinds(three) == ["Sigmoid", "Identity"] and list(three._modules) == ["0", "1"]
    assert isinstance(getattr(three, "0"), nn.Sigmoid) and not hasattr(three, "2")
    del three[:]
    assert len(three) == 0 and repr(three) == "Sequential()"
    with pytest.raises(IndexError, match="index 3 is out of range"):
        three[3]


def test_sequential_growing(three):
    three.insert(1, nn.Sigmoid()).append(nn.GELU()).extend([nn.SiLU()])
    assert kinds(three) == ["ReLU", "Sigmoid", "Tanh", "Identity", "GELU", "SiLU"]
    assert isinstance(three.pop(-1), nn.SiLU)
    assert kinds(three[:1] + three[:2]) == ["ReLU", "ReLU", "Sigmoid"]
    assert kinds(three[:2] * 2) == kinds(2 * three[:2]) == ["ReLU", "Sigmoid"] * 2
    three[:1].__imul__(3)
    grown = three[:1]
    grown *= 3
    grown += three[1:2]
    assert kinds(grown) == ["ReLU"] * 3 + ["Sigmoid"]
    with pytest.raises(ValueError, match="Non-positive multiplication factor 0"):
        three * 0
    with pytest.raises(ValueError, match="add operator supports only objects of Sequential class"):
        three + [nn.ReLU()]


def test_sequential_of_names():
    m = nn.Sequential(OrderedDict(first=nn.ReLU(), second=nn.Identity()))
    assert m.first is m[0] and m(torch.tensor(-1.0)).item() == 0.0
    assert repr(m) == "Sequential(\n  (first): ReLU()\n  (second): Identity()\n)"


def test_module_list():
    m = nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Linear(1, 1)])
    m.insert(0, nn.Tanh())
    m += [nn.Identity()]
    assert kinds(m) == ["Tanh", "ReLU", "ReLU", "Linear", "Identity"] and len(list(m.parameters())) == 2
    assert repr(m) == (
        "ModuleList(\n  (0): Tanh()\n  (1-2): 2 x ReLU()\n"
        "  (3): Linear(in_features=1, out_features=1, bias=True)\n  (4): Identity()\n)"
    )
    assert kinds(m[1:3] + m[:1]) == ["ReLU", "ReLU", "Tanh"]
    m.pop(0)
    m[0] = nn.Sigmoid()
    assert kinds(m) == ["Sigmoid", "ReLU", "Linear", "Identity"] and m[-1] is m[3]
    with pytest.raises(TypeError, match="should be called with an iterable, but got int"):
        m.extend(3)
    with pytest.raises(NotImplementedError):
        m(1)


def test_module_dict():
    m = nn.ModuleDict({"b": nn.ReLU(), "a": nn.Linear(1, 1)})
    m.update([("c", nn.Tanh())])
    m["d"] = nn.Identity()
    assert list(m) == list(m.keys()) == ["b", "a", "c", "d"] and "a" in m and len(m) == 4
    assert isinstance(m.pop("c"), nn.Tanh) and not hasattr(m, "c")
    assert [k for k, _ in m.items()] == ["b", "a", "d"] and kinds(m.values())[0] == "ReLU"
    m.clear()
    assert len(m) == 0 and not hasattr(m, "a")
    with pytest.raises(KeyError, match="attribute 'type' already exists"):
        m["type"] = nn.ReLU()
    with pytest.raises(ValueError, match="#0 has length 1; 2 is required"):
        m.update([("x",)])


def test_parameter_list():
    m = nn.ParameterList([torch.ones(2, 3), "text"])
    m.append(torch.zeros(1)).extend([nn.Parameter(torch.ones(1))])
    assert len(m) == 4 and [n for n, _ in m.named_parameters()] == ["0", "2", "3"]
    assert repr(m) == (
        "ParameterList(\n    (0): Parameter containing: [torch.float32 of size 2x3]\n"
        "    (1): Object of type: str\n    (2): Parameter containing: [torch.float32 of size 1]\n"
        "    (3): Parameter containing: [torch.float32 of size 1]\n)"
    )
    m[-1] = torch.full((1,), 5.0)
    assert m[3].item() == 5.0 and len(m[1:]) == 3 and list(m)[1] == "text"
    with pytest.raises(IndexError, match="index 4 is out of range"):
        m[4]
    with pytest.raises(RuntimeError, match="should not be called"):
        m()


def test_parameter_dict():
    m = nn.ParameterDict({"b": torch.ones(1), "a": 3})
    assert list(m) == ["a", "b"] and list(reversed(m)) == ["b", "a"] and m.get("z") is None
    assert repr(m) == (
        "ParameterDict(\n    (a): Object of type: int\n"
        "    (b): Parameter containing: [torch.FloatTensor of size 1]\n)"
    )
    assert m.setdefault("c", torch.zeros(1)) is m["c"] and isinstance(m["c"], nn.Parameter)
    joined = m | nn.ParameterDict([("d", torch.ones(1))])
    assert list(joined) == ["a", "b", "c", "d"] and joined["c"] is m["c"]
    assert joined.popitem()[0] == "d" and joined.pop("a") == 3 and list(joined.keys()) == ["b", "c"]
    assert [k for k, _ in joined.items()] == ["b", "c"] and len(list(joined.values())) == 2
    joined.clear()
    assert len(joined) == 0 and list(m.fromkeys(["x"], 1).items()) == [("x", 1)]
    with pytest.raises(TypeError, match="not a string"):
        m[1] = torch.ones(1)
