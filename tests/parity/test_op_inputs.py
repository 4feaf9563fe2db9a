"""What passed of PyTorch's own test inputs still passes: op_inputs.py against its list. A subset: see there which samples."""

import pytest

from parity.pair import torch

pytest.importorskip("torch.testing._internal.common_methods_invocations", reason="PyTorch's test data need packages of their own")

from parity.op_inputs import ops, read, run  # noqa: E402

VERSION, KNOWN = read()
if torch.__version__ != VERSION:
    pytest.skip(f"the list is of PyTorch {VERSION}, this is {torch.__version__}", allow_module_level=True)
OPS = ops()


def test_the_list_names_these_ops():
    assert KNOWN.keys() == OPS.keys()


@pytest.mark.parametrize("name", [name for name, known in KNOWN.items() if known is not None])
def test_what_passed_passes(name):
    number, failing = KNOWN[name]
    results = run(name, OPS[name])
    assert results is not None, "the function is gone"
    lost = [f"{key}: {text}" for key, text in results.items() if text and key not in failing]
    assert not lost, "\n".join(lost)
    assert len(results) == number, "other inputs than the list's: write it anew"
