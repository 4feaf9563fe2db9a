"""torch._dynamo.utils: what packages ask of PyTorch's compiler."""


def is_compile_supported(device_type):
    """False."""
    return False
