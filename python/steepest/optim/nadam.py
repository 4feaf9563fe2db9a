"""NAdam: Adam that looks ahead along its momentum."""

from ._rules import RuleOptimizer, check_betas, check_common, check_not_negative

__all__ = ["NAdam"]


class NAdam(RuleOptimizer):
    """:class:`Adam` with Nesterov's momentum, which warms up at the rate ``momentum_decay`` (Dozat 2016,
    "Incorporating Nesterov Momentum into Adam"); the formulas stand in ``optim/_rules.py``.

    ``weight_decay`` adds ``weight_decay * p`` to the gradient, or with ``decoupled_weight_decay`` shrinks
    p itself. ``foreach`` and ``capturable`` are accepted: the update is always one fused pass.

    Raises ValueError for negative lr, eps, weight_decay or momentum_decay and for betas outside [0, 1).

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.NAdam([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.8944], requires_grad=True)
    """

    _rule = "nadam"

    def __init__(
        self,
        params,
        lr=2e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        momentum_decay=4e-3,
        decoupled_weight_decay=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
    ):
        check_common(lr, foreach, None, differentiable)
        check_not_negative("epsilon value", eps)
        check_betas(betas)
        check_not_negative("weight_decay value", weight_decay)
        check_not_negative("momentum_decay value", momentum_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)
