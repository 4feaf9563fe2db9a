"""Files for TensorBoard: what they say of tensors, and what is said without the package that writes them."""

import struct
import sys

import pytest
from tensorboardX.proto.event_pb2 import Event

import steepest as torch


def values(folder):
    """{(tag, step): value} of the one file in a folder."""
    (path,) = folder.glob("events.out.tfevents.*")
    data, found = path.read_bytes(), {}
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        event = Event.FromString(data[12 : 12 + length])
        found |= {(value.tag, event.step): value for value in event.summary.value}
        data = data[16 + length :]
    return found


def test_tensors_are_written(tmp_path):
    from steepest.utils.tensorboard import SummaryWriter

    with SummaryWriter(tmp_path) as writer:
        assert writer.log_dir == str(tmp_path)
        writer.add_scalar("loss", torch.tensor(0.5, requires_grad=True), 3)
        writer.add_scalar("plain", 2)
        writer.add_histogram(tag="weights", values=torch.arange(10.0), global_step=4)
        writer.add_text("note", "written")
        with pytest.raises(NotImplementedError, match="add_graph is not part of steepest"):
            writer.add_graph(torch.nn.Linear(1, 1))
    found = values(tmp_path)
    assert found["loss", 3].simple_value == 0.5 and found["plain", 0].simple_value == 2
    assert (found["weights", 4].histo.num, found["weights", 4].histo.max) == (10, 9)


def test_several_numbers_by_name(tmp_path):
    from steepest.utils.tensorboard import SummaryWriter

    with SummaryWriter(tmp_path) as writer:
        writer.add_scalars("losses", {"train": torch.tensor(1.0), "test": 2.0}, 1)
    (found,) = (values(folder) for folder in (tmp_path / "losses").iterdir() if folder.name == "train")
    assert [value.simple_value for value in found.values()] == [1.0]


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    monkeypatch.delitem(sys.modules, "steepest.utils.tensorboard", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'steepest\[tensorboard\]'"):
        import steepest.utils.tensorboard  # noqa: F401
