"""torch.backends.cpu: what the processor can do."""

from .. import _C

_NAMES = {"v2": "DEFAULT", "v3": "AVX2", "v4": "AVX512"}


def get_cpu_capability():
    """The instruction set in use, as PyTorch names it: ``"DEFAULT"``, ``"AVX2"`` or ``"AVX512"``."""
    return _NAMES.get(_C._isa()[:2], "DEFAULT")
