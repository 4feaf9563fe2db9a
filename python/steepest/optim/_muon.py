"""Muon: momentum whose matrices are made orthogonal before they are followed."""

import math

from .. import addmm, enable_grad, no_grad, zeros_like
from .optimizer import Optimizer

__all__ = ["Muon"]


class Muon(Optimizer):
    """``p -= lr * O``, where O is the momentum of a matrix's gradients, made nearly orthogonal by
    ``ns_steps`` Newton-Schulz iterations in bfloat16 (Jordan 2024,
    https://kellerjordan.github.io/posts/muon/).

    For the matrices of hidden layers; biases and embeddings want another optimizer. ``adjust_lr_fn``
    multiplies lr by a factor that depends on the shape (A, B): "original" (also None) by
    ``sqrt(max(1, A / B))``, "match_rms_adamw" by ``0.2 * sqrt(max(A, B))`` (Liu et al. 2025,
    arXiv:2502.16982). ``weight_decay`` shrinks p itself.

    Raises ValueError for parameters that are no matrices and for options outside of their range.

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([[1.0, 0.0], [0.0, 1.0]], requires_grad=True)
        >>> optimizer = torch.optim.Muon([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> bool(w[0, 0] < 0.95)
        True
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        weight_decay=0.1,
        momentum=0.95,
        nesterov=True,
        ns_coefficients=(3.4445, -4.7750, 2.0315),
        eps=1e-7,
        ns_steps=5,
        adjust_lr_fn=None,
    ):
        if getattr(lr, "numel", lambda: 1)() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr >= 0.0:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not momentum >= 0.0:
            raise ValueError(f"momentum should be >= 0 but is: {momentum}")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight decay should be >= 0 but is: {weight_decay}")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for p in group["params"]:
                if p.ndim != 2:
                    raise ValueError(
                        f"Muon only supports 2D parameters whereas we found a parameter with size: {p.size()}"
                    )

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
                raise RuntimeError("Muon does not support sparse gradients")
            for p in learning:
                _update(p, p.grad, self.state[p], group)
        return loss


def _update(p, grad, state, group):
    if p.is_complex():
        raise RuntimeError("Muon does not support complex parameters")
    lr, momentum = float(group["lr"]), group["momentum"]
    if "momentum_buffer" not in state:
        state["momentum_buffer"] = zeros_like(grad)
    buffer = state["momentum_buffer"].lerp_(grad, 1 - momentum)
    direction = grad.lerp(buffer, momentum) if group["nesterov"] else buffer
    update = _orthogonal(direction, group["ns_coefficients"], group["ns_steps"], group["eps"])
    p.mul_(1 - lr * group["weight_decay"])
    p.add_(update, alpha=-lr * _shape_factor(group["adjust_lr_fn"], *p.shape))


def _orthogonal(matrix, coefficients, steps, eps):
    """A bfloat16 matrix with the singular vectors of `matrix` and singular values near 1."""
    if steps >= 100:
        raise ValueError("Number of steps must be less than 100 for computational efficiency")
    if len(coefficients) != 3:
        raise ValueError("Coefficients must be a tuple of exactly 3 values")
    a, b, c = coefficients
    tall = matrix.size(0) > matrix.size(1)
    x = matrix.bfloat16()
    if tall:
        x = x.T
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = addmm(x, addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if tall else x


def _shape_factor(kind, rows, columns):
    if kind == "match_rms_adamw":
        return 0.2 * math.sqrt(max(rows, columns))
    return math.sqrt(max(1, rows / columns))
