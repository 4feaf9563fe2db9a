"""torch.cuda.amp.autocast_mode, where PyTorch's names for casts on GPUs stand."""

from . import autocast, custom_bwd, custom_fwd

__all__ = ["autocast", "custom_bwd", "custom_fwd"]
