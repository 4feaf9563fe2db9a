"""The safetensors format: what is written is read, what is damaged or shared is refused."""

import json

import pytest

import steepest as torch
from steepest import safetensors

# {"b": int8 [1, 2], "a": float32 [[0.5], [2]]} as the safetensors package 0.8 writes it.
HEADER = b'{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"I8","shape":[2],"data_offsets":[8,10]}}'
WRITTEN = (112).to_bytes(8, "little") + HEADER.ljust(112) + b"\x00\x00\x00?\x00\x00\x00@\x01\x02"


def test_a_file_of_the_package():
    tensors = {"b": torch.tensor([1, 2], dtype=torch.int8), "a": torch.tensor([[0.5], [2.0]])}
    assert safetensors.save(tensors) == WRITTEN
    found = safetensors.load(WRITTEN)
    assert list(found) == ["a", "b"] and found["a"].equal(tensors["a"]) and found["b"].equal(tensors["b"])


@pytest.mark.parametrize("dtype", safetensors.NAMES, ids=str)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 1, 3)])
def test_types_and_shapes(dtype, shape, tmp_path):
    path = tmp_path / "x.safetensors"
    x = torch.ones(shape).to(dtype)
    safetensors.save_file({"x": x, "é": torch.zeros(1)}, path, {"format": "pt"})
    for found in (torch.load(path), safetensors.load_file(str(path))):
        assert found["x"].equal(x) and found["x"].dtype is dtype and found["x"].shape == shape and set(found) == {"x", "é"}
    length = int.from_bytes(path.read_bytes()[:8], "little")
    assert length % 8 == 0 and json.loads(path.read_bytes()[8 : 8 + length])["__metadata__"] == {"format": "pt"}


@pytest.mark.parametrize(
    "tensors, error, message",
    [
        (5, ValueError, "Expected a dict of"),
        ({"a": 1}, ValueError, "Key `a` is invalid, expected torch.Tensor but received <class 'int'>"),
        ({"a": torch.ones(2, 2).t()}, ValueError, "You are trying to save a non contiguous tensor: `a`"),
        ({"a": (x := torch.ones(2, 2)), "b": x[1]}, RuntimeError, "Some tensors share memory"),
    ],
)
def test_what_cannot_be_saved(tensors, error, message):
    with pytest.raises(error, match=message):
        safetensors.save(tensors)


def test_damaged_files():
    for end in range(len(WRITTEN)):
        with pytest.raises(ValueError, match="Error while deserializing"):
            safetensors.load(WRITTEN[:end])
    for old, new in [(b"F32", b"F99"), (b"[0,8]", b"[0,9]"), (b"[2,1]", b"[2,3]"), (b"[8,10]", b"[-1,9]"), (b'"shape"', b'"shaqe"')]:
        with pytest.raises(ValueError, match="Error while deserializing tensor"):
            safetensors.load(WRITTEN.replace(old, new))


def test_models(tmp_path):
    model, other = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    model.same, other.same = model.weight, other.weight
    safetensors.save_model(model, tmp_path / "m.safetensors")
    assert safetensors.load_model(other, tmp_path / "m.safetensors") == (set(), [])
    assert other.weight.equal(model.weight) and other.same is other.weight
    with pytest.raises(RuntimeError, match="missing"):
        safetensors.load_model(torch.nn.Sequential(torch.nn.Linear(2, 2)), tmp_path / "m.safetensors")
