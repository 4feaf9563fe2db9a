"""The loss module of connectionist temporal classification."""

from .. import functional as F
from ._loss import _Loss

__all__ = ["CTCLoss"]


class CTCLoss(_Loss):
    """Negative log likelihood of label sequences, summed over all alignments with the steps of a longer sequence.

    Shapes: log_probs ``(T, N, C)``, or ``(T, C)`` for one sample, log-probabilities as ``log_softmax`` gives them, of
    float32 or float64; targets ``(N, S)``, or all samples' labels behind one another ``(sum(target_lengths),)``;
    input_lengths and target_lengths ``(N,)``, integer tensors or tuples. The result is 0-d, or ``(N,)`` for
    reduction="none"; the mean is that of loss / target length. An alignment names a class of each step; runs of a class
    count once, then ``blank`` goes. Labels that do not fit into the steps cost ``inf``, or 0 where ``zero_infinity``.
    The gradient is that by the logits before ``log_softmax``, and has no derivative (Graves et al. 2006).

    Raises RuntimeError where sizes or lengths do not fit together, IndexError where a label is no class.

    Example::

        >>> import steepest as torch
        >>> log_probs = torch.zeros(2, 1, 2).log_softmax(2)
        >>> torch.nn.CTCLoss()(log_probs, torch.tensor([[1]]), torch.tensor([2]), torch.tensor([1]))
        tensor(0.2877)
    """

    __constants__ = ["blank", "reduction"]

    def __init__(self, blank=0, reduction="mean", zero_infinity=False):
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(self, log_probs, targets, input_lengths, target_lengths):
        return F.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )
