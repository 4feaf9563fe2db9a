"""SGD: gradient descent, with momentum if wanted."""

from ._rules import RuleOptimizer, check_common, check_not_negative

__all__ = ["SGD"]


class SGD(RuleOptimizer):
    """``p -= lr * g``, where ``g`` is the gradient, plus ``weight_decay * p``, smoothed by ``momentum``.

    With momentum, ``b = momentum * b + (1 - dampening) * g`` takes the place of g, starting at the
    first g; with ``nesterov``, ``g + momentum * b`` does (Sutskever et al. 2013). ``maximize`` goes
    uphill. ``foreach`` and ``fused`` are accepted: the update is always one fused pass.

    Raises ValueError for negative lr, momentum or weight_decay, and for nesterov without momentum or
    with dampening.

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.SGD([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.8000], requires_grad=True)
    """

    _rule = "sgd"

    def __init__(
        self,
        params,
        lr=1e-3,
        momentum=0,
        dampening=0,
        weight_decay=0,
        nesterov=False,
        *,
        maximize=False,
        foreach=None,
        differentiable=False,
        fused=None,
    ):
        check_common(lr, foreach, fused, differentiable)
        check_not_negative("momentum value", momentum)
        check_not_negative("weight_decay value", weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def _sparse_step(self, group, parameters):
        from ._sparse import sgd

        for p in parameters:
            sgd(p, self.state[p] if group["momentum"] else None, group)
