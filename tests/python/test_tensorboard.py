"""Files of events: how records are framed, and what the summaries in them say."""

import struct
from types import SimpleNamespace

import pytest

import steepest as torch
from steepest.utils.tensorboard import SummaryWriter, _events


def fields(data):
    """A message as {number of a field: its values}."""
    found, place = {}, 0

    def varint():
        nonlocal place
        n = shift = 0
        while True:
            byte = data[place]
            n, shift, place = n | (byte & 127) << shift, shift + 7, place + 1
            if byte < 128:
                return n

    while place < len(data):
        key = varint()
        if key & 7 == 0:
            value = varint()
        else:
            size = {1: 8, 5: 4}.get(key & 7) or varint()
            value, place = data[place : place + size], place + size
            if key & 7 != 2:
                value = struct.unpack("<d" if size == 8 else "<f", value)[0]
        found.setdefault(key >> 3, []).append(value)
    return found


def events(folder):
    """The events of the one file in a folder."""
    (path,) = folder.glob("events.out.tfevents.*")
    data, found = path.read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        event = data[12 : 12 + length]
        assert struct.unpack("<I", data[8:12])[0] == _events._checksum(data[:8])
        assert struct.unpack("<I", data[12 + length : 16 + length])[0] == _events._checksum(event)
        found.append(fields(event))
        data = data[16 + length :]
    assert found[0][3] == [b"brain.Event:2"]
    return found[1:]


def values(folder):
    """(step, tag, value's fields) of each summary."""
    for event in events(folder):
        value = fields(fields(event[5][0])[1][0])
        yield event.get(2, [None])[0], value.pop(1)[0].decode(), value


@pytest.fixture
def writer(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        yield SimpleNamespace(add=writer, read=lambda: (writer.flush(), list(values(tmp_path)))[1])


def test_checksum():
    crc = (_events._checksum(b"123456789") - 0xA282EAD8) & 0xFFFFFFFF
    assert (crc << 15 | crc >> 17) & 0xFFFFFFFF == 0xE3069283


def test_scalars(writer, tmp_path):
    writer.add.add_scalar("a", torch.tensor([0.5]), 3)
    writer.add.add_scalar("b", 2)
    assert [(step, tag, value[2]) for step, tag, value in writer.read()] == [(3, "a", [0.5]), (None, "b", [2.0])]
    writer.add.add_scalars("x/y", {"train": 1, "test": 2.0}, 1)
    writer.add.flush()
    assert [(step, tag, value[2]) for step, tag, value in values(tmp_path / "x_y_test")] == [(1, "x/y", [2.0])]
    with pytest.raises(AssertionError, match="scalar should be 0D"):
        writer.add.add_scalar("c", torch.ones(2))


def test_histograms(writer):
    writer.add.add_histogram("h", torch.tensor([1.0, 2.0, 2.0, 5.0]), bins=[0, 1, 2, 3, 4, 5, 6])
    writer.add.add_histogram("g", torch.randn(100))
    (_, _, value), (_, _, other) = writer.read()
    histogram = fields(value[5][0])
    assert [histogram[i][0] for i in range(1, 6)] == [1, 5, 4, 10, 34]
    limits, counts = (struct.unpack(f"<{len(histogram[i][0]) // 8}d", histogram[i][0]) for i in (6, 7))
    assert limits == (1, 2, 3, 4, 5, 6) and counts == (0, 1, 2, 0, 0, 1)
    assert sum(struct.unpack(f"<{len(fields(other[5][0])[7][0]) // 8}d", fields(other[5][0])[7][0])) == 100
    with pytest.raises(ValueError, match="The input has no element"):
        writer.add.add_histogram("e", torch.ones(0))


def test_pictures(writer):
    writer.add.add_image("one", torch.rand(3, 4, 5))
    writer.add.add_image("plane", torch.zeros(4, 5, dtype=torch.uint8), dataformats="HW")
    writer.add.add_images("many", torch.rand(9, 1, 4, 5))
    sizes = [[fields(value[4][0])[i][0] for i in (1, 2, 3)] for _, _, value in writer.read()]
    assert sizes == [[4, 5, 3], [4, 5, 3], [8, 40, 3]]
    with pytest.raises(AssertionError, match="size of input tensor and input format are different"):
        writer.add.add_image("bad", torch.rand(4, 5))


def test_texts_sounds_and_curves(writer):
    writer.add.add_text("t", "hello")
    writer.add.add_audio("s", torch.zeros(1, 7), sample_rate=8000)
    writer.add.add_pr_curve("c", torch.tensor([0, 1, 1]), torch.tensor([0.1, 0.9, 0.4]), num_thresholds=3)
    (_, name, text), (_, _, sound), (_, _, curve) = writer.read()
    assert name == "t/text_summary" and fields(text[8][0])[8] == [b"hello"]
    assert [fields(sound[6][0])[i][0] for i in (1, 3)] == [8000, 7]
    rows = torch.tensor(struct.unpack("<18f", fields(curve[8][0])[5][0])).view(6, 3)
    assert rows[:2].tolist() == [[2, 1, 0], [1, 0, 0]] and torch.allclose(rows[5], torch.tensor([1, 0.5, 0]))


def test_hyperparameters(writer, tmp_path):
    writer.add.add_hparams({"lr": 0.1, "kind": "sgd", "nesterov": True}, {"accuracy": 0.5}, run_name="run", global_step=2)
    tags = [(step, tag) for step, tag, _ in values(tmp_path / "run")]
    names = [f"_hparams_/{name}" for name in ("experiment", "session_start_info", "session_end_info")]
    assert tags == [*((None, name) for name in names), (2, "accuracy")]
    with pytest.raises(TypeError, match="should be dictionaries"):
        writer.add.add_hparams([], {})


def test_embeddings(writer, tmp_path):
    writer.add.add_embedding(torch.eye(2), metadata=["a", "b"], label_img=torch.rand(2, 3, 4, 5), global_step=1, tag="e")
    assert (tmp_path / "00001/e/tensors.tsv").read_text() == "1.0\t0.0\n0.0\t1.0\n"
    assert (tmp_path / "00001/e/metadata.tsv").read_text() == "a\nb\n" and (tmp_path / "00001/e/sprite.png").exists()
    assert 'tensor_path: "00001/e/tensors.tsv"' in (tmp_path / "projector_config.pbtxt").read_text()
    with pytest.raises(AssertionError, match="mat should be 2D"):
        writer.add.add_embedding(torch.ones(2))


def test_graphs_and_what_comes_after_close(tmp_path):
    writer = SummaryWriter(tmp_path / "graph")
    writer.add_graph(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU()), torch.ones(1, 2))
    writer.close()
    nodes = [fields(node) for node in fields(events(tmp_path / "graph")[0][4][0])[1]]
    assert [node[2][0] for node in nodes] == [b"input", b"Linear", b"ReLU", b"output"] and nodes[2][3] == [b"Sequential/0"]
    writer = SummaryWriter(str(tmp_path / "again"))
    writer.close()
    writer.add_scalar("a", 1)
    assert len(list((tmp_path / "again").iterdir())) == 2 and writer.get_logdir() == str(tmp_path / "again")
    writer.close()
