"""torch.ao: quantization, of which only the parts are here that do nothing before a model is converted."""

from .._lazy import submodules

__getattr__ = submodules(__name__)
