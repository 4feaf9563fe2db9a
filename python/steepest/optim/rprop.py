"""Rprop: each element has a step size of its own, and only the gradient's sign counts."""

from ._rules import RuleOptimizer, check_common

__all__ = ["Rprop"]


class Rprop(RuleOptimizer):
    """``p -= sign(g) * step_size``, where an element's step size grows by ``etas[1]`` while the sign of
    its gradient stays, and shrinks by ``etas[0]`` when it turns, within ``step_sizes``; the step in which
    it turns is skipped (Riedmiller & Braun 1993).

    ``lr`` is the first step size. For whole batches: noise turns signs. ``foreach`` and ``capturable``
    are accepted: the update is always one fused pass.

    Raises ValueError for a negative lr and unless ``0 < etas[0] < 1 < etas[1]``.

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.Rprop([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.9000], requires_grad=True)
    """

    _rule = "rprop"

    def __init__(
        self,
        params,
        lr=1e-2,
        etas=(0.5, 1.2),
        step_sizes=(1e-6, 50),
        *,
        capturable=False,
        foreach=None,
        maximize=False,
        differentiable=False,
    ):
        check_common(lr, foreach, None, differentiable)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)
