"""SparseAdam: Adam for sparse gradients, which tensors here never have."""

from .. import enable_grad, no_grad
from ._rules import check_betas, check_common
from .optimizer import Optimizer

__all__ = ["SparseAdam"]


class SparseAdam(Optimizer):
    """:class:`Adam` that updates only what a sparse gradient names.

    Gradients are always dense here, so that ``step`` can only refuse them, as PyTorch's does; the class
    exists for programs that name it.

    Raises ValueError unless lr and eps are positive and betas in [0, 1); RuntimeError in ``step`` for a
    dense gradient.

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.SparseAdam([w])
        >>> w.grad = torch.ones(1)
        >>> optimizer.step()
        Traceback (most recent call last):
            ...
        RuntimeError: SparseAdam does not support dense gradients, please consider Adam instead
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, maximize=False):
        check_common(lr, None, None, False)
        if not lr > 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not eps > 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        check_betas(betas)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize})
        complex_params = [
            [number, place]
            for number, group in enumerate(self.param_groups)
            for place, p in enumerate(group["params"])
            if p.is_complex()
        ]
        if complex_params:
            raise ValueError(
                f"Complex params at indices {complex_params}: SparseAdam does not support complex parameters"
            )

    @no_grad()
    def step(self, closure=None):
        """Refuse dense gradients; parameters without one are left alone."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            if any(p.grad is not None for p in group["params"]):
                raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")
        return loss
