"""torch.onnx: not here; what asks for it is told so."""

from .._lazy import absent

_WHY = "load the saved state_dict in PyTorch to export it"
export = absent("torch.onnx.export", _WHY)
dynamo_export = absent("torch.onnx.dynamo_export", _WHY)


def is_in_onnx_export():
    """False."""
    return False
