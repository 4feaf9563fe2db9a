"""torch.quantization, the older place of torch.ao.quantization's names."""

from .ao import quantization as _present


def __getattr__(name):
    return getattr(_present, name)
