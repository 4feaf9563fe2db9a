"""torch.cuda.amp.grad_scaler, where PyTorch's class of this name stands."""

from ...amp.grad_scaler import OptState
from . import GradScaler

__all__ = ["GradScaler", "OptState"]
