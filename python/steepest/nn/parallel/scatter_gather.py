"""Splitting a batch over devices and joining the results: with one device, nothing to split."""

from ... import cat
from ..._C import Tensor


def scatter(inputs, target_gpus, dim=0):
    """`inputs`, nested tensors, split along `dim` into as many parts as there are devices named."""
    parts = max(len(target_gpus), 1)

    def split(x):
        if isinstance(x, Tensor):
            return x.chunk(parts, dim)
        if isinstance(x, (list, tuple)):
            made = zip(*map(split, x), strict=False)
            return [type(x)(*part) if hasattr(x, "_fields") else type(x)(part) for part in made] if x else [x] * parts
        if isinstance(x, dict):
            return [type(x)(part) for part in zip(*map(split, x.items()), strict=False)] if x else [x] * parts
        return [x] * parts

    return tuple(split(inputs))


def gather(outputs, target_device, dim=0):
    """The parts, nested tensors, joined along `dim`."""
    first = outputs[0]
    if isinstance(first, Tensor):
        return cat(list(outputs), dim)
    if first is None:
        return None
    if isinstance(first, dict):
        return type(first)((key, gather([part[key] for part in outputs], target_device, dim)) for key in first)
    return type(first)(gather(list(part), target_device, dim) for part in zip(*outputs, strict=True))
