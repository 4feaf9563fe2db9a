"""`python -m steepest check`: the names of PyTorch that a text uses."""

import json
from pathlib import Path

import pytest

from steepest import __main__, surface


def names(text):
    return [use.name for use in surface.names_in(text)]


@pytest.mark.parametrize(
    "text, found",
    [
        ("import torch\nx = torch.zeros(3).foo", ["torch", "torch.zeros"]),
        ("import torch as t\nt.nn.init.ones_(t.pi)", ["torch", "torch.nn.init.ones_", "torch.pi"]),
        ("import torch.nn.functional as F\nF.relu(1)", ["torch.nn.functional", "torch.nn.functional.relu"]),
        ("import torch.nn\ntorch.optim.SGD", ["torch.nn", "torch.optim.SGD"]),
        ("from torch import nn, optim as o\nclass A(nn.Module): x = o", ["torch.nn", "torch.nn.Module", "torch.optim"]),
        ("from torch.optim import SGD\nSGD([])", ["torch.optim.SGD"]),
        ("from torch.nn import *\nLinear(1, 2)\nprint", ["torch.nn", "torch.nn.Linear"]),
        ("import torch\nn = torch.nn\nn.Tanh()", ["torch", "torch.nn", "torch.nn.Tanh"]),
        ("import torch\ntorch.cuda.flag = True", ["torch", "torch.cuda"]),
        ("from torch import nn\ndef f(nn: nn.Module = nn.Tanh): return nn.made_up", ["torch.nn", "torch.nn.Module", "torch.nn.Tanh"]),
        ("from torch import nn\nf = lambda nn: nn.made_up", ["torch.nn"]),
        ("def f():\n    import torch\n    torch.ones\ntorch.zeros", ["torch", "torch.ones"]),
        ("import torchvision\nfrom . import torch\ntorch.zeros", []),
        ("import torch\n@torch.no_grad()\ndef f(x: torch.Tensor): pass", ["torch", "torch.Tensor", "torch.no_grad"]),
    ],
)
def test_names(text, found):
    assert names(text) == found


def test_lines():
    uses = surface.names_in("import torch\ntorch.ones(2)\n\ntorch.ones(3); torch.ones(4)")
    assert [(use.name, use.lines) for use in uses] == [("torch", [1]), ("torch.ones", [2, 4])]


@pytest.mark.parametrize("name", ["torch", "torch.nn.Linear", "torch.Tensor.add_", "torch.Tensor.grad", "torch.pi.hex"])
def test_present(name):
    assert surface.lookup(name)[0]


@pytest.mark.parametrize("name", ["torch.made_up", "torch.nn.made_up.deeper", "torch.Tensor.made_up", "torch.made_up.module"])
def test_missing(name):
    assert not surface.lookup(name)[0]


def test_command(tmp_path, capsys):
    ran = tmp_path / "ran"
    (tmp_path / "a.py").write_text(f"import torch\nopen({str(ran)!r}, 'w')\ntorch.ones(2)\ntorch.made_up()\n")
    cell = {"cell_type": "code", "source": ["%matplotlib inline\n", "from torch import nn\n", "nn.Tanh()"]}
    (tmp_path / "b.ipynb").write_text(json.dumps({"cells": [cell, {"cell_type": "markdown", "source": ["text"]}]}))
    with pytest.raises(SystemExit) as exit:
        __main__.main(["check", str(tmp_path)])
    lines = capsys.readouterr().out.replace(str(tmp_path), "").splitlines()
    assert exit.value.code == 1 and not ran.exists()
    assert lines == [
        "/a.py:         torch (line 1)",
        "/a.py: MISSING torch.made_up (line 4)",
        "/a.py:         torch.ones (line 3)",
        "/b.ipynb:         torch.nn (line 2)",
        "/b.ipynb:         torch.nn.Tanh (line 3)",
        "5 names of PyTorch, 1 missing",
    ]


def test_status(tmp_path, capsys):
    good, old = tmp_path / "good.py", tmp_path / "old.py"
    good.write_text("import torch\ntorch.ones(2)")
    old.write_text("print 'python 2'")
    assert surface.main([good], quiet=True) == 0 and capsys.readouterr().out == "2 names of PyTorch, 0 missing\n"
    assert surface.main([old, Path("absent.py")]) == 2
    assert capsys.readouterr().out.count("cannot be read") == 2


def test_names_that_only_refuse(tmp_path, capsys):
    path = tmp_path / "a.py"
    path.write_text("import torch\nfrom torch.distributed.fsdp import FSDPModule\ntorch.onnx.export()\ntorch.ones(2)\n")
    assert surface.main([path], quiet=True) == 1
    refused = ["torch.distributed.fsdp.FSDPModule (line 2)", "torch.onnx.export (line 3)"]
    assert capsys.readouterr().out.splitlines() == [
        *(f"{path}: REFUSES {line}" for line in refused), "4 names of PyTorch, 0 missing, 2 that refuse calls",
    ]  # fmt: skip
