"""What tests/python/test_errors_*.py say of PyTorch's exceptions is true: their types and texts."""

import warnings

import numpy as np
import pytest

from bad_input import tensors
from parity.pair import error_text, torch
from python import test_errors_data, test_errors_layers, test_errors_linalg, test_errors_operands

ROWS = [row for module in (test_errors_data, test_errors_layers, test_errors_linalg, test_errors_operands) for row in module.ROWS]


@pytest.mark.parametrize(("expression", "kind", "text"), ROWS, ids=[row[0] for row in ROWS])
def test_row(expression, kind, text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        name, message = error_text(exec, expression, {"torch": torch, "np": np, **tensors(torch)})
    assert name == kind.__name__
    assert text in message
