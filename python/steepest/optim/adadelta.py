"""Adadelta: steps whose size follows the sizes of past gradients and past steps."""

from ._rules import RuleOptimizer, check_common, check_not_negative

__all__ = ["Adadelta"]


class Adadelta(RuleOptimizer):
    """``p -= lr * sqrt(a + eps) / sqrt(s + eps) * g`` with running means s of ``g**2`` and a of the
    squares of what multiplies ``lr`` (Zeiler 2012, arXiv:1212.5701).

    ``rho`` is the weight of the past in both. ``foreach`` and ``capturable`` are accepted: the update is
    always one fused pass.

    Raises ValueError for a negative lr, eps or weight_decay and for rho outside [0, 1].

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.Adadelta([w], lr=10.0)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.9684], requires_grad=True)
    """

    _rule = "adadelta"

    def __init__(
        self,
        params,
        lr=1.0,
        rho=0.9,
        eps=1e-6,
        weight_decay=0,
        foreach=None,
        *,
        capturable=False,
        maximize=False,
        differentiable=False,
    ):
        check_common(lr, foreach, None, differentiable)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_not_negative("epsilon value", eps)
        check_not_negative("weight_decay value", weight_decay)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)
