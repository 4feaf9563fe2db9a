"""Normalisations of nn.functional: the core's kernels, and what is composed of them."""

import math

from .. import _C

__all__ = [
    "batch_norm", "cosine_similarity", "group_norm", "instance_norm", "layer_norm", "local_response_norm", "normalize",
    "pairwise_distance", "pdist", "rms_norm",
]

# here the core's signatures are PyTorch's
layer_norm = _C._nn.layer_norm
rms_norm = _C._nn.rms_norm
group_norm = _C._nn.group_norm
batch_norm = _C._nn.batch_norm
cosine_similarity = _C._nn.cosine_similarity
pairwise_distance = _C._nn.pairwise_distance
pdist = _C._nn.pdist


def instance_norm(
    input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-05
):
    """Each channel of each sample of ``(N, C, ...)`` by its own mean and variance; see :class:`steepest.nn.InstanceNorm1d`.

    Raises ValueError where a channel has a single element.

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.instance_norm(torch.tensor([[[1.0, 3.0]]]))
        tensor([[[-1.0000,  1.0000]]])
    """
    if use_input_stats and math.prod(input.shape[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.size()}")
    return _C.instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, False)


def local_response_norm(input, size, alpha=0.0001, beta=0.75, k=1.0):
    """``input / (k + alpha * mean)**beta`` with the mean of the squares of ``size`` neighbouring channels.

    ``input`` is ``(N, C, ...)``, at least 3-D, else ValueError; absent neighbours count as 0 (Krizhevsky et al. 2012).

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.local_response_norm(torch.ones(1, 2, 1), 2, alpha=1.0, beta=1.0)
        tensor([[[0.6667],
                 [0.5000]]])
    """
    if input.dim() < 3:
        raise ValueError(f"Expected 3D or higher dimensionality                          input (got {input.dim()} dimensions)")
    if input.numel() == 0:
        return input
    total = neighbours(input * input, size)
    mean = total / size if total.is_floating_point() else total.div(size, rounding_mode="trunc")
    return input / (mean * alpha + k).pow(beta)


def neighbours(input, size):
    """Sums over ``size`` neighbouring channels (dim 1), of which ``size // 2`` come before."""
    before, channels = size // 2, input.size(1)
    total = None
    for step in range(-before, size - before):
        first, last = max(0, -step), min(channels, channels - step)
        if first >= last:
            continue
        part = input.narrow(1, first + step, last - first)
        if last - first < channels:
            shape = list(input.shape)
            shape[1] = first
            left = input.new_zeros(shape)
            shape[1] = channels - last
            part = _C.cat([left, part, input.new_zeros(shape)], 1)
        total = part if total is None else total + part
    return total


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    """``input`` divided by its p-norms along ``dim``, or by ``eps`` where they are smaller.

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.normalize(torch.tensor([[3.0, 4.0]]))
        tensor([[0.6000, 0.8000]])
    """
    result = input / input.norm(p, dim, keepdim=True).clamp_min(eps).expand_as(input)
    if out is None:
        return result
    return out.resize_(result.shape).copy_(result)
