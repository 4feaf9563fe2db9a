"""How bad input is tested: one expression a row, which has to raise PyTorch's exception and to leave every tensor as it was."""

import warnings

import numpy as np
import pytest

import steepest as torch


def tensors(library=torch):
    """The names that the expressions use: float, int, bool and recording tensors."""
    return {
        "a": library.arange(6.0).view(2, 3),
        "i": library.arange(4),
        "b": library.tensor([True, False]),
        "g": library.ones(2, 3, requires_grad=True),
    }


def check_refused(expression, kind, text):
    """`expression` raises exactly `kind`, whose message holds `text`; values, versions and gradients stay."""
    given = tensors()

    def state():
        return [(t.tolist(), t.shape, t.dtype, t._version, t.grad, t.requires_grad) for t in given.values()]

    before = state()
    with pytest.raises(kind) as caught, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # some warn before they refuse
        exec(expression, {"torch": torch, "np": np, **given})
    assert caught.type is kind
    assert text in str(caught.value)
    assert state() == before
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
