"""Adam: steps of a size that each element's gradient history sets."""

from .. import Tensor
from ._rules import RuleOptimizer, check_betas, check_common, check_not_negative

__all__ = ["Adam"]


def _check_kinds(betas, foreach, capturable):
    check_betas(betas)
    are_tensors = [isinstance(beta, Tensor) for beta in betas]
    if any(are_tensors) != all(are_tensors) or not all(isinstance(b, (float, Tensor)) for b in betas):
        raise ValueError("betas must be either both floats or both Tensors")
    if all(are_tensors):
        for place, beta in enumerate(betas):
            if foreach and not capturable:
                raise ValueError(
                    f"betas[{place}] as a Tensor is not supported for capturable=False and foreach=True"
                )
            if beta.numel() != 1:
                raise ValueError(f"Tensor betas[{place}] must be 1-element")


class Adam(RuleOptimizer):
    """``p -= lr * m / (sqrt(v) + eps)`` with running means m of the gradient and v of its square,
    both corrected for starting at 0 (Kingma & Ba 2014, arXiv:1412.6980).

    ``betas`` are the weights of the past in m and v. ``weight_decay`` adds ``weight_decay * p`` to
    the gradient, or with ``decoupled_weight_decay`` shrinks p itself, as in AdamW. ``amsgrad`` uses
    the largest v so far (Reddi et al. 2018). ``foreach``, ``fused`` and ``capturable`` are accepted:
    the update is always one fused pass.

    Raises ValueError for negative lr, eps or weight_decay and for betas outside [0, 1).

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.Adam([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.9000], requires_grad=True)
    """

    _rule = "adam"

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        amsgrad=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
        fused=None,
        decoupled_weight_decay=False,
    ):
        if isinstance(lr, Tensor) and foreach and not capturable:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        check_common(lr, foreach, fused, differentiable)
        check_not_negative("epsilon value", eps)
        check_not_negative("weight_decay value", weight_decay)
        _check_kinds(betas, foreach, capturable)
        defaults = {
            "lr": lr,
            "betas": tuple(b.squeeze() if isinstance(b, Tensor) else b for b in betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _sparse_step(self, group, parameters):
        raise RuntimeError("Adam does not support sparse gradients, please consider SparseAdam instead")
