"""A softmax over many classes in clusters: frequent classes cheaply, rare ones through narrow layers."""

from collections import namedtuple
from itertools import pairwise

from ... import argmax
from .. import functional as F
from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module

__all__ = ["AdaptiveLogSoftmaxWithLoss"]

_ASMoutput = namedtuple("_ASMoutput", ["output", "loss"])


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log-probabilities of ``n_classes`` classes, ordered by falling frequency, and the loss of targets among them.

    ``cutoffs`` are the first classes of the clusters behind the most frequent classes. The layer ``head`` scores those
    and one entry a cluster; each cluster scores its own from ``in_features // div_value**k`` features, for its number
    k from 1 on (Grave et al. 2017, arXiv:1609.04309).

    Shapes: input ``(N, in_features)`` and target ``(N,)``, or ``(in_features,)`` and ``()``. The result names
    ``output``, the log-probability of each target, and ``loss``, minus their mean. Raises ValueError for cutoffs that
    do not rise from 1 to ``n_classes - 1``, RuntimeError for targets that are no classes.

    Example::

        >>> import steepest as torch
        >>> model = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 10, cutoffs=[2, 5])
        >>> model(torch.zeros(1, 16), torch.tensor([1])).loss
        tensor(1.3863, grad_fn=<MeanBackward0>)
    """

    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0, head_bias=False, device=None, dtype=None):
        super().__init__()
        cutoffs = list(cutoffs)
        if not cutoffs:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        rising = all(low < high for low, high in pairwise(cutoffs))
        if not rising or cutoffs[0] <= 0 or cutoffs[-1] > n_classes - 1 or any(int(c) != c for c in cutoffs):
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, "
                "where each value is between 1 and n_classes-1"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cutoffs, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = cutoffs[0]
        self.n_clusters = len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        options = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **options)
        self.tail = ModuleList()
        for k, (low, high) in enumerate(pairwise(self.cutoffs), 1):
            width = int(in_features // div_value**k)
            narrow = Linear(in_features, width, bias=False, **options)
            self.tail.append(Sequential(narrow, Linear(width, high - low, bias=False, **options)))

    def reset_parameters(self):
        """Draw all parameters anew."""
        self.head.reset_parameters()
        for cluster in self.tail:
            for layer in cluster:
                layer.reset_parameters()

    def forward(self, input_, target_):
        batched = target_.dim() > 0
        _check(input_, target_)
        input = input_ if batched else input_.unsqueeze(0)
        target = target_ if batched else target_.unsqueeze(0)
        output = input.new_zeros(target.size(0))
        entries = target.new_empty(target.size(0))  # of the head
        found = 0
        for k, (low, high) in enumerate(pairwise([0, *self.cutoffs])):
            mask = (target >= low) & (target < high)
            rows = mask.nonzero().squeeze(1)
            if rows.numel() == 0:
                continue
            found += rows.numel()
            if k == 0:
                entries.index_copy_(0, rows, target[mask])
                continue
            entries.index_fill_(0, rows, self.shortlist_size + k - 1)
            scores = F.log_softmax(self.tail[k - 1](input.index_select(0, rows)), dim=1)
            within = scores.gather(1, (target[mask] - low).unsqueeze(1))
            output.index_copy_(0, rows, within.squeeze(1))
        if found != target.size(0):
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range "
                f"[{target.min().item()}, {target.max().item()}] were found. "
            )
        head = F.log_softmax(self.head(input), dim=1)
        output += head.gather(1, entries.unsqueeze(1)).squeeze()
        loss = (-output).mean()
        return _ASMoutput(output if batched else output.squeeze(0), loss)

    def _get_full_log_prob(self, input, head_output):
        head = F.log_softmax(head_output, dim=1)
        out = input.new_empty((head_output.size(0), self.n_classes))
        out[:, : self.shortlist_size] = head[:, : self.shortlist_size]
        for k, (low, high) in enumerate(pairwise(self.cutoffs)):
            scores = F.log_softmax(self.tail[k](input), dim=1)
            out[:, low:high] = scores + head[:, self.shortlist_size + k].unsqueeze(1)
        return out

    def log_prob(self, input):
        """Log-probabilities ``(N, n_classes)`` of all classes, for input ``(N, in_features)``."""
        return self._get_full_log_prob(input, self.head(input))

    def predict(self, input):
        """The most probable class of each row of input ``(N, in_features)``, as ``(N,)``."""
        head_output = self.head(input)
        output = argmax(head_output, dim=1)
        beyond = output >= self.shortlist_size  # a cluster is more probable than any of the frequent classes
        if beyond.any():
            output[beyond] = argmax(self._get_full_log_prob(input[beyond], head_output[beyond]), dim=1)
        return output


def _check(input, target):
    if target.dim() > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if target.dim() == 1 and input.size(0) != target.size(0):
        raise RuntimeError("Input and target should have the same size in the batch dimension.")
    if input.dim() != target.dim() + 1:
        raise RuntimeError(
            f"{target.dim()}D target tensor expects {target.dim() + 1}D input tensors, but found inputs with size {input.size()}"
        )
