"""AdamW: Adam whose weight decay shrinks the parameters themselves."""

from .adam import Adam

__all__ = ["AdamW"]


class AdamW(Adam):
    """:class:`Adam` after ``p *= 1 - lr * weight_decay`` (Loshchilov & Hutter 2017, arXiv:1711.05101).

    Arguments and errors are Adam's; ``weight_decay`` is 0.01 unless given.

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.AdamW([w], lr=0.1, weight_decay=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.8900], requires_grad=True)
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=1e-2,
        amsgrad=False,
        *,
        maximize=False,
        foreach=None,
        capturable=False,
        differentiable=False,
        fused=None,
    ):
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def __setstate__(self, state):
        super().__setstate__(state)
        for group in self.param_groups:  # a state_dict of plain Adam may have been loaded
            group["decoupled_weight_decay"] = True
