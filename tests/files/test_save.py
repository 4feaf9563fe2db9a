"""save and load: values, sharing, types and attributes survive; PyTorch's files are read; failures leave files alone."""

import collections
import io
import os
import pickle
import stat
import threading
import zipfile

import pytest

import steepest as torch
from files import written


def again(obj, weights_only=True, **options):
    file = io.BytesIO()
    torch.save(obj, file, **options)
    file.seek(0)
    return torch.load(file, weights_only=weights_only)


FORMS = [{}, {"_use_new_zipfile_serialization": False}, {"pickle_protocol": 4}, {"pickle_protocol": 5}]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", "float16 bfloat16 float32 float64 int8 uint8 int16 int32 int64 bool".split())
def test_types(dtype, form):
    x = torch.tensor([0, 1, 1]).to(getattr(torch, dtype))
    y = again(x, **form)
    assert y.dtype is x.dtype and y.equal(x) and type(y) is torch.Tensor


@pytest.mark.parametrize("form", FORMS)
def test_sharing_and_layout(form):
    x = torch.arange(6.0).view(2, 3)
    empty = {"empty": torch.zeros(0, 2), "ints": torch.empty(0, dtype=torch.int64)}
    other = again({"x": x, "t": x.t(), "row": x[1], "same": x, **empty}, **form)
    assert other["t"].stride() == (1, 3) and other["row"].storage_offset() == 3 and other["same"] is other["x"]
    other["row"].fill_(9)
    assert other["x"].tolist() == [[0, 1, 2], [9, 9, 9]] and other["t"].tolist() == [[0, 9], [1, 9], [2, 9]]
    assert other["empty"].shape == (0, 2) and other["ints"].dtype is torch.int64 and x[1, 0] == 3


@pytest.mark.parametrize("form", FORMS)
def test_gradients_and_attributes(form):
    x = torch.ones(2, requires_grad=True)
    x.note = "kept"
    p = torch.nn.Parameter(torch.ones(1), requires_grad=False)
    p.tag = 3
    y, q, z = again([x, p, x * 2], **form)
    assert y.requires_grad and y.is_leaf and y.note == "kept"
    assert type(q) is torch.nn.Parameter and not q.requires_grad and q.tag == 3
    assert z.requires_grad and z.is_leaf and z.tolist() == [2, 2]


