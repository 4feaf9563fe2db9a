"""Rules of batched tensors for convolutions, pools and normalisations: the batch becomes more rows, or more channels."""

import re

from .. import _C
from .._C import Tensor
from ._batch_rules import by_element, each, rule, signed

__all__ = []

_POOLS = [f"{kind}_pool{n}d" for kind in ("max", "avg", "adaptive_max", "adaptive_avg") for n in (1, 2, 3)]
_UPSAMPLINGS = [
    f"_upsample_{kind}"
    for kind in (
        *(f"{nearest}{n}d" for nearest in ("nearest", "nearest_exact") for n in (1, 2, 3)),
        "linear1d", "bilinear2d", "trilinear3d", "bicubic2d", "bilinear2d_aa", "bicubic2d_aa",
    )
]  # fmt: skip


def _folded(m, x):
    return m.spread(x).flatten(0, 1)


def _unfolded(m, result):
    if isinstance(result, Tensor):
        return m.wrap(result.unflatten(0, (m.size, -1)) if m.size else result.reshape(0, 1, *result.shape[1:]))
    return type(result)([_unfolded(m, part) for part in result])


@rule("grid_sampler", "grid_sampler_2d", "grid_sampler_3d", "im2col", "channel_shuffle", *_UPSAMPLINGS)
@signed
def _planes(func, m, signature, values):
    if not m.size or (func.__name__ == "im2col" and values["input"].dim() < 4):
        return each(func, m, signature, values)
    return _unfolded(m, func(*(_folded(m, x) if isinstance(x, Tensor) else x for x in values.values())))


@rule("prelu")
def _prelu(func, m, args, kwargs):
    x, weight = (*args, *kwargs.values())
    if weight.dim() == 1 and weight.numel() > 1:
        weight = weight.view(-1, *(1,) * (x.dim() - 2))
    return _C.where(x > 0, x, weight * x)


@rule(*_POOLS)
def _pool(func, m, args, kwargs):
    x, *others = args
    dims = int(re.search(r"\d", func.__name__)[0])
    if x.dim() == dims + 1:
        return m.wrapped(func(x._held, *others, **kwargs))
    if x.dim() != dims + 2 or not m.size:
        return by_element(func, m, args, kwargs)
    return _unfolded(m, func(_folded(m, x), *others, **kwargs))


@rule("pad")
@signed
def _pad(func, m, signature, values):
    x, width = values["input"], values["pad"]
    if len(width) > 2 * x.dim():
        return each(func, m, signature, values)  # says what does not fit
    if values["mode"] == "constant":
        return m.wrap(func(x._held, width, "constant", values["value"]))
    dims = len(width) // 2
    if x.dim() == dims + 1:
        return m.wrap(func(x._held, width, values["mode"], values["value"]))
    if x.dim() != dims + 2 or not m.size:
        return each(func, m, signature, values)
    return _unfolded(m, func(_folded(m, x), width, values["mode"], values["value"]))


@rule("constant_pad_nd")
@signed
def _constant_pad(func, m, signature, values):
    x, width = values["input"], values["pad"]
    return m.wrap(func(x._held, width, values["value"])) if len(width) <= 2 * x.dim() else each(func, m, signature, values)


@rule("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
@signed
def _conv(func, m, signature, values):
    dims = int(func.__name__[-2])
    if not m.size or values["input"].dim() not in (dims + 1, dims + 2):
        return each(func, m, signature, values)
    x, weight, bias, groups = (values.pop(name) for name in ("input", "weight", "bias", "groups"))
    if x.dim() == dims + 1:
        return func(x.unsqueeze(0), weight, bias, groups=groups, **values).squeeze(0)
    if not m.has(weight):
        if not m.has(bias):
            return _unfolded(m, func(_folded(m, x), weight, bias, groups=groups, **values))
        return func(x, weight, groups=groups, **values) + bias.view(-1, *(1,) * dims)
    held = weight._held
    bias = bias if bias is None else m.spread(bias).reshape(-1)
    if m.has(x) or groups > 1 or "transpose" in func.__name__:
        channels = m.spread(x).movedim(0, 1).flatten(1, 2)
        y = func(channels, held.flatten(0, 1), bias, groups=groups * m.size, **values)
    else:
        y = func(x, held.flatten(0, 1), bias, **values)
    return m.wrap(y.unflatten(1, (m.size, -1)).movedim(1, 0))


def _scaled(y, weight, bias, shape):
    if weight is not None:
        y = y * weight.view(shape)
    return y if bias is None else y + bias.view(shape)


@rule("layer_norm", "rms_norm")
@signed
def _layer_norm(func, m, signature, values):
    x, shape, weight, bias = (values.get(name) for name in ("input", "normalized_shape", "weight", "bias"))
    options = {"eps": values["eps"]}
    if not m.has(x):
        return _scaled(func(x, shape, None, **options), weight, bias, shape)
    if m.has(weight) or m.has(bias):
        return _scaled(m.wrap(func(x._held, shape, None, **options)), weight, bias, shape)
    if "bias" in values:
        options["bias"] = bias
    return m.wrap(func(x._held, shape, weight, **options))


@rule("group_norm")
@signed
def _group_norm(func, m, signature, values):
    if not m.size:
        return each(func, m, signature, values)
    x, weight, bias = (values[name] for name in ("input", "weight", "bias"))
    if not m.has(weight) and not m.has(bias):
        return _unfolded(m, func(_folded(m, x), values["num_groups"], weight, bias, values["eps"]))
    y = _unfolded(m, func(_folded(m, x), values["num_groups"], None, None, values["eps"]))
    return _scaled(y, weight, bias, (-1, *(1,) * (x.dim() - 2)))


_STATISTICS = (
    "Batch norm got a batched tensor as input while the running_mean or running_var, which will be updated in place, were not batched.\n"
    "If you are using a module and do not need eval mode, please set `track_running_stats` to be False.If you are using a prebuilt module "
    "and do not need eval mode, please see the functorch website for resources on how to patch your module to work with vmap"
)


@rule("batch_norm", "instance_norm")
@signed
def _batch_norm(func, m, signature, values):
    if not m.size:
        return each(func, m, signature, values)
    x = values["input"]
    updated = [values[name] for name in ("running_mean", "running_var")]
    learns = values.get("training", values.get("use_input_stats"))
    if learns and m.has(x) and any(s is not None and not m.has(s) for s in updated):
        raise RuntimeError(_STATISTICS)
    shape = (-1, *(1,) * (x.dim() - 2))
    weight, bias = values["weight"], values["bias"]
    values["weight"] = values["bias"] = None
    if not m.has(x) and not any(map(m.has, updated)):
        return _scaled(func(*(values[p.name] for p in signature.positional)), weight, bias, shape)
    values["input"] = m.spread(x).movedim(0, 1).flatten(1, 2)
    for name in ("running_mean", "running_var"):
        if values[name] is not None:
            values[name] = m.spread(values[name]).reshape(-1)
    y = func(*(values[p.name] for p in signature.positional))
    if learns:  # where reshape() had to copy
        for name, s in zip(("running_mean", "running_var"), updated, strict=True):
            if m.has(s) and not s._held.is_contiguous():
                s._held.copy_(values[name].view(m.size, -1))
    return _scaled(m.wrap(y.unflatten(1, (m.size, -1)).movedim(1, 0)), weight, bias, shape)
