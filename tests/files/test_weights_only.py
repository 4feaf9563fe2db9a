"""What load refuses to run, what programs may allow, and what it says."""

import io
import os
import pickle
import pickletools
from collections import OrderedDict

import pytest

import steepest as torch
from files import written
from steepest import serialization
from steepest._weights_only_unpickler import load as read


class Runs:
    """Unpickling it runs a command."""

    def __init__(self, function, *arguments):
        self.how = function, arguments

    def __reduce__(self):
        return self.how


class Settings:
    def __init__(self):
        self.lr = 0.1


class Slotted:
    __slots__ = ("a",)


class Counting(torch.nn.Linear):
    """Runs code when it is unpickled."""

    def __setstate__(self, state):
        state["seen"] = True
        super().__setstate__(state)


def load(obj, **options):
    file = io.BytesIO()
    torch.save(obj, file)
    file.seek(0)
    return torch.load(file, **options)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("function", [os.mkdir, eval, exec, open, getattr, torch.load, torch.ones, print])
def test_nothing_runs(function, protocol, tmp_path):
    target = tmp_path / "made"
    text = str(target) if function is os.mkdir else f"__import__('os').mkdir({str(target)!r})"
    with pytest.raises(pickle.UnpicklingError):
        read(io.BytesIO(pickle.dumps([Runs(function, text)], protocol)), lambda pid: None)
    file = io.BytesIO()
    torch.save([Runs(function, text)], file, pickle_protocol=max(protocol, 2))
    file.seek(0)
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(file)
    assert not target.exists()


def test_the_text():
    with pytest.raises(pickle.UnpicklingError) as error:
        load(Settings())
    text, name = str(error.value), f"{Settings.__module__}.Settings"
    assert text.startswith("Weights only load failed. This file can still be loaded, to do so you have two options, \033[1mdo those steps")
    assert f"WeightsUnpickler error: Unsupported global: GLOBAL {name} was not an allowed global by default." in text
    assert f"Please use `torch.serialization.add_safe_globals([{name}])` or the `torch.serialization.safe_globals([{name}])`" in text
    assert text.endswith("https://pytorch.org/docs/stable/generated/torch.load.html.")
    with pytest.raises(pickle.UnpicklingError, match="whose module (posix|nt) is blocked"):
        load(Runs(os.mkdir, "x"))
    with pytest.raises(pickle.UnpicklingError, match=r"GLOBAL eval was not an allowed global"):
        load(Runs(eval, "1"))


def test_allowing():
    settings = Settings()
    settings.lr = 0.3
    with serialization.safe_globals([Settings]):
        assert load(settings).lr == 0.3 and serialization.get_safe_globals() == [Settings]
    with pytest.raises(pickle.UnpicklingError):
        load(settings)
    serialization.add_safe_globals([Settings, (Settings, "other.Name")])
    try:
        assert load(settings).lr == 0.3
        with serialization.safe_globals([Settings]):
            pass
        assert len(serialization.get_safe_globals()) == 2
    finally:
        serialization.clear_safe_globals()
    assert serialization.get_safe_globals() == []


def test_allowing_modules():
    model = torch.nn.Sequential(torch.nn.Linear(1, 2), Counting(2, 2))
    needed = [torch.nn.Sequential, torch.nn.Linear, Counting]
    with serialization.safe_globals(needed), pytest.raises(pickle.UnpicklingError, match="Can only build|not an allowed global"):
        load([model, Settings()])
    with serialization.safe_globals(needed):
        other = load(model)
    assert other[1].seen and other(torch.ones(1)).equal(model(torch.ones(1)))


def test_slots():
    slotted = Slotted()
    slotted.a = 5
    with serialization.safe_globals([Slotted]):
        assert load(slotted).a == 5


def test_wrong_entries():
    for entry, error in [((Settings,), ValueError), ((Settings, 5), TypeError)]:
        with serialization.safe_globals([entry]), pytest.raises(error, match="Expected"):
            load(1)


def assemble(*parts):
    """A pickle of these operations."""
    return b"\x80\x02" + b"".join(parts) + b"."


