"""Connectionist temporal classification: gradients, lengths, what does not fit; the softmax in clusters."""

import pytest

import steepest as torch
from steepest import nn
from steepest.nn import functional as F

LOGITS = torch.linspace(-1, 1, 60, dtype=torch.float64).reshape(5, 3, 4).sin()
TARGETS = torch.tensor([[1, 2], [2, 2], [3, 1]])
STEPS, LABELS = torch.tensor([5, 5, 4]), torch.tensor([2, 2, 1])


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("targets", [TARGETS, torch.tensor([1, 2, 2, 2, 3])])
def test_gradients_through_log_softmax(reduction, targets):
    def loss(x):
        return F.ctc_loss(x.log_softmax(2), targets, STEPS, LABELS, reduction=reduction)

    assert torch.autograd.gradcheck(loss, [LOGITS.clone().requires_grad_()])


def test_no_second_derivative():
    x = LOGITS.log_softmax(2).requires_grad_()
    (grad,) = torch.autograd.grad(F.ctc_loss(x, TARGETS, STEPS, LABELS), x, create_graph=True)
    with pytest.raises(RuntimeError, match="^derivative for aten::_ctc_loss_backward is not implemented"):
        grad.sum().backward()


def test_one_sample_is_a_batch_of_one():
    x = LOGITS.log_softmax(2)
    one = F.ctc_loss(x[:, 0], TARGETS[0], (5,), (2,), reduction="none")
    assert one.shape == () and one == F.ctc_loss(x, TARGETS, STEPS, LABELS, reduction="none")[0]


def test_labels_that_do_not_fit():
    x = LOGITS.log_softmax(2).requires_grad_()
    steps = torch.tensor([1, 2, 5])
    assert F.ctc_loss(x, TARGETS, steps, LABELS, reduction="none").isinf().tolist() == [True, True, False]
    loss = nn.CTCLoss(reduction="sum", zero_infinity=True)(x, TARGETS, steps, LABELS)
    loss.backward()
    assert loss.isfinite() and not x.grad[:, :2].any() and x.grad[:, 2].any()


def test_changed_lengths_do_not_change_the_gradient():
    x = LOGITS.log_softmax(2).requires_grad_()
    steps = STEPS.clone()
    loss = F.ctc_loss(x, TARGETS, steps, LABELS)
    steps.zero_()
    loss.backward()
    assert x.grad[0].any()


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"blank": 4}, RuntimeError, "blank must be in label range"),
        ({"input_lengths": STEPS.double()}, RuntimeError, "input_lengths must be integral"),
        ({"input_lengths": torch.tensor([5, 6, 5])}, RuntimeError, "value at most 5, but got value 6"),
        ({"target_lengths": torch.tensor([2, -1, 1])}, RuntimeError, "value at least 0, but got value -1"),
        ({"target_lengths": torch.tensor([2, 1])}, RuntimeError, "target_lengths must be of size batch_size"),
        ({"targets": torch.tensor([1, 2, 3])}, RuntimeError, "size 5 at dimension 0, but got size 3"),
        ({"targets": TARGETS + 2}, IndexError, "Target 4 is out of bounds"),
        ({"log_probs": LOGITS.half()}, NotImplementedError, "not implemented for 'Half'"),
        ({"log_probs": LOGITS[:, :0]}, RuntimeError, "log_probs tensor must not be empty"),
        ({"reduction": "all"}, ValueError, "all is not a valid value for reduction"),
    ],
)
def test_wrong_arguments(change, error, text):
    good = {"log_probs": LOGITS, "targets": TARGETS, "input_lengths": STEPS, "target_lengths": LABELS}
    with pytest.raises(error, match=text):
        F.ctc_loss(**{**good, **change})


def test_clusters_are_one_distribution():
    torch.manual_seed(0)
    model = nn.AdaptiveLogSoftmaxWithLoss(8, 12, [3, 6], div_value=2.0, head_bias=True)
    assert [*model.state_dict()] == ["head.weight", "head.bias", *(f"tail.{k}.{i}.weight" for k in (0, 1) for i in (0, 1))]
    x, target = torch.randn(12, 8), torch.arange(12)
    log_prob = model.log_prob(x)
    assert torch.allclose(log_prob.exp().sum(1), torch.ones(12))
    output, loss = model(x, target)
    assert torch.allclose(output, log_prob[target, target]) and torch.allclose(loss, -output.mean())
    assert torch.equal(model.predict(x), log_prob.argmax(1))
    assert torch.allclose(model(x[7], target[7]).output, output[7])
    loss.backward()
    assert all(p.grad is not None for p in model.parameters())


@pytest.mark.parametrize("cutoffs", [[], [0, 3], [3, 3], [5, 3], [3, 12], [2.5]])
def test_wrong_cutoffs(cutoffs):
    with pytest.raises(ValueError, match="^cutoffs should be a sequence of"):
        nn.AdaptiveLogSoftmaxWithLoss(8, 12, cutoffs)


def test_wrong_targets_of_clusters():
    model = nn.AdaptiveLogSoftmaxWithLoss(8, 12, [3])
    with pytest.raises(RuntimeError, match=r"should be in \[0, 11\], but values in range \[1, 12\]"):
        model(torch.zeros(2, 8), torch.tensor([1, 12]))
    with pytest.raises(RuntimeError, match="^1D target tensor expects 2D input"):
        model(torch.zeros(2, 8, 1), torch.tensor([1, 2]))
