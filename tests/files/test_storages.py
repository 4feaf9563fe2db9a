"""Storages: which memory it is, what stands in it, and tensors laid on it."""

import copy
import io
import pickle

import pytest

import steepest as torch


def test_the_same_memory():
    x = torch.arange(6.0).view(2, 3)
    assert x.untyped_storage().data_ptr() == x.data_ptr() == x[1].untyped_storage().data_ptr() == x.storage().data_ptr()
    assert x.clone().untyped_storage().data_ptr() != x.data_ptr()
    assert x[1].untyped_storage().nbytes() == len(x.untyped_storage()) == 24 and x[1].storage().size() == 6
    x.storage()[0] = 5
    assert x[0, 0] == 5 and x.storage().tolist() == [5, 1, 2, 3, 4, 5] and list(x.storage()) == x.storage().tolist()
    x.untyped_storage().fill_(0)
    assert x.sum() == 0


def test_small_tensors_let_go_last():
    storage = torch.tensor(1.0).untyped_storage()
    assert bytes(storage.tolist()) == b"\x00\x00\x80?"


def test_making_them():
    assert torch.UntypedStorage(3).nbytes() == 3 and torch.UntypedStorage([1, 2]).tolist() == [1, 2] and len(torch.UntypedStorage()) == 0
    assert torch.UntypedStorage([1, 2, 3])[1] == 2 and torch.UntypedStorage([1, 2, 3])[1:].tolist() == [2, 3]
    floats = torch.FloatStorage([1.0, 2.0])
    assert isinstance(floats, torch.FloatStorage) and not isinstance(floats, torch.LongStorage) and floats.nbytes() == 8
    assert torch.is_storage(floats) and torch.is_storage(floats.untyped()) and not torch.is_storage(torch.ones(1))
    assert repr(torch.FloatStorage) == "<class 'torch.FloatStorage'>" and floats.type() == "torch.FloatStorage"
    assert repr(floats) == " 1.0\n 2.0\n[torch.storage.TypedStorage(dtype=torch.float32, device=cpu) of size 2]"
    assert torch.LongStorage(2).copy_(floats).tolist() == [1, 2] and torch.BoolStorage(1).fill_(True)[0] is True
    with pytest.raises(RuntimeError):
        torch.UntypedStorage(-1)
    with pytest.raises(RuntimeError, match="slices are only supported in UntypedStorage"):
        floats[:1]


def test_copies():
    x = torch.FloatStorage([1.0])
    for other in (copy.copy(x), copy.deepcopy(x), x.clone(), pickle.loads(pickle.dumps(x)), pickle.loads(pickle.dumps(x.untyped()))):
        assert other.nbytes() == 4 and other.data_ptr() != x.data_ptr() and bytes(other.untyped().tolist()) == bytes(x.untyped().tolist())
    file = io.BytesIO()
    torch.save({"s": x, "t": torch.ones(1)}, file)
    file.seek(0)
    assert torch.load(file)["s"].tolist() == [1.0]


def test_laying_tensors_on_them():
    x = torch.zeros(1)
    memory = torch.FloatStorage([0.0, 1.0, 2.0, 3.0])
    assert x.set_(memory) is x and x.tolist() == [0, 1, 2, 3]
    assert x.set_(memory, 1, (2,), (2,)).tolist() == [1, 3] and x.storage_offset() == 1
    assert x.set_(torch.ones(2, 2)).shape == (2, 2) and x.set_().shape == (0,)
    with pytest.raises(RuntimeError, match="Could not set tensor of type"):
        x.set_(torch.ones(2).long())
    for place in [(3, (2,)), (-1, (1,)), (0, (2,), (-1,)), (0, (2, 2), (1,)), (0, (2**62, 4), (4, 1))]:
        with pytest.raises(RuntimeError):
            x.set_(memory, *place)


def test_slices_share_memory():
    x = torch.arange(4, dtype=torch.int32)
    part = x.untyped_storage()[4:12]
    part[0] = 9
    assert x.tolist() == [0, 9, 2, 3] and torch.asarray(part, dtype=torch.int32).tolist() == [9, 2]
    torch.asarray(x.storage())[3] = 7
    assert x[3] == 7


def test_files_as_memory(tmp_path):
    path = str(tmp_path / "numbers")
    x = torch.from_file(path, shared=True, size=3, dtype=torch.int16)
    x.copy_(torch.tensor([1, 2, 3]))
    assert torch.from_file(path, size=2, dtype=torch.int16).fill_(0).tolist() == [0, 0]
    assert torch.ShortStorage.from_file(path, size=3).tolist() == [1, 2, 3]
    assert torch.UntypedStorage.from_file(path, False, 4).tolist() == [1, 0, 2, 0]
    assert torch.from_file(path, size=0).shape == (0,)
    with pytest.raises(RuntimeError, match="size <6> is smaller than the required mapping size <8>"):
        torch.UntypedStorage.from_file(path, False, 8)
    with pytest.raises(RuntimeError, match="unable to open file <.*absent> in read-only mode: No such file"):
        torch.from_file(str(tmp_path / "absent"), size=1)
