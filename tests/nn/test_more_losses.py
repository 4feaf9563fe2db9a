"""Losses of margins, likelihoods and linear scores, distances and Embedding as layers."""

import math

import pytest

import steepest as torch
from steepest import nn
from steepest.nn import functional as F

X = torch.tensor([[0.5, -1.0, 2.0], [0.1, 0.2, 0.3]])


def test_gaussian_variances_of_every_form():
    full = F.gaussian_nll_loss(X, X + 1, torch.full((2, 3), 2.0))
    for var in (2.0, torch.tensor([2.0, 2.0]), torch.full((2, 1), 2.0)):
        assert torch.allclose(F.gaussian_nll_loss(X, X + 1, var), full)
    assert full.item() == pytest.approx((math.log(2) + 0.5) / 2)
    more = nn.GaussianNLLLoss(full=True)(X, X + 1, torch.full((2, 3), 2.0))
    assert more.item() == pytest.approx(full.item() + 0.5 * math.log(2 * math.pi))


@pytest.mark.parametrize("var", [-1.0, torch.tensor([[1.0, 1.0, -1.0]] * 2), torch.ones(2, 2), torch.ones(3)])
def test_wrong_variances(var):
    with pytest.raises(ValueError, match="negative entry|incorrect size"):
        F.gaussian_nll_loss(X, X, var)


def test_the_limit_of_the_variance_passes_gradients():
    var = torch.zeros(2, 3, requires_grad=True)
    F.gaussian_nll_loss(X, X + 1, var, eps=0.5).backward()
    assert (var.grad != 0).all() and (var == 0).all()


def test_linear_cross_entropy_is_both_in_one():
    weight, bias, target = torch.randn(4, 3), torch.randn(4), torch.tensor([1, 3])
    wanted = F.cross_entropy(F.linear(X, weight, bias), target)
    assert torch.equal(F.linear_cross_entropy(X, weight, target, linear_bias=bias), wanted)
    options = nn.LinearCrossEntropyOptions(batch_chunk_size=1)
    assert torch.equal(F.linear_cross_entropy(X, weight, target, linear_bias=bias, options=options), wanted)
    many = nn.LinearCrossEntropyLoss(3, 4, out_features=(2, 5), bias=True, reduction="none")
    assert many(X, torch.zeros(2, 2, 5, dtype=torch.int64)).shape == (2, 2, 5)
    with pytest.raises(RuntimeError, match="ignore_index cannot be specified"):
        F.linear_cross_entropy(X, weight, torch.rand(2, 4), ignore_index=1)
    with pytest.raises(RuntimeError, match="got 3 and 2, respectively"):
        F.linear_cross_entropy(X, torch.ones(4, 2), target)


@pytest.mark.parametrize("options", [{"batch_chunk_size": 0}, {"chunking_method": "x"}, {"acc_policy": "x"}, {"acc_dtype": 3}])
def test_unknown_options(options):
    with pytest.raises(ValueError):
        nn.LinearCrossEntropyOptions(**options)


@pytest.mark.parametrize(
    "call, error, text",
    [
        (lambda: nn.TripletMarginLoss(margin=0), ValueError, "margin must be greater than 0, got 0"),
        (lambda: nn.MultiMarginLoss(p=3), ValueError, "only p == 1 and p == 2 supported"),
        (lambda: nn.HuberLoss(delta=1j), TypeError, "delta must be a float or int"),
        (lambda: F.multi_margin_loss(X, torch.tensor([0, 3])), RuntimeError, "target out of range"),
        (lambda: F.multilabel_margin_loss(X, torch.full((2, 3), 3)), RuntimeError, "'target' is out of range"),
        (lambda: F.margin_ranking_loss(X, X, torch.ones(2)), RuntimeError, "should have same dimension"),
        (lambda: F.soft_margin_loss(X, X, reduction="abc"), ValueError, "abc is not a valid value for reduction"),
        (lambda: F.multilabel_soft_margin_loss(X, X, reduction="abc"), ValueError, "abc is not valid"),
        (lambda: F.softshrink(X, -0.5), RuntimeError, r"lambda must be in range \[0, 3.40282e\+38\] for input dtype Float"),
        (lambda: torch.cdist(X, X[0]), RuntimeError, "at least 2D tensors, X2 got: 1D"),
        (lambda: F.pdist(X, -1.0), RuntimeError, "non-negative p values"),
        (lambda: F.prelu(X, torch.ones(2)), RuntimeError, "Found parameter numbers = 2 and channel size = 3"),
        (lambda: F.glu(X), RuntimeError, "Halving dimension must be even, but dimension 1 is size 3"),
        (lambda: nn.Embedding(3, 2, padding_idx=3), AssertionError, "Padding_idx must be within num_embeddings"),
        (lambda: nn.Embedding(3, 2)(torch.tensor([3])), IndexError, "index out of range in self"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_distance_functions_of_ones_own():
    loss = nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: (a - b).abs().sum(-1), swap=True, reduction="none")
    assert torch.allclose(loss(X, X + 1, X + 2), torch.tensor([1.0, 1.0]))


def test_two_ways_to_euclidean_distances():
    a, b = torch.randn(40, 7), torch.randn(30, 7)
    one, two = torch.cdist(a, b), torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")
    assert torch.allclose(one, two, atol=1e-4)
    zero = torch.ones(1, 2, requires_grad=True)
    torch.cdist(zero, zero.detach()).sum().backward()
    assert zero.grad.tolist() == [[0.0, 0.0]]


def test_gumbel_softmax():
    logits = torch.tensor([[1.0, 2.0, 3.0]] * 2, requires_grad=True)
    hard = F.gumbel_softmax(logits, tau=0.5, hard=True)
    assert hard.sum(1).tolist() == [1.0, 1.0]
    (hard * torch.arange(3.0)).sum().backward()
    assert (logits.grad != 0).any()
    torch.manual_seed(0)
    soft = F.gumbel_softmax(logits)
    torch.manual_seed(0)
    assert torch.equal(F.gumbel_softmax(logits.t().contiguous().t()), soft)


def test_embedding():
    m = nn.Embedding(4, 3, padding_idx=-1)
    assert m.padding_idx == 3 and m.weight[3].tolist() == [0.0] * 3
    m(torch.tensor([[0, 3], [0, 1]])).sum().backward()
    assert m.weight.grad[:, 0].tolist() == [2.0, 1.0, 0.0, 0.0]
    assert repr(nn.Embedding(2, 3, max_norm=1.0, sparse=True)) == "Embedding(2, 3, max_norm=1.0, sparse=True)"
    table = nn.Embedding.from_pretrained(torch.tensor([[3.0, 4.0]]), max_norm=1.0)
    assert not table.weight.requires_grad
    assert torch.allclose(table(torch.tensor([0])), torch.tensor([[0.6, 0.8]]))
    assert torch.allclose(table.weight, torch.tensor([[0.6, 0.8]]))
