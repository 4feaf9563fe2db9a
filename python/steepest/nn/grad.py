"""torch.nn.grad: the gradients of a convolution by its input and by its weight, as functions."""

from .. import _C
from ._tuples import _pair, _single, _triple

__all__ = ["conv1d_input", "conv1d_weight", "conv2d_input", "conv2d_weight", "conv3d_input", "conv3d_weight"]


def _check(input_size, weight_size, grad_output, stride, padding, dilation):
    """RuntimeError unless a convolution of these sizes has results of the gradient's."""
    n = len(stride) + 2
    if len(weight_size) == n and len(input_size) != n:
        raise RuntimeError(
            f"Expected {n}-dimensional input for {n}-dimensional weight {list(weight_size)}, but got {len(input_size)}-dimensional input "
            f"of size {list(input_size)} instead"
        )
    if len(weight_size) != n:
        raise RuntimeError(
            f"expected stride to be a single integer value or a list of {len(weight_size) - 2} values to match the convolution "
            f"dimensions, but got stride={list(stride)}"
        )
    if grad_output.dim() != n:
        raise RuntimeError(f"Expected a tensor of dimension {n} but got: dimension {grad_output.dim()}")
    sizes = [input_size[0], weight_size[0]]
    for x, k, s, p, d in zip(input_size[2:], weight_size[2:], stride, padding, dilation, strict=True):
        sizes.append((x + 2 * p - d * (k - 1) - 1) // s + 1)
    for i, (wanted, found) in enumerate(zip(sizes, grad_output.shape, strict=True)):
        if wanted != found:
            raise RuntimeError(
                f"Expected a tensor of dimension {n} and tensor.size[{i}] == {wanted} but got: dimension {n} and tensor.size[{i}] = {found}"
            )


def _by_input(several, input_size, weight, grad_output, stride, padding, dilation, groups):
    steps = [several(v) for v in (stride, padding, dilation)]
    _check(input_size, weight.shape, grad_output, *steps)
    return _C._conv_input(grad_output, weight, None, list(input_size), *steps, groups)


def _by_weight(several, input, weight_size, grad_output, stride, padding, dilation, groups):
    steps = [several(v) for v in (stride, padding, dilation)]
    _check(input.shape, weight_size, grad_output, *steps)
    return _C._conv_weight(input, grad_output, None, list(weight_size), *steps, groups)


def conv1d_input(input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv1d() by its input: see :func:`conv2d_input`."""
    return _by_input(_single, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv1d_weight(input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv1d() by its weight: see :func:`conv2d_weight`."""
    return _by_weight(_single, input, weight_size, grad_output, stride, padding, dilation, groups)


def conv2d_input(input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv2d() by an input of the sizes ``input_size``, from the gradient of its result; itself differentiable.

    RuntimeError where no such convolution has results of the gradient's sizes.

    Example::

        >>> import steepest as torch
        >>> torch.nn.grad.conv2d_input((1, 1, 3, 3), torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 2))
        tensor([[[[1., 2., 1.],
                  [2., 4., 2.],
                  [1., 2., 1.]]]])
    """
    return _by_input(_pair, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv2d_weight(input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv2d() by a weight of the sizes ``weight_size``, from the gradient of its result; itself differentiable.

    RuntimeError where no such convolution has results of the gradient's sizes.

    Example::

        >>> import steepest as torch
        >>> torch.nn.grad.conv2d_weight(torch.ones(1, 1, 3, 3), (1, 1, 2, 2), torch.ones(1, 1, 2, 2))
        tensor([[[[4., 4.],
                  [4., 4.]]]])
    """
    return _by_weight(_pair, input, weight_size, grad_output, stride, padding, dilation, groups)


def conv3d_input(input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv3d() by its input: see :func:`conv2d_input`."""
    return _by_input(_triple, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv3d_weight(input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv3d() by its weight: see :func:`conv2d_weight`."""
    return _by_weight(_triple, input, weight_size, grad_output, stride, padding, dilation, groups)
