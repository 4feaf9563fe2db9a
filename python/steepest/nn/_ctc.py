"""The loss of connectionist temporal classification, with the reduction by its name."""

from .. import _C
from ._reduction import check_reduction

__all__ = ["ctc_loss"]

_REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}


def ctc_loss(
    log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False
):
    """How unlikely the labels ``targets`` are over all their alignments with ``log_probs``; see :class:`steepest.nn.CTCLoss`.

    Example::

        >>> import steepest as torch
        >>> log_probs = torch.zeros(2, 1, 2).log_softmax(2)
        >>> torch.nn.functional.ctc_loss(log_probs, torch.tensor([[1]]), (2,), (1,))
        tensor(0.2877)
    """
    reduction = _REDUCTIONS[check_reduction(reduction)]
    return _C.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity)
