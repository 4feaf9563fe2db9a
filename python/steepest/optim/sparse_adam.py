"""SparseAdam: Adam for sparse gradients."""

from .. import enable_grad
from ._rules import check_betas, check_common
from .optimizer import Optimizer

__all__ = ["SparseAdam"]


class SparseAdam(Optimizer):
    """:class:`Adam` that updates only the rows that sparse gradients name, their means too.

    Raises ValueError unless lr and eps are positive and betas in [0, 1); RuntimeError in ``step`` for a dense gradient.

    Example::

        >>> import steepest as torch
        >>> table = torch.nn.Embedding.from_pretrained(torch.ones(3, 1), freeze=False, sparse=True)
        >>> optimizer = torch.optim.SparseAdam(table.parameters(), lr=0.1)
        >>> table(torch.tensor([2])).sum().backward()
        >>> optimizer.step()
        >>> table.weight[:, 0]
        tensor([1.0000, 1.0000, 0.9000], grad_fn=<SelectBackward0>)
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

    def step(self, closure=None):
        """Update the rows that gradients name; parameters without a gradient are left alone."""
        from ._sparse import adam

        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            learning = [p for p in group["params"] if p.grad is not None]
            if not all(p.grad.is_sparse for p in learning):
                raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")
            for p in learning:
                adam(p, self.state[p], group)
        return loss
