"""torch.ao.quantization: the marks that a model carries before it is converted; converting is not here."""

from ..._lazy import absent_names
from ...nn.modules.module import Module

__all__ = ["DeQuantStub", "QConfig", "QuantStub", "QuantWrapper"]

globals().update(
    absent_names(
        __name__,
        "convert default_dynamic_qconfig fuse_modules fuse_modules_qat get_default_qat_qconfig get_default_qconfig "
        "get_default_qconfig_mapping prepare prepare_qat quantize quantize_dynamic quantize_qat default_qconfig default_observer "
        "default_weight_observer default_per_channel_weight_observer MinMaxObserver HistogramObserver FakeQuantize",
        "steepest computes in float32, float64 and half precision; quantized numbers are not here",
    )
)


class QConfig:
    """How a module is to be observed: what makes the observers of results and of weights."""

    def __init__(self, activation, weight):
        self.activation, self.weight = activation, weight


class QuantStub(Module):
    """Where numbers become quantized in a converted model; before that it gives back its input."""

    def __init__(self, qconfig=None):
        super().__init__()
        if qconfig:
            self.qconfig = qconfig

    def forward(self, x):
        """`x`"""
        return x


class DeQuantStub(QuantStub):
    """Where quantized numbers become floats again in a converted model; before that it gives back its input."""


class QuantWrapper(Module):
    """A module between a QuantStub and a DeQuantStub."""

    def __init__(self, module):
        super().__init__()
        self.add_module("quant", QuantStub(getattr(module, "qconfig", None)))
        self.add_module("dequant", DeQuantStub(getattr(module, "qconfig", None)))
        self.add_module("module", module)
        self.train(module.training)

    def forward(self, X):  # noqa: N803
        """The module's result."""
        return self.dequant(self.module(self.quant(X)))
