"""torch.cpu.amp, the older place of torch.amp's names for CPUs."""

from .autocast_mode import autocast
from .grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast"]
