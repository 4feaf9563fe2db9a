"""interpolate and pooling: closed forms, derivatives, layouts, threads."""

import numpy as np
import pytest

import steepest as torch
from nn.interpolations import CASES, values
from steepest import nn
from steepest.nn import functional as F


def test_linear_is_numpys_interpolation():
    x = values((1, 1, 9))
    y = F.interpolate(torch.tensor(x), size=23, mode="linear", align_corners=True)
    np.testing.assert_allclose(y.numpy()[0, 0], np.interp(np.linspace(0, 8, 23), np.arange(9), x[0, 0]), rtol=1e-13)


def test_bilinear_keeps_planes_and_nearest_repeats():
    ramp = torch.arange(6.0)[:, None] * 3 + torch.arange(5.0)
    y = F.interpolate(ramp[None, None], scale_factor=2, mode="bilinear")[0, 0]
    assert torch.allclose(y[1:-1, 1:-1].diff(dim=0), torch.full((9, 8), 1.5))
    y = F.interpolate(ramp[None, None], scale_factor=2)[0, 0]
    assert torch.equal(y, ramp.repeat_interleave(2, 0).repeat_interleave(2, 1))


@pytest.mark.parametrize(("mode", "shape", "options"), CASES)
def test_derivatives(mode, shape, options):
    x = torch.tensor(values(shape)).requires_grad_()
    assert torch.autograd.gradcheck(lambda v: F.interpolate(v, mode=mode, **options), (x,), fast_mode=True)
    assert torch.autograd.gradgradcheck(lambda v: F.interpolate(v, mode=mode, **options), (x,), fast_mode=True)


def test_layouts_halves_bytes_and_threads():
    x = torch.tensor(values((2, 40, 30, 3), "float32")).permute(0, 3, 1, 2)
    y = F.interpolate(x, scale_factor=2, mode="bilinear")
    assert torch.equal(y, F.interpolate(x.contiguous(), scale_factor=2, mode="bilinear"))
    half = F.interpolate(x.half(), scale_factor=2, mode="bilinear")
    assert half.dtype == torch.float16 and (half.float() - y).abs().max() < 4e-3
    grey = torch.tensor([[[[0, 255], [100, 200]]]], dtype=torch.uint8)
    assert F.interpolate(grey, size=(4, 2)).tolist() == [[[[0, 255], [0, 255], [100, 200], [100, 200]]]]
    assert F.interpolate(grey, size=(3, 3), mode="bilinear", align_corners=True)[0, 0, 1].tolist() == [50, 139, 228]
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        assert torch.equal(F.interpolate(x, scale_factor=2, mode="bilinear"), y)
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({}, ValueError, "either size or scale_factor should be defined"),
        ({"size": 3, "scale_factor": 2}, ValueError, "only one of size or scale_factor"),
        ({"size": (3, 3, 3)}, ValueError, "must have the same number of spatial dimensions"),
        ({"scale_factor": (1.0,)}, ValueError, "must have the same number of spatial dimensions"),
        ({"size": (3, 2.5)}, TypeError, "expected size to be one of int"),
        ({"size": 3, "align_corners": True}, ValueError, "align_corners option can only be set"),
        ({"size": 3, "recompute_scale_factor": True}, ValueError, "not meaningful with an explicit size"),
        ({"size": 3, "mode": "linear"}, NotImplementedError, "Got 4D input, but linear mode needs 3D input"),
        ({"size": 3, "mode": "other"}, NotImplementedError, "Only 3D, 4D and 5D input"),
        ({"size": 3, "antialias": True}, ValueError, "Anti-alias option"),
        ({"size": 0}, RuntimeError, "sizes should be greater than 0"),
        ({"size": (-1, 2), "mode": "bilinear"}, RuntimeError, "sizes should be greater than 0"),
    ],
)
def test_errors(arguments, error, text):
    with pytest.raises(error, match=text):
        F.interpolate(torch.ones(1, 2, 4, 4), **arguments)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_unpool_puts_back_and_differentiates(dims):
    x = torch.tensor(values((2, 3, 4, 6, 4)[: 2 + dims])).requires_grad_()
    pool, unpool = getattr(nn, f"MaxPool{dims}d")(2, return_indices=True), getattr(nn, f"MaxUnpool{dims}d")(2)
    y, places = pool(x)
    back = unpool(y, places)
    assert back.shape == x.shape and torch.equal(back[back != 0], x[back != 0])
    assert torch.autograd.gradcheck(lambda v: unpool(v, places), (y.detach().requires_grad_(),), fast_mode=True)
    assert torch.autograd.gradgradcheck(lambda v: unpool(pool(v)[0], places), (x,), fast_mode=True)
    with pytest.raises(RuntimeError, match="Found an invalid max index"):
        unpool(y, places + 1000)
    with pytest.raises(RuntimeError, match="Found an invalid max index"):
        unpool(y, places - 1000)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_power_mean_of_windows(dims):
    x = torch.tensor(abs(values((2, 4, 4, 4)[: 1 + dims])))
    y = getattr(nn, f"LPPool{dims}d")(3, 2)(x)
    sums = getattr(F, f"avg_pool{dims}d")(x**3, 2) * 2**dims
    assert torch.allclose(y, sums ** (1 / 3))


def test_adaptive_pooling_knows_none_and_fractional_pooling_draws():
    x = torch.tensor(values((1, 2, 6, 5)))
    assert F.adaptive_avg_pool2d(x, (None, 1)).shape == (1, 2, 6, 1)
    assert nn.AdaptiveMaxPool2d((2, None), return_indices=True)(x)[1].shape == (1, 2, 2, 5)
    with pytest.raises(ValueError, match="Input dimension should be at least 3"):
        F.adaptive_avg_pool2d(x[0, 0], (1, 1))
    torch.manual_seed(0)
    one, other = (F.fractional_max_pool2d(torch.tensor(values((1, 1, 40, 40))), 2, output_ratio=0.7) for _ in range(2))
    assert one.shape == (1, 1, 28, 28) and not torch.equal(one, other)
