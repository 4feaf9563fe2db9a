"""Complex tensors: taken apart into real ones and put together from them."""

from . import _C

__all__ = ["complex", "imag", "polar", "view_as_complex", "view_as_real"]


def complex(real, imag, *, out=None):  # noqa: A001
    """The complex numbers with these parts, float32 or float64, which broadcast.

    >>> import steepest as torch
    >>> torch.complex(torch.tensor([1.0, 2.0]), torch.tensor([3.0, -4.0]))
    tensor([1.+3.j, 2.-4.j])
    """
    return into(_C._complex(real, imag), out)


def polar(abs, angle, *, out=None):
    """The complex numbers of these absolute values and angles."""
    return into(_C._polar(abs, angle), out)


def into(result, out):
    """The result, or out with its elements where that is given; RuntimeError where out has another dtype."""
    if out is None:
        return result
    if out.dtype is not result.dtype:
        raise RuntimeError(
            f"Expected object of scalar type {scalar_type(result)} but got scalar type {scalar_type(out)} for argument 'out'"
        )
    return out.resize_(result.shape).copy_(result)


def scalar_type(x):
    """What messages call the type of a tensor's elements, such as ComplexFloat."""
    return x.type().rpartition(".")[2].removesuffix("Tensor")


def view_as_complex(input):
    """An input of size (..., 2), real and imaginary parts, as a complex view of size (...)."""
    return _C._view_as_complex(input)


def view_as_real(input):
    """A complex input of size (...) as a view of size (..., 2); RuntimeError for a real one."""
    return _C._view_as_real(input)


def imag(input):
    """The imaginary parts of a complex input, a view; RuntimeError for a real one."""
    if not isinstance(input, _C.Tensor):
        raise TypeError(f"imag(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    return _C._imag(input)
