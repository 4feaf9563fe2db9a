"""Losses and embeddings as torch itself has them: arguments in the order of the ops, ways to reduce as numbers (0 none, 1 mean, 2 sum).

PyTorch's documents call the mean the default of `reduction`; what its functions do without it is none.
"""

from . import _C
from .nn import functional as F

__all__ = [
    "binary_cross_entropy_with_logits", "cosine_embedding_loss", "embedding", "embedding_bag", "hinge_embedding_loss", "kl_div",
    "margin_ranking_loss", "poisson_nll_loss", "triplet_margin_loss",
]

_REDUCTIONS = ("none", "mean", "sum")
_BAGS = ("sum", "mean", "max")


def _named(function, reduction):
    """The name of a way to reduce."""
    if not isinstance(reduction, int):
        raise TypeError(f"{function}(): argument 'reduction' must be int, not {type(reduction).__name__}")
    return _REDUCTIONS[reduction]


def kl_div(input, target, reduction=0, *, log_target=False):
    """See nn.functional.kl_div.

    >>> import steepest as torch
    >>> torch.kl_div(torch.zeros(2), torch.ones(2), 0)
    tensor([0., 0.])
    """
    return _C._nn.kl_div(input, target, _named("kl_div", reduction), log_target)  # without the warning of nn.functional


def binary_cross_entropy_with_logits(input, target, weight=None, pos_weight=None, reduction=0):
    """See nn.functional.binary_cross_entropy_with_logits."""
    reduction = _named("binary_cross_entropy_with_logits", reduction)
    return F.binary_cross_entropy_with_logits(input, target, weight, pos_weight=pos_weight, reduction=reduction)


def cosine_embedding_loss(input1, input2, target, margin=0.0, reduction=0):
    """See nn.functional.cosine_embedding_loss."""
    return F.cosine_embedding_loss(input1, input2, target, margin, reduction=_named("cosine_embedding_loss", reduction))


def hinge_embedding_loss(input, target, margin=1.0, reduction=0):
    """See nn.functional.hinge_embedding_loss."""
    return F.hinge_embedding_loss(input, target, margin, reduction=_named("hinge_embedding_loss", reduction))


def margin_ranking_loss(input1, input2, target, margin=0.0, reduction=0):
    """See nn.functional.margin_ranking_loss."""
    return F.margin_ranking_loss(input1, input2, target, margin, reduction=_named("margin_ranking_loss", reduction))


def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-06, swap=False, reduction=0):
    """See nn.functional.triplet_margin_loss."""
    return F.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction=_named("triplet_margin_loss", reduction))


def poisson_nll_loss(input, target, log_input, full, eps, reduction):
    """See nn.functional.poisson_nll_loss."""
    return F.poisson_nll_loss(input, target, log_input, full, eps=eps, reduction=_named("poisson_nll_loss", reduction))


def embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False):
    """The rows of `weight` that `indices` name; see nn.functional.embedding. A `padding_idx` below 0 is none.

    >>> import steepest as torch
    >>> torch.embedding(torch.eye(2), torch.tensor([1]))
    tensor([[0., 1.]])
    """
    return F.embedding(indices, weight, None if padding_idx < 0 else padding_idx, None, 2.0, scale_grad_by_freq, sparse)


def embedding_bag(weight, indices, offsets, scale_grad_by_freq=False, mode=0, sparse=False, per_sample_weights=None,
                  include_last_offset=False, padding_idx=None):
    """(sums, means or largest of the rows of each bag, and three tensors that PyTorch's derivative reads, empty here).

    mode: 0 sum, 1 mean, 2 max. See nn.functional.embedding_bag.
    """
    bags = F.embedding_bag(indices, weight, offsets, None, 2, scale_grad_by_freq, _BAGS[mode], sparse, per_sample_weights,
                           include_last_offset, padding_idx)
    return bags, *(indices.new_empty(0) for _ in range(3))
