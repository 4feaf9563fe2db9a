"""torch.amp: mixed precision."""

from .autocast_mode import DEFAULTS, autocast, custom_bwd, custom_fwd, is_autocast_available
from .grad_scaler import GradScaler

__all__ = ["DEFAULTS", "GradScaler", "autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]
