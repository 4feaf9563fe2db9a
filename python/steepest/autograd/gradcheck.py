"""torch.autograd.gradcheck, where PyTorch's functions of this name stand."""

from ..gradcheck import GradcheckError, gradcheck, gradgradcheck

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]
