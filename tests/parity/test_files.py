"""Files written by one library and read by the other: the same values, layouts, sharing and classes."""

import collections
import importlib
import io
import warnings

import pytest

from parity.pair import st, torch
from steepest import _pickles

PAIRS = [(torch, st), (st, torch)]
both_ways = pytest.mark.parametrize("writer, reader", PAIRS, ids=["from PyTorch", "to PyTorch"])
both_forms = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])


def travel(make, writer, reader, zipped, weights_only=False):
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyTorch, about sources of modules
        writer.save(make(writer), file, _use_new_zipfile_serialization=zipped)
        file.seek(0)
        return reader.load(file, weights_only=weights_only)


@both_ways
@both_forms
@pytest.mark.parametrize("dtype", "float16 bfloat16 float32 float64 int8 uint8 int16 int32 int64 bool".split())
def test_types(writer, reader, zipped, dtype):
    x = travel(lambda lib: lib.tensor([0, 1, 1]).to(getattr(lib, dtype)), writer, reader, zipped, True)
    assert x.dtype is getattr(reader, dtype) and x.tolist() == [0, 1, 1]


@both_ways
@both_forms
def test_sharing(writer, reader, zipped):
    def make(lib):
        x = lib.arange(6.0).view(2, 3)
        return {"x": x, "row": x[1], "t": x.t(), "empty": lib.zeros(0, 2), "p": lib.nn.Parameter(lib.ones(1))}

    found = travel(make, writer, reader, zipped, True)
    found["row"].fill_(9)
    assert found["x"].tolist() == [[0, 1, 2], [9, 9, 9]] and found["t"].stride() == (1, 3) and found["t"][0, 1] == 9
    assert type(found["p"]) is reader.nn.Parameter and found["p"].requires_grad and found["empty"].shape == (0, 2)


@both_ways
@both_forms
def test_modules(writer, reader, zipped):
    def make(lib):
        layers = collections.OrderedDict(a=lib.nn.Linear(2, 3), b=lib.nn.ReLU(), c=lib.nn.Sequential(lib.nn.Linear(3, 1), lib.nn.Dropout()))
        model = lib.nn.Sequential(layers).eval()
        model.register_buffer("seen", lib.ones(1))
        return model

    model = travel(make, writer, reader, zipped)
    assert type(model) is reader.nn.Sequential and repr(model) == repr(make(reader)) and not model.training
    assert list(model.state_dict()) == ["seen", "a.weight", "a.bias", "c.0.weight", "c.0.bias"]
    assert type(vars(model)["_modules"]).__name__ in ("dict", "Members")
    model(reader.ones(4, 2)).sum().backward()
    assert model.a.weight.grad.shape == (3, 2)


@both_ways
def test_checkpoints(writer, reader):
    def make(lib):
        model = lib.nn.Linear(2, 1)
        optimizer = lib.optim.Adam(model.parameters(), lr=0.5)
        model(lib.ones(2)).sum().backward()
        optimizer.step()
        states = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
        return {**states, "size": model.weight.shape, "type": lib.float64}

    found = travel(make, writer, reader, True, True)
    model = reader.nn.Linear(2, 1)
    optimizer = reader.optim.Adam(model.parameters())
    assert str(model.load_state_dict(found["model"])) == "<All keys matched successfully>"
    optimizer.load_state_dict(found["optimizer"])
    assert optimizer.param_groups[0]["lr"] == 0.5 and optimizer.state[model.weight]["exp_avg"].shape == (1, 2)
    assert found["size"] == (1, 2) and type(found["size"]) is reader.Size and found["type"] is reader.float64


def test_modules_are_named_as_in_pytorch():
    wrong = []
    for name, cls in vars(st.nn).items():
        if isinstance(cls, type) and issubclass(cls, st.nn.Module) and hasattr(torch.nn, name):
            place = _pickles.torch_name(cls)
            there = getattr(importlib.import_module(place[0]), place[1], None)
            own = getattr(torch.nn, name)
            if there is not own or _pickles.find(own.__module__, name) is not cls:
                wrong.append((name, place, own.__module__))
    assert wrong == []
