"""float16 and bfloat16: sums, means and softmax are those of the floats that the elements stand for, whatever lies where."""

import numpy as np
import pytest

import steepest as torch

HALVES = [torch.float16, torch.bfloat16]


def numbers(dtype, *sizes):
    return torch.tensor(np.random.default_rng(2).standard_normal(sizes)).to(dtype)


@pytest.mark.parametrize("dtype", HALVES)
def test_every_number_as_a_float(dtype):
    bits = torch.arange(-(2**15), 2**15).to(torch.int16)
    x, patterns = bits.view(dtype), bits.numpy().view(np.uint16)
    if dtype == torch.float16:
        wanted = patterns.view(np.float16).astype(np.float32)
    else:
        wanted = (patterns.astype(np.uint32) << 16).view(np.float32)
    for step in (1, 3):  # registers and single elements
        assert np.array_equal(x[::step].float().numpy(), wanted[::step], equal_nan=True)
        finite = x[::step].isfinite()
        back = x[::step].float().to(dtype)
        assert torch.equal(back[finite].view(torch.int16), bits[::step][finite])
    for i in range(0, 65536, 4096):
        finite = torch.where(x[i : i + 4096].isfinite(), x[i : i + 4096], 0)
        assert finite.sum(dtype=torch.float32).item() == finite.float().sum().item()


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("size", [(0,), (1,), (7,), (300, 517), (5, 9, 31), (1000, 3), (3, 1000)])
def test_sums_are_those_of_floats(dtype, size):
    x = numbers(dtype, *size)
    for t in (x, x.transpose(0, -1)):
        for f in (torch.sum, torch.mean, torch.nansum):
            assert torch.equal(f(t).nan_to_num(), f(t.float()).to(dtype).nan_to_num())
            for dim in range(t.dim()):
                y = f(t, dim)
                assert y.dtype == dtype and torch.equal(y.nan_to_num(), f(t.float(), dim).to(dtype).nan_to_num())
                assert torch.equal(f(t, dim, dtype=torch.float32).nan_to_num(), f(t.float(), dim).nan_to_num())


@pytest.mark.parametrize("dtype", HALVES)
def test_sums_of_parts(dtype):
    x = numbers(dtype, 90, 40, 11)
    for t in (x[::2, ::3], x[:, 5], x.permute(2, 0, 1)[1:], x[:1].expand(90, 40, 11)):
        for dim in (0, 1, -1):
            atol = 1e-5 * t.double().abs().sum(dim).max().item()
            np.testing.assert_allclose(t.sum(dim, dtype=torch.float32).numpy(), t.double().sum(dim).numpy(), rtol=0, atol=atol)
    x[3, 4, 5] = float("nan")
    assert x.sum().isnan() and not x.nansum().isnan() and x.sum((0, 1)).isnan().tolist() == [i == 5 for i in range(11)]


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("size", [(0, 4), (1, 1), (300, 17), (40, 1030), (2, 5000), (7, 3, 600), (3, 513)])
def test_softmax_is_that_of_floats(dtype, size):
    x = numbers(dtype, *size) * 3
    for f in (torch.softmax, torch.log_softmax):
        for dim in range(len(size)):
            assert torch.equal(f(x, dim), f(x.float(), dim).to(dtype))
            assert torch.equal(f(x.transpose(0, 1), dim), f(x.transpose(0, 1).float(), dim).to(dtype))