@pytest.mark.parametrize(
    "data, message",
    [
        (assemble(b"(lp0\n"), "Unsupported operand 112"),
        (assemble(b"N", b"}", b"b"), "Can only build Tensor, Parameter, OrderedDict or types allowlisted"),
        (assemble(b"ctorch\nfloat32\n", b"}", b"b"), "Can only build"),
        (assemble(b"ctorch._utils\n_rebuild_tensor_v2\n", b"}", b"b"), "Can only build"),
        (assemble(b"ctorch\nFloatStorage\n", b")", b"R"), "Trying to call reduce for unrecognized function"),
        (assemble(b"ctorch\nfloat32\n", b")", b"\x81"), "Can only create new object for nn.Parameter or classes"),
        (assemble(b"N", b"N", b"a"), "Can only append to lists"),
        (assemble(b"N", b"(", b"e"), "Can only extend lists"),
        (assemble(b"N", b"N", b"N", b"s"), "Can only SETITEM for dict"),
        (assemble(b"N", b"(", b"u"), "Can only SETITEMS for dict"),
        (assemble(b"N", b"Q"), "persistent_load id must be tuple or int"),
        (assemble(b"U\x06module\x85", b"Q"), "Only persistent_load of storage is allowed"),
        (assemble(b"h\x07"), "damaged"),
        (assemble(), "damaged"),
        (assemble(b"a"), "damaged"),
        (assemble(b"t"), "damaged"),
        (assemble(b"\xff"), "Unsupported operand 255"),
        (b"\x80\x09N.", "unsupported pickle protocol: 9"),
    ],
)
def test_damaged_pickles(data, message):
    with pytest.raises(pickle.UnpicklingError, match=message):
        read(io.BytesIO(data), lambda pid: None)


def test_every_shortening_of_a_pickle_is_refused():
    data = pickle.dumps([OrderedDict(a=(1, 2.5, None, True, "text", 2**40)), {"b": [1, 2]}], 2)
    assert read(io.BytesIO(data), None) == pickle.loads(data)
    for end in range(len(data)):
        with pytest.raises((EOFError, pickle.UnpicklingError)):
            read(io.BytesIO(data[:end]), None)


@pytest.mark.parametrize("protocol", range(2, 6))
def test_all_protocols(protocol):
    values = [OrderedDict(a=1), {"x": {1, 2}}, frozenset([3]), "é" * 300, b"x" * 300, 2**300, -5, 1.5, (1, 2, 3, 4), [[]] * 3]
    data = pickle.dumps(values, protocol)
    if protocol < 4:
        data = pickle.dumps(values[:2] + values[3:], protocol)
    assert read(io.BytesIO(pickletools.optimize(data)), None) == pickle.loads(data)


def test_what_a_file_names():
    def names(obj):
        file = io.BytesIO()
        torch.save(obj, file)
        file.seek(0)
        return serialization.get_unsafe_globals_in_checkpoint(file)

    own = f"{Settings.__module__}.Settings"
    assert names([Settings(), torch.ones(2), {1}, OrderedDict(a=2)]) == [own]
    assert names(torch.nn.Linear(1, 1)) == ["torch.nn.modules.linear.Linear"]
    with serialization.safe_globals([Settings]):
        assert names(Settings()) == []
    with pytest.raises(ValueError, match="Expected input to be a checkpoint returned by torch.save"):
        serialization.get_unsafe_globals_in_checkpoint(io.BytesIO(written.LEGACY))


def test_settings(monkeypatch):
    assert load(Settings(), pickle_module=pickle).lr == 0.1
    with pytest.raises(RuntimeError, match="Can not safely load weights when explicit pickle_module is specified"):
        load(1, pickle_module=pickle, weights_only=True)
    with pytest.warns(UserWarning, match="pickle_load_args only works if"):
        load(1, encoding="ascii")
    monkeypatch.setenv("TORCH_FORCE_WEIGHTS_ONLY_LOAD", "1")
    with pytest.raises(pickle.UnpicklingError):
        load(Settings(), weights_only=False)
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "true")
    with pytest.raises(RuntimeError, match="Only one of"):
        load(1)
    monkeypatch.delenv("TORCH_FORCE_WEIGHTS_ONLY_LOAD")
    assert load(Settings()).lr == 0.1
