"""torch.onnx: not here; what asks for it is told so. What packages tell it at their import is accepted."""

import enum

from .._lazy import absent_names, submodules

globals().update(absent_names(__name__, "export dynamo_export", "load the saved state_dict in PyTorch to export it"))


class OperatorExportTypes(enum.Enum):
    """How PyTorch exports ops that the format lacks."""

    ONNX, ONNX_ATEN, ONNX_ATEN_FALLBACK, ONNX_FALLTHROUGH = range(4)


class TrainingMode(enum.Enum):
    """The mode in which PyTorch exports a model."""

    EVAL, PRESERVE, TRAINING = range(3)


class TensorProtoDataType(enum.IntEnum):
    """The format's numbers for types."""

    UNDEFINED, FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64, STRING, BOOL, FLOAT16, DOUBLE = range(12)


def is_in_onnx_export():
    """False."""
    return False


def register_custom_op_symbolic(symbolic_name, symbolic_fn, opset_version):
    """Accepted and not used: nothing is exported."""


def unregister_custom_op_symbolic(symbolic_name, opset_version):
    """Accepted and not used."""


__getattr__ = submodules(__name__)
