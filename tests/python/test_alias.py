"""`python -m steepest run`: scripts written for PyTorch, in processes of their own."""

import subprocess
import sys

import pytest

from steepest.torch_version import TorchVersion


def run(tmp_path, text, *arguments, flags=()):
    (tmp_path / "script.py").write_text(text)
    command = [sys.executable, "-m", "steepest", "run", *flags, *arguments]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)


IMPORTS = """
import sys, importlib, helper
import torch, torch.nn as nn, torch.nn.functional as F, torch.nn.modules.linear
from torch import optim
from torch.optim.sgd import SGD
from torch.nn import functional
from torch.autograd import Variable
print(sys.argv, __name__, __file__, helper.zero().tolist())
print(torch.__version__, torch.__version__ > "2.9", torch.version.__version__)
print(nn is torch.nn, F is functional, SGD is optim.SGD, nn.Linear is torch.nn.modules.linear.Linear)
print(torch.__spec__.name, importlib.import_module("torch.nn").__name__)
try:
    import torch.absent
except ModuleNotFoundError as error:
    print(error, error.name)
try:
    import package_that_is_absent
except ModuleNotFoundError as error:
    print(error)
sys.exit(3)
"""


def test_imports_arguments_and_exit(tmp_path):
    (tmp_path / "helper.py").write_text("from torch import zeros\n\ndef zero():\n    return zeros(1)\n")
    result = run(tmp_path, IMPORTS, "script.py", "--lr", "0.1", "-h")
    assert result.stdout.splitlines() == [
        "['script.py', '--lr', '0.1', '-h'] __main__ script.py [0.0]",
        "2.13.0+steepest True 2.13.0+steepest",
        "True True True True",
        "steepest torch.nn",
        "No module named 'torch.absent' torch.absent",
        "No module named 'package_that_is_absent'",
    ]
    assert result.returncode == 3 and result.stderr == ""


CHILDREN = """
import multiprocessing, subprocess, sys, torch

def work(queue):
    queue.put((torch.__version__, torch.ones(2).tolist()))

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    process = context.Process(target=work, args=(queue,))
    process.start()
    print(queue.get())
    process.join()
    subprocess.run([sys.executable, "-c", "import torch.nn as nn; print(nn.__name__)"], check=True)
"""


def test_processes_that_the_script_starts_see_the_alias(tmp_path):
    result = run(tmp_path, CHILDREN, "script.py")
    assert result.stdout.splitlines() == ["('2.13.0+steepest', [1.0, 1.0])", "torch.nn"], result.stderr


TYPES = """
import copy, io, pickle, torch
from torch import nn, optim
model = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
print(type(model[0]), type(model), type(model[0].weight), nn.Module, optim.SGD, torch.Tensor, torch.Size)
print(type(pickle.loads(pickle.dumps(model))[0]), type(copy.deepcopy(model)[1]))
file = io.BytesIO()
torch.save({"model": model, "state": model.state_dict()}, file)
file.seek(0)
print(torch.load(file, weights_only=False)["model"], b"steepest" in file.getvalue())
"""


def test_types_are_printed_as_pytorchs(tmp_path):
    result = run(tmp_path, TYPES, "script.py")
    assert result.stderr == "" and result.stdout.splitlines()[:2] == [
        "<class 'torch.nn.modules.linear.Linear'> <class 'torch.nn.modules.container.Sequential'> "
        "<class 'torch.nn.parameter.Parameter'> <class 'torch.nn.modules.module.Module'> <class 'torch.optim.sgd.SGD'> "
        "<class 'torch.Tensor'> <class 'torch.Size'>",
        "<class 'torch.nn.modules.linear.Linear'> <class 'torch.nn.modules.activation.ReLU'>",
    ]
    assert result.stdout.endswith("(1): ReLU()\n) False\n")


def test_an_uncaught_exception_shows_the_script_only(tmp_path):
    result = run(tmp_path, "import torch\ndef f():\n    torch.ones(2) @ torch.ones(3)\nf()\n", "script.py")
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):" and lines[1] == '  File "script.py", line 4, in <module>'
    assert "steepest" not in "".join(lines[1:4]) and lines[-1].startswith("RuntimeError: ")


def test_modules_run_too(tmp_path):
    result = run(tmp_path, "import sys, torch\nprint(sys.argv[1:], __name__, torch.__version__)\n", "script", "a", flags=["-m"])
    assert result.stdout == "['a'] __main__ 2.13.0+steepest\n", result.stderr


def test_a_script_that_is_not_there(tmp_path):
    result = run(tmp_path, "", "absent.py")
    assert result.returncode == 2 and "No such file or directory" in result.stderr and "Traceback" not in result.stderr


VERSION = TorchVersion("2.13.0+cpu")


@pytest.mark.parametrize("older", ["2.13.0", "2.13", "2.9", (2, 13), (2, 13, 0), "2.13.0a0", "v1.10", "2.13.0+abc", [2, 9, 1]])
def test_versions_compare_by_number(older):
    assert VERSION > older and VERSION >= older and VERSION != older and not VERSION < older and not VERSION <= older


def test_versions_are_texts():
    assert VERSION == "2.13.0+cpu" and VERSION.split("+")[0] == "2.13.0" and {VERSION: 1}["2.13.0+cpu"] == 1
    assert VERSION < "2.13.1" and VERSION < "parrot"
    assert VERSION != 5 and VERSION is not None
    with pytest.raises(TypeError):
        assert VERSION < 5
