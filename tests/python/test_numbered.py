"""Losses and embeddings under torch itself: the functions of nn.functional, with numbers for the ways to reduce."""

import pytest

import steepest as torch
from steepest.nn import functional as F

X, Y, Z = (torch.linspace(a, a + 0.5, 12).view(4, 3) for a in (0.1, 0.3, 0.2))
SIGNS = torch.tensor([1.0, -1.0, 1.0, 1.0])
LOSSES = [
    ("kl_div", (X.log(), Y)), ("binary_cross_entropy_with_logits", (X, Y)), ("cosine_embedding_loss", (X, Y, SIGNS)),
    ("hinge_embedding_loss", (X[:, 0], SIGNS)), ("margin_ranking_loss", (X[:, 0], Y[:, 0], SIGNS)), ("triplet_margin_loss", (X, Y, Z)),
]


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize(("name", "args"), LOSSES, ids=[name for name, _ in LOSSES])
def test_losses(name, args):
    for number, reduction in enumerate(("none", "mean", "sum")):
        assert torch.equal(getattr(torch, name)(*args, reduction=number), getattr(F, name)(*args, reduction=reduction))
    assert torch.equal(getattr(torch, name)(*args), getattr(F, name)(*args, reduction="none"))
    with pytest.raises(TypeError, match=rf"{name}\(\): argument 'reduction' must be int, not str"):
        getattr(torch, name)(*args, reduction="mean")


def test_arguments_in_the_order_of_the_ops():
    weight = torch.tensor([1.0, 2.0, 3.0])
    expected = F.binary_cross_entropy_with_logits(X, Y, weight, pos_weight=weight + 1, reduction="sum")
    assert torch.equal(torch.binary_cross_entropy_with_logits(X, Y, weight, weight + 1, 2), expected)
    assert torch.equal(torch.poisson_nll_loss(X, Y, False, True, 1e-8, 2), F.poisson_nll_loss(X, Y, False, True, reduction="sum"))
    assert torch.equal(torch.kl_div(X.log(), Y.log(), 2, log_target=True), F.kl_div(X.log(), Y.log(), reduction="sum", log_target=True))
    rows = torch.tensor([[1, 2], [0, 0]])
    assert torch.equal(torch.embedding(X, rows), X[rows])
    assert torch.equal(torch.bilinear(X, Y, torch.ones(2, 3, 3)), F.bilinear(X, Y, torch.ones(2, 3, 3)))
    bags, *rest = torch.embedding_bag(X, torch.tensor([0, 1, 3]), torch.tensor([0, 2]), mode=1)
    assert torch.equal(bags, torch.stack([(X[0] + X[1]) / 2, X[3]])) and len(rest) == 3
