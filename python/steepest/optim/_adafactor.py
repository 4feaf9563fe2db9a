"""Adafactor: adaptive steps whose state is a row and a column for each matrix."""

from .. import enable_grad, finfo, float32, float64, get_default_dtype, no_grad, zeros, zeros_like
from .optimizer import Optimizer

__all__ = ["Adafactor"]


class Adafactor(Optimizer):
    """``p -= alpha * g / sqrt(v)``, where v, the running mean of ``g**2``, is kept as the outer product of
    its row and column means if p has two dimensions or more (Shazeer & Stern 2018, arXiv:1804.04235).

    ``beta2_decay`` is the power of the step that weighs the newest square; ``lr`` bounds the step relative
    to the size of p, which counts as ``eps[1]`` at least; ``eps[0]``, the dtype's epsilon if None, bounds
    v; ``d`` bounds the size of the update. ``foreach`` is accepted and changes nothing.

    Raises ValueError for options outside of their range.

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.Adafactor([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params,
        lr=1e-2,
        beta2_decay=-0.8,
        eps=(None, 1e-3),
        d=1.0,
        weight_decay=0.0,
        *,
        foreach=None,
        maximize=False,
    ):
        if getattr(lr, "numel", lambda: 1)() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr >= 0.0:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not beta2_decay <= 0.0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None and not eps[0] >= 0.0:
            raise ValueError(f"epsilon1 should be >= 0 but is: {eps[0]}")
        if not eps[1] >= 0.0:
            raise ValueError(f"epsilon2 should be >= 0 but is: {eps[1]}")
        if not d >= 1.0:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight_decay should be >= 0 but is: {weight_decay}")
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    @no_grad()
    def step(self, closure=None):
        """Update all parameters that have gradients; ``closure`` computes the loss anew first."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            learning = [p for p in group["params"] if p.grad is not None]
            if any(p.grad.is_sparse for p in learning):
                raise RuntimeError("Adafactor does not support sparse gradients")
            for p in learning:
                _update(p, p.grad, self.state[p], group)
        return loss


def _new_state(state, grad):
    dtype = float64 if get_default_dtype() is float64 else float32
    state["step"] = zeros((), dtype=dtype)
    if grad.dim() > 1:
        state["row_var"] = grad.new_zeros((*grad.shape[:-1], 1))
        state["col_var"] = grad.new_zeros((*grad.shape[:-2], 1, grad.shape[-1]))
    else:
        state["variance"] = zeros_like(grad)


def _root_mean_square(x):
    return x.norm(2).item() / x.numel() ** 0.5


def _update(p, grad, state, group):
    if p.is_complex():
        raise RuntimeError("Adafactor does not support complex parameters")
    if group["maximize"]:
        grad = -grad
    if not state:
        _new_state(state, grad)
    lr, (eps1, eps2) = float(group["lr"]), group["eps"]
    if eps1 is None:
        eps1 = finfo(p.dtype).eps
    state["step"] += 1
    step = state["step"].item()
    newest = step ** group["beta2_decay"]
    alpha = max(eps2, _root_mean_square(p)) * min(lr, 1 / step**0.5)
    if group["weight_decay"] != 0:
        p.mul_(1 - lr * group["weight_decay"])
    if grad.dim() > 1:
        row, column = state["row_var"], state["col_var"]
        row.lerp_(grad.norm(dim=-1, keepdim=True).square_().div_(grad.size(-1)), newest)
        column.lerp_(grad.norm(dim=-2, keepdim=True).square_().div_(grad.size(-2)), newest)
        variance = (row @ column).div_(row.mean(dim=-2, keepdim=True).clamp_(min=eps1))
    else:
        variance = state["variance"].lerp_(grad * grad, newest).clone()
    update = variance.clamp_(min=eps1 * eps1).rsqrt_().mul_(grad)
    p.add_(update, alpha=-alpha / max(1.0, _root_mean_square(update) / group["d"]))
