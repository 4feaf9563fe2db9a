"""What PyTorch has for complex tensors: they are not built here, and say so."""

from . import _C


def _refused(name):
    raise NotImplementedError(f"{name}: complex tensors are not supported")


def complex(real, imag, *, out=None):  # noqa: A001
    """Complex tensors are not supported: NotImplementedError."""
    _refused("complex")


def polar(abs, angle, *, out=None):
    """Complex tensors are not supported: NotImplementedError."""
    _refused("polar")


def view_as_complex(input):
    """Complex tensors are not supported: NotImplementedError."""
    _refused("view_as_complex")


def view_as_real(input):
    """Of complex tensors alone: RuntimeError, as in PyTorch for real ones."""
    raise RuntimeError("view_as_real is only supported for complex tensors")


def imag(input):
    """Of complex tensors alone: RuntimeError, as in PyTorch for real ones."""
    if not isinstance(input, _C.Tensor):
        raise TypeError(f"imag(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
