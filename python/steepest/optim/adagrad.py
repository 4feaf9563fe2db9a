"""Adagrad: steps divided by the size of all gradients so far."""

from .. import float32, float64, full_like, get_default_dtype, no_grad, zeros
from ._rules import RuleOptimizer, check_common, check_not_negative

__all__ = ["Adagrad"]


class Adagrad(RuleOptimizer):
    """``p -= lr * g / (sqrt(s) + eps)`` with the sum s of ``g**2`` (Duchi et al. 2011).

    s starts at ``initial_accumulator_value``; step t uses ``lr / (1 + (t - 1) * lr_decay)``.
    ``foreach`` and ``fused`` are accepted: the update is always one fused pass.

    Raises ValueError for a negative lr, lr_decay, weight_decay, initial_accumulator_value or eps.

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.Adagrad([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.9000], requires_grad=True)
    """

    _rule = "adagrad"

    def __init__(
        self,
        params,
        lr=1e-2,
        lr_decay=0,
        weight_decay=0,
        initial_accumulator_value=0,
        eps=1e-10,
        foreach=None,
        *,
        maximize=False,
        differentiable=False,
        fused=None,
    ):
        check_common(lr, foreach, fused, differentiable)
        check_not_negative("lr_decay value", lr_decay)
        check_not_negative("weight_decay value", weight_decay)
        check_not_negative("initial_accumulator_value value", initial_accumulator_value)
        check_not_negative("epsilon value", eps)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        # programs may look at the state before the first step, so it is made here
        step_dtype = float64 if get_default_dtype() is float64 and not fused else float32
        with no_grad():
            for group in self.param_groups:
                for parameter in group["params"]:
                    self.state[parameter] = {
                        "step": zeros((), dtype=step_dtype),
                        "sum": full_like(parameter, group["initial_accumulator_value"]),
                    }

    def share_memory(self):
        """Move the sums to shared memory; see ``Tensor.share_memory_``."""
        for group in self.param_groups:
            for parameter in group["params"]:
                self.state[parameter]["sum"].share_memory_()

    def _sparse_step(self, group, parameters):
        from ._sparse import adagrad

        for p in parameters:
            adagrad(p, self.state[p], group)
