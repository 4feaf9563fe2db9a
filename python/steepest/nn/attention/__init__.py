"""nn.attention: the choice of a backend for scaled_dot_product_attention, of which there is one here."""

import contextlib
import enum

from ..._lazy import submodules

__all__ = ["SDPBackend", "sdpa_kernel"]


class SDPBackend(enum.IntEnum):
    """PyTorch's backends. On a CPU they are one and the same here."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4

    __str__ = enum.Enum.__str__


@contextlib.contextmanager
def sdpa_kernel(backends, set_priority=False):
    """Accept a backend or a list of them for the block; results do not depend on it.

    Example::

        >>> from steepest.nn.attention import SDPBackend, sdpa_kernel
        >>> with sdpa_kernel(SDPBackend.MATH):
        ...     pass
    """
    if not isinstance(backends, (list, SDPBackend)):
        raise AssertionError(
            f"Backend must be an instance of SDPBackend or a list of SDPBackend instances, got {type(backends).__name__}"
        )
    global _enabled, _order
    before = _enabled, _order
    _enabled = {backends} if isinstance(backends, SDPBackend) else set(backends)
    if set_priority and isinstance(backends, list):
        _order = [*dict.fromkeys(backends), *(backend for backend in _order if backend not in _enabled)]
    try:
        yield
    finally:
        _enabled, _order = before


_order = [
    SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH, SDPBackend.CUDNN_ATTENTION, SDPBackend.OVERRIDEABLE,
]
_enabled = set(_order)
_LISTED = (
    SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH, SDPBackend.OVERRIDEABLE,
)


def _cur_sdpa_kernel_backends(with_priority=False):
    """The backends that sdpa_kernel() has chosen, all where it has not, in the order in which they are to be tried."""
    return [backend for backend in (_order if with_priority else _LISTED) if backend in _enabled]


__getattr__ = submodules(__name__)
