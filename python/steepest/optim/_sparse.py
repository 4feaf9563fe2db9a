"""Steps of optimizers on sparse gradients: what their rules do, to the rows that the gradients name."""

from .. import no_grad, zeros_like
from ..sparse._parts import become
from ..sparse._tensor import like

__all__ = ["adagrad", "adam", "sgd"]


def _signed(grad, group):
    return -grad if group["maximize"] else grad


@no_grad()
def sgd(p, state, group):
    """SGD's step; RuntimeError with weight_decay, which concerns every row. The momentum buffer is a sparse tensor."""
    grad = _signed(p.grad, group)
    if group["weight_decay"] != 0:
        grad.add(p)
    if group["momentum"] != 0:
        buffer = state.get("momentum_buffer")
        if buffer is None:
            buffer = grad.detach().clone()
        else:
            become(buffer, buffer.mul_(group["momentum"]).add_(grad, alpha=1 - group["dampening"]).coalesce())
        state["momentum_buffer"] = buffer
        grad = grad.add(buffer, alpha=group["momentum"]) if group["nesterov"] else buffer
    p.add_(grad, alpha=-float(group["lr"]))


@no_grad()
def adagrad(p, state, group):
    """Adagrad's step; RuntimeError with weight_decay, which concerns every row."""
    if group["weight_decay"] != 0:
        raise RuntimeError("weight_decay option is not compatible with sparse gradients")
    state["step"] += 1
    grad = _signed(p.grad, group).coalesce()
    state["sum"].add_(grad.pow(2))
    spread = state["sum"].sparse_mask(grad).values().sqrt().add_(group["eps"])
    rate = float(group["lr"]) / (1 + (state["step"].item() - 1) * group["lr_decay"])
    p.add_(like(grad, grad.values() / spread), alpha=-rate)


@no_grad()
def adam(p, state, group):
    """SparseAdam's step: means move only in the rows that the gradient names."""
    if not state:
        state.update(step=0, exp_avg=zeros_like(p), exp_avg_sq=zeros_like(p))
    state["step"] += 1
    grad = _signed(p.grad, group).coalesce()
    if not grad._nnz():
        return
    (beta1, beta2), step, g = group["betas"], state["step"], grad.values()
    means = []
    for name, beta, value in (("exp_avg", beta1, g), ("exp_avg_sq", beta2, g * g)):
        before = state[name].sparse_mask(grad).values()
        change = (value - before) * (1 - beta)
        state[name].add_(like(grad, change))
        means.append(change + before)
    size = float(group["lr"]) * (1 - beta2**step) ** 0.5 / (1 - beta1**step)
    p.add_(like(grad, -size * (means[0] / (means[1].sqrt() + group["eps"]))))
