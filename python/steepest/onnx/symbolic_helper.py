"""torch.onnx.symbolic_helper: marks that packages put on functions for an export, of which there is none."""


def parse_args(*arg_descriptors):
    """A decorator that changes nothing."""
    return lambda fn: fn
