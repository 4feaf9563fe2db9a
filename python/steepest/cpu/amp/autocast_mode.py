"""torch.cpu.amp.autocast."""

import warnings

from ... import amp
from ..._C import bfloat16

__all__ = ["autocast"]


class autocast(amp.autocast):
    """torch.amp.autocast("cpu"), with a warning that this is its older name.

    >>> import steepest as torch, warnings
    >>> warnings.simplefilter("ignore")
    >>> with torch.cpu.amp.autocast():
    ...     (torch.ones(2, 2) @ torch.ones(2, 2)).dtype
    torch.bfloat16
    """

    def __init__(self, enabled=True, dtype=bfloat16, cache_enabled=True):
        warnings.warn(
            "`torch.cpu.amp.autocast(args...)` is deprecated. Please use `torch.amp.autocast('cpu', args...)` instead.",
            FutureWarning,
            stacklevel=2,
        )
        super().__init__("cpu", dtype=dtype, enabled=enabled, cache_enabled=cache_enabled)