VALUES = [
    None, True, 0, 255, -1, 65536, 2**31, 2**70, -(2**70), 1.5, "é", "x" * 300, b"ab", b"x" * 300, 1j, (), (1,), (1, 2), (1, 2, 3),
    (1, 2, 3, 4), [], [1], [1, 2], {}, {"a": [1]}, {1, 2}, bytearray(b"x"), collections.OrderedDict(a=1), collections.Counter("aab"),
    torch.float16, torch.Size([1, 2]), torch.device("cpu"), torch.device("cuda:1"), torch.strided,
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_stands_around_tensors(value, form):
    other = again([value, value], **form)
    assert other == [value, value] and type(other[0]) is type(value)


class Tagged(torch.Tensor):
    """A subclass that pickle finds."""


def test_subclasses():
    x = torch.ones(2).as_subclass(Tagged)
    x.tag = "a"
    y = again([x], weights_only=False)[0]
    assert type(y) is Tagged and y.tag == "a" and y.tolist() == [1, 1]
    with torch.serialization.safe_globals([Tagged]):
        assert type(again([x])[0]) is Tagged


@pytest.mark.parametrize("form", FORMS)
def test_modules(form):
    model = torch.nn.Sequential(collections.OrderedDict(a=torch.nn.Linear(2, 3), b=torch.nn.ReLU(), c=torch.nn.Dropout(0.25)))
    model.eval().register_buffer("seen", torch.ones(1))
    model.register_forward_hook(hook)
    other = again(model, weights_only=False, **form)
    assert repr(other) == repr(model) and not other.training and other(torch.ones(2)).equal(model(torch.ones(2)))
    assert [name for name, _ in other.named_parameters()] == ["a.weight", "a.bias"] and len(other._forward_hooks) == 1
    state = again(model.state_dict(), **form)
    assert type(state) is collections.OrderedDict and state._metadata == model.state_dict()._metadata
    assert str(other.load_state_dict(state)) == "<All keys matched successfully>"


def hook(module, arguments, output):
    return output + 1


def test_optimizers_resume():
    w = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.Adam([w], lr=0.5)
    w.sum().backward()
    optimizer.step()
    other = torch.optim.Adam([w])
    other.load_state_dict(again(optimizer.state_dict()))
    assert other.param_groups[0]["lr"] == 0.5 and other.state[w]["exp_avg"].equal(optimizer.state[w]["exp_avg"])


def test_names_in_the_file_are_pytorchs():
    file = io.BytesIO()
    # a text that looks like the naming of a class
    torch.save([torch.nn.Linear(1, 1), "csteepest.nn.modules.linear\nLinear\n", torch.zeros(1, dtype=torch.bfloat16)], file)
    with zipfile.ZipFile(file) as archive:
        assert {name.partition("/")[2] for name in archive.namelist()} >= {"data.pkl", "version", "byteorder", "data/0"}
        data = archive.read("archive/data.pkl")
        for info in archive.infolist():
            name_length = len(info.filename)
            assert (info.header_offset + 30 + name_length + len(info.extra)) % 64 == 0
    assert data.count(b"steepest") == 1 and b"ctorch.nn.modules.linear\nLinear\n" in data and b"ctorch\nBFloat16Storage\n" in data
    file.seek(0)
    assert torch.load(file, weights_only=False)[1].startswith("csteepest")


@pytest.mark.parametrize("data", [written.ZIP, written.LEGACY])
def test_files_of_pytorch(data):
    found = torch.load(io.BytesIO(data))
    assert list(found) == ["x", "part", "half", "p", "n"] and found["n"] == 3
    assert found["x"].tolist() == [[0, 3], [1, 4], [2, 5]] and found["x"].stride() == (1, 3)
    assert found["part"].data_ptr() == found["x"].data_ptr() + 12
    assert found["half"].dtype is torch.bfloat16 and found["half"].item() == 0.5
    assert type(found["p"]) is torch.nn.Parameter and found["p"].requires_grad


def test_a_module_of_pytorch():
    model = torch.load(io.BytesIO(written.MODULE), weights_only=False)
    assert type(model) is torch.nn.Sequential and type(model[0]) is torch.nn.Linear and model(torch.ones(3, 1)).shape == (3, 2)


def test_paths(tmp_path):
    path = tmp_path / "a.pt"
    torch.save(torch.ones(2), path)
    assert torch.load(path).tolist() == torch.load(str(path)).tolist() == [1, 1]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    path.chmod(0o600)
    torch.save(torch.zeros(1), str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and os.listdir(tmp_path) == ["a.pt"]
    link = tmp_path / "link.pt"
    link.symlink_to(path)
    torch.save(torch.ones(3), link)
    assert link.is_symlink() and torch.load(path).tolist() == [1, 1, 1]
    torch.save(torch.ones(2), os.devnull)


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.pt"
    torch.save(torch.ones(2), path)
    with pytest.raises(TypeError):
        torch.save({"x": torch.zeros(9), "lock": threading.Lock()}, path)
    assert torch.load(path).tolist() == [1, 1] and os.listdir(tmp_path) == ["a.pt"]


def test_bad_files(tmp_path):
    with pytest.raises(RuntimeError, match="Parent directory .*absent does not exist"):
        torch.save(1, tmp_path / "absent" / "a.pt")
    with pytest.raises(AttributeError, match="expected 'f' to be string, path, or a file-like object"):
        torch.save(1, 5)
    with pytest.raises(FileNotFoundError):
        torch.load(tmp_path / "absent.pt")
    with pytest.raises(RuntimeError, match="view the same data as different types"):
        x = torch.zeros(2)
        torch.save([x, x.view(torch.int32)], io.BytesIO())
    with pytest.raises(AttributeError, match="You can only torch.load from a file that is seekable"):
        torch.load(object())
    with pytest.raises(EOFError):
        torch.load(io.BytesIO())
    with pytest.raises(RuntimeError, match="Invalid magic number; corrupt file"):
        torch.load(io.BytesIO(pickle.dumps(1, 2)))
    for end in (5, 200, len(written.ZIP) - 1):
        with pytest.raises(RuntimeError, match="PytorchStreamReader failed"):
            torch.load(io.BytesIO(written.ZIP[:end]))
    for end in range(1, len(written.LEGACY), 7):
        with pytest.raises((RuntimeError, EOFError, pickle.UnpicklingError)):
            torch.load(io.BytesIO(written.LEGACY[:end]))


def changed(old, new):
    """PyTorch's file with other bytes of the same length in its pickle."""
    source, target = zipfile.ZipFile(io.BytesIO(written.ZIP)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            archive.writestr(name, data.replace(old, new) if name.endswith("data.pkl") else data)
    target.seek(0)
    return target


def test_tensors_stay_within_their_memory():
    assert torch.load(changed(b"", b""))["n"] == 3
    sizes, offset, count = b"K\x03K\x02\x86", b"K\x00K\x03K\x02\x86", b"cpuq\x07K\x06"
    for old, new in [(offset, b"K\x01K\x03K\x02\x86"), (sizes, b"K\xffK\xff\x86"), (count, b"cpuq\x07K\x07")]:
        with pytest.raises(RuntimeError, match="out of bounds for storage|expected 7 elements"):
            torch.load(changed(old, new))


def test_locations():
    def on_gpu():
        return changed(b"X\x03\x00\x00\x00cpu", b"X\x04\x00\x00\x00cuda")

    with pytest.raises(RuntimeError, match="Attempting to deserialize object on a CUDA device but torch.cuda.is_available"):
        torch.load(on_gpu())
    seen = []
    for where in ("cpu", torch.device("cpu"), {"cuda": "cpu"}, lambda storage, location: seen.append(location) or storage):
        assert torch.load(on_gpu(), map_location=where)["part"].tolist() == [3, 4, 5]
    assert set(seen) == {"cuda"}
    with pytest.raises(RuntimeError, match="CUDA"):
        torch.load(on_gpu(), map_location=lambda storage, location: None)
    with pytest.raises(RuntimeError, match=r"don't know how to restore data location .*\(tagged with moon\)"):
        torch.load(io.BytesIO(written.ZIP), map_location="moon")


def test_memory_maps(tmp_path):
    path = tmp_path / "a.pt"
    path.write_bytes(written.ZIP)
    found = torch.load(path, mmap=True)
    found["part"].fill_(7)
    assert found["x"].tolist() == [[0, 7], [1, 7], [2, 7]] and torch.load(path)["part"].tolist() == [3, 4, 5]
    with pytest.raises(ValueError, match="f must be a file path in order to use the mmap argument"):
        torch.load(io.BytesIO(written.ZIP), mmap=True)
    path.write_bytes(written.LEGACY)
    with pytest.raises(RuntimeError, match="mmap can only be used with files saved with"):
        torch.load(path, mmap=True)


def test_files_within_files():
    file = io.BytesIO(b"before" + written.ZIP)
    file.seek(6)
    assert torch.load(file)["n"] == 3
    several = io.BytesIO()
    for i in range(3):
        torch.save({"i": i}, several, _use_new_zipfile_serialization=False)
    several.seek(0)
    assert [torch.load(several)["i"] for _ in range(3)] == [0, 1, 2]


def test_a_file_like_object_is_told_that_all_is_written():
    class Sender(io.BytesIO):
        sent = b""

        def flush(self):
            self.sent = self.getvalue()

    for zipped in (True, False):
        sender = Sender()
        torch.save(torch.ones(2), sender, _use_new_zipfile_serialization=zipped)
        assert torch.load(io.BytesIO(sender.sent)).tolist() == [1.0, 1.0]


def test_programs_tell_where_storages_lie(monkeypatch):
    from steepest import _places

    monkeypatch.setattr(_places, "_packages", list(_places._packages))
    seen = []
    register = torch.serialization.register_package
    register(5, lambda s: "mine" if s.nbytes() == 12 else None, lambda s, at: seen.append(at) if at == "mine" else None)
    register(20, lambda s: "never", lambda s, at: s if at == "mine" else None)
    assert [torch.serialization.location_tag(torch.ones(n).untyped_storage()) for n in (3, 2)] == ["mine", "cpu"]
    file = io.BytesIO()
    torch.save(torch.arange(3.0), file)
    file.seek(0)
    assert torch.load(file).tolist() == [0.0, 1.0, 2.0] and seen == ["mine"]
    file.seek(0)
    with pytest.raises(RuntimeError, match="don't know how to restore data location of .* nowhere"):
        torch.load(file, map_location="nowhere")


def test_files_without_elements():
    x, whole, empty = torch.arange(4.0), io.BytesIO(), io.BytesIO()
    torch.save([x, x[1:]], whole)
    with torch.serialization.skip_data():
        torch.save([x, x[1:]], empty)
        whole.seek(0)
        skipped = torch.load(whole)
    assert len(whole.getvalue()) == len(empty.getvalue())
    empty.seek(0)
    for read in (skipped, torch.load(empty)):
        assert [t.tolist() for t in read] == [[0.0] * 4, [0.0] * 3]
        assert read[0].data_ptr() == read[1].untyped_storage().data_ptr()
