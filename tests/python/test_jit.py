"""Modules and functions of torch.jit: they compute the same, look compiled, and have files."""

import copy
import io
import pickle
import typing

import pytest

import steepest as torch
from steepest import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
        self.again = self.body
        self.register_buffer("scale", torch.tensor(2.0))
        self.steps = 0

    def forward(self, x):
        self.steps += 1
        return self.body(x) * self.scale

    def twice(self, x):
        return self.forward(x) + self.forward(x)


@torch.jit.script
def powers(x, n: int = 2):
    """x to the n."""
    return x**n


@pytest.mark.parametrize("make", [torch.jit.script, lambda m: torch.jit.trace(m, torch.ones(2, 2))], ids=["script", "trace"])
def test_modules(make):
    plain = Net().eval()
    net, x = make(plain), torch.randn(4, 2)
    assert isinstance(net, torch.jit.ScriptModule) and not isinstance(plain, torch.jit.ScriptModule) and net.original_name == "Net"
    assert torch.equal(net(x), plain(x)) and torch.equal(net.twice(x), 2 * plain(x)) and not net.training
    assert net.body[0].weight is plain.body[0].weight and net.again is net.body and net.body is not plain.body
    assert list(net.state_dict()) == list(plain.state_dict()) and torch.jit.script(net) is net
    net.train()
    assert net.body.training and not plain.body.training
    assert repr(net).splitlines()[:4] == [
        "RecursiveScriptModule(",
        "  original_name=Net",
        "  (body): RecursiveScriptModule(",
        "    original_name=Sequential",
    ]
    with pytest.raises(NotImplementedError, match="RecursiveScriptModule has no compiled program to show"):
        net.graph  # noqa: B018


def test_files_of_modules(tmp_path):
    net, x = torch.jit.script(Net().eval()), torch.randn(4, 2)
    net.save(tmp_path / "net.pt")
    found = torch.jit.load(tmp_path / "net.pt", map_location="cpu")
    assert torch.equal(found(x), net(x)) and found.original_name == "Net" and found.again is found.body
    file = io.BytesIO()
    torch.jit.save(net, file, _extra_files={"note": "hello"})
    extra = {"note": "", "other": ""}
    torch.jit.load(io.BytesIO(file.getvalue()), _extra_files=extra)
    assert extra == {"note": b"hello", "other": ""}
    torch.save({"a": 1}, tmp_path / "other.pt")
    with pytest.raises(RuntimeError, match="the file is none of torch.jit.save's"):
        torch.jit.load(tmp_path / "other.pt")
    with pytest.raises(AttributeError, match="'Linear' object has no attribute 'save'"):
        torch.jit.save(nn.Linear(1, 1), file)


def test_copies():
    net, x = torch.jit.script(Net().eval()), torch.randn(4, 2)
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert isinstance(other, torch.jit.RecursiveScriptModule) and torch.equal(other(x), net(x))
        assert other.body[0].weight is not net.body[0].weight


def test_functions(tmp_path):
    assert isinstance(powers, torch.jit.ScriptFunction) and powers.name == "powers" and powers.__doc__ == "x to the n."
    assert powers(torch.tensor(3.0), n=3) == 27
    powers.save(tmp_path / "powers.pt")
    assert torch.jit.load(tmp_path / "powers.pt") is powers
    assert torch.jit.trace(lambda x: x + 1, torch.ones(1))(torch.ones(2)).tolist() == [2, 2]
    assert torch.jit.script(Net) is Net


def test_paths_without_a_file(tmp_path):
    with pytest.raises(ValueError, match="The provided filename .*none.pt does not exist"):
        torch.jit.load(tmp_path / "none.pt")
    with pytest.raises(ValueError, match="The provided filename .* is a directory"):
        torch.jit.load(str(tmp_path))


@pytest.mark.parametrize(("obj", "target", "expected"), [
    ({"a": 1.0}, dict[str, float], True),
    ({"a": 1}, dict[str, float], False),
    ({"a": [1]}, typing.Dict[str, typing.List[int]], True),  # noqa: UP006
    ([], list[str], True),
    ([1, "a"], list[int], False),
    ((1, "a"), tuple[int, str], True),
    ((1,), tuple[int, str], False),
    (None, int | None, True),
    ("a", int | None, False),
    (1, int | str, True),
    ([1], (list[str], list[int]), True),
    (1, typing.Any, True),
])
def test_types_with_what_they_contain(obj, target, expected):
    assert torch.jit.isinstance(obj, target) is expected


def test_types_that_do_not_say_what_they_contain():
    for target in (list, typing.List, dict, typing.Tuple):  # noqa: UP006
        with pytest.raises(RuntimeError, match=f"Attempted to use {target.__name__} without"):
            torch.jit.isinstance([], target)
