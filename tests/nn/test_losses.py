"""Losses: values by closed form, reductions, warnings and errors."""

import math

import pytest

import steepest as torch
from steepest import nn
from steepest.nn import functional as F

P = torch.tensor([0.2, 0.9])
T = torch.tensor([0.0, 1.0])
LOGITS = torch.tensor([[0.0, math.log(3.0)], [0.0, 0.0]])
CLASSES = torch.tensor([1, 0])


@pytest.mark.parametrize(
    ("loss", "terms", "x", "t"),
    [
        (nn.MSELoss, [0.04, 0.01], P, T),
        (nn.L1Loss, [0.2, 0.1], P, T),
        (nn.BCELoss, [-math.log(0.8), -math.log(0.9)], P, T),
        (nn.BCEWithLogitsLoss, [-math.log(0.8), -math.log(0.9)], torch.log(P / (1 - P)), T),
        (nn.NLLLoss, [-3.0, -2.0], torch.tensor([[1.0, 3.0], [2.0, 4.0]]), CLASSES),
        (nn.CrossEntropyLoss, [-math.log(0.75), math.log(2)], LOGITS, CLASSES),
    ],
)
def test_reductions(loss, terms, x, t):
    assert loss(reduction="none")(x, t).tolist() == pytest.approx(terms, rel=1e-5)
    assert loss(reduction="sum")(x, t).item() == pytest.approx(sum(terms), rel=1e-5)
    assert loss()(x, t).item() == pytest.approx(sum(terms) / 2, rel=1e-5)
    assert repr(loss()) == f"{loss.__name__}()"
    with pytest.raises(ValueError, match="median is not a valid value for reduction"):
        loss(reduction="median")(x, t)
    with pytest.warns(UserWarning, match="please use reduction='sum' instead"):
        assert loss(size_average=False).reduction == "sum"


def test_sizes_that_broadcast_warn():
    for loss in (F.mse_loss, F.l1_loss):
        with pytest.warns(UserWarning, match=r"target size \(torch.Size\(\[1\]\)\) that is different to the input"):
            assert loss(torch.tensor([1.0, 3.0]), torch.tensor([1.0])).item() in (2.0, 1.0)
    with pytest.raises(ValueError, match="that is different to the input size"):
        F.binary_cross_entropy(P, torch.ones(1))
    with pytest.raises(ValueError, match=r"Target size \(torch.Size\(\[1\]\)\) must be the same as input size"):
        F.binary_cross_entropy_with_logits(P, torch.ones(1))


def test_weights():
    w = torch.tensor([1.0, 3.0])
    assert F.mse_loss(P, T, weight=w).item() == pytest.approx((0.04 + 3 * 0.01) / 4)
    assert F.l1_loss(P, T, weight=w, reduction="sum").item() == pytest.approx(0.2 + 3 * 0.1)
    with pytest.raises(ValueError, match="Weights and input must have the same size"):
        F.mse_loss(P, T, weight=torch.ones(1))
    classes = nn.CrossEntropyLoss(weight=w)
    assert classes(LOGITS, CLASSES).item() == pytest.approx((-3 * math.log(0.75) + math.log(2)) / 4)
    assert list(classes.state_dict()) == ["weight"]
    doubled = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([2.0, 2.0]), reduction="none")(torch.zeros(2), T)
    assert doubled.tolist() == pytest.approx([math.log(2), 2 * math.log(2)])


def test_ignored_targets_and_smoothing():
    ignoring = nn.CrossEntropyLoss(ignore_index=0)
    assert ignoring(LOGITS, CLASSES).item() == pytest.approx(-math.log(0.75))
    smooth = nn.CrossEntropyLoss(label_smoothing=0.5)(LOGITS[:1], CLASSES[:1])
    assert smooth.item() == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25))
    probabilities = nn.CrossEntropyLoss()(LOGITS[:1], torch.tensor([[0.5, 0.5]]))
    assert probabilities.item() == pytest.approx(-0.5 * math.log(0.75) - 0.5 * math.log(0.25))


def test_gradient_of_mse():
    x = torch.tensor([1.0, 3.0], requires_grad=True)
    nn.MSELoss()(x, torch.zeros(2)).backward()
    assert x.grad.tolist() == [1.0, 3.0]
