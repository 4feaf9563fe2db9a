"""Loops over integers, medians, extremes and copies at sizes where their blocks end, against numpy."""

import numpy as np
import pytest

import steepest as torch

INTEGERS = ["int8", "uint8", "int16", "int32", "int64"]
SIZES = [1, 63, 130, 1029]


def numbers(n, dtype, seed=0):
    """Of all sizes that the type has, its limits among them."""
    limits = np.iinfo(dtype)
    random = np.random.default_rng(seed)
    x = random.integers(limits.min, limits.max, n, dtype=dtype, endpoint=True) >> random.integers(0, limits.bits, n).astype(dtype)
    x[: min(n, 4)] = [limits.min, limits.max, limits.max - 1, limits.min][: min(n, 4)]
    return x


def divisors(n, dtype):
    y = numbers(n, dtype, 1)
    y[y == 0] = 1
    if n > 3:
        y[0], y[3] = (-1 if y.dtype.kind == "i" else 1), 1
    return y


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", INTEGERS)
def test_division(dtype, n):
    y = divisors(n, dtype)
    for x in (numbers(n, dtype), numbers(n, dtype) // 2 ** (np.iinfo(dtype).bits // 4)):
        a, b = torch.tensor(x), torch.tensor(y)
        with np.errstate(over="ignore"):
            below, part = x // y, np.where((x % y != 0) & ((x < 0) != (y < 0)), x // y + 1, x // y).astype(dtype)
            np.testing.assert_array_equal((a // b).numpy(), below)
            np.testing.assert_array_equal((a % b).numpy(), x % y)
            np.testing.assert_array_equal(torch.fmod(a, b).numpy(), np.fmod(x, y))
            np.testing.assert_array_equal(torch.div(a, b, rounding_mode="trunc").numpy(), part)
            np.testing.assert_array_equal((a // 7).numpy(), x // np.array(7, dtype))
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        a // torch.tensor(np.zeros(n, dtype))


# One element that doubles do not hold changes nothing for its neighbours, in every place of a block.
def test_large_among_small():
    x = np.arange(-300, 300, dtype="int64")
    for at in (0, 100, 599):
        y = x.copy()
        y[at] = 2**62 + 12345
        for divisor in (7, -7):
            np.testing.assert_array_equal((torch.tensor(y) // divisor).numpy(), y // divisor)
            np.testing.assert_array_equal((torch.tensor(y) % divisor).numpy(), y % divisor)
    edge = np.array([2**50 - 1, 2**50, -(2**50), -(2**50) - 1, 2**53 + 1], "int64")
    for divisor in (1, 3, 2**50 - 1):
        np.testing.assert_array_equal((torch.tensor(edge) // divisor).numpy(), edge // divisor)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", INTEGERS)
def test_bits(dtype, n):
    x, y = numbers(n, dtype), numbers(n, dtype, 1)
    a, b = torch.tensor(x), torch.tensor(y)
    np.testing.assert_array_equal(torch.gcd(a, b).numpy(), np.gcd(x, y))
    bits = np.iinfo(dtype).bits
    for by in (0, 1, bits - 1, bits, 100):
        out = by >= bits
        np.testing.assert_array_equal((a << by).numpy(), np.zeros_like(x) if out else x << np.array(by, dtype))
        np.testing.assert_array_equal((a >> by).numpy(), np.where(x < 0, -1, 0).astype(dtype) if out else x >> np.array(by, dtype))
    if x.dtype.kind == "i":
        assert (a << torch.tensor(-1, dtype=a.dtype) == 0).all()


@pytest.mark.parametrize("n", SIZES)
def test_bytes(n):
    x, y = numbers(n, "uint8"), numbers(n, "uint8", 1)
    a, b = torch.tensor(x), torch.tensor(y)
    np.testing.assert_array_equal((a + b).numpy(), x + y)
    np.testing.assert_array_equal((a * b).numpy(), x * y)
    np.testing.assert_array_equal(torch.maximum(a, b).numpy(), np.maximum(x, y))
    np.testing.assert_array_equal((a > b).logical_not().numpy(), x <= y)
    a += b  # the result is an operand
    np.testing.assert_array_equal(a.numpy(), x + y)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "uint8"])
@pytest.mark.parametrize("n", [1, 2, 255, 256, 257, 5000])
def test_median(n, dtype):
    random = np.random.default_rng(n)
    up = np.arange(n)
    lines = [random.standard_normal(n) * 50, up, up[::-1], np.zeros(n), up % 2, np.where(up < n / 2, 7, -9)]
    x = np.abs(np.array(lines)).astype(dtype)
    values = np.sort(x, 1)[:, (n - 1) // 2]
    for t, dim in ((torch.tensor(x), 1), (torch.tensor(x.T.copy()), 0), (torch.tensor(x.T.copy()).T, 1)):
        got = t.median(dim)
        np.testing.assert_array_equal(got.values.numpy(), values)
        np.testing.assert_array_equal(got.indices.numpy(), np.argsort(x, 1, kind="stable")[:, (n - 1) // 2])
    assert torch.tensor(x).median().item() == np.sort(x, None)[(x.size - 1) // 2]
    if dtype.startswith("float") and n > 2:
        x[:, n // 3] = np.nan
        assert torch.tensor(x).median(1).values.isnan().all() and (torch.tensor(x).median(1).indices == n // 3).all()
        kept = np.delete(x, n // 3, 1)
        np.testing.assert_array_equal(torch.tensor(x).nanmedian(1).values.numpy(), np.sort(kept, 1)[:, (n - 2) // 2])


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32", "bfloat16"])
@pytest.mark.parametrize("n", [1, 70, 300])
def test_extremes(n, dtype):
    random = np.random.default_rng(n)
    x = random.integers(0, 2 if dtype == "bool" else 100, (n, 2 * n))
    t = torch.tensor(x).to(getattr(torch, dtype))
    for v, w in ((t, x), (t.T, x.T), (t[:, ::2], x[:, ::2])):
        for dim in (0, 1):
            assert torch.equal(v.amax(dim).long(), torch.tensor(w.max(dim)))
            assert torch.equal(v.amin(dim).long(), torch.tensor(w.min(dim)))
            found = v.max(dim)
            assert torch.equal(found.values.long(), torch.tensor(w.max(dim)))
            assert torch.equal(found.indices, torch.tensor(w.argmax(dim)))
            assert torch.equal(v.count_nonzero(dim), torch.tensor((w != 0).sum(dim)))
            assert torch.equal(v.any(dim).bool(), torch.tensor(w.any(dim))) and torch.equal(v.all(dim).bool(), torch.tensor(w.all(dim)))
            assert torch.equal(v.cummax(dim).values.long(), torch.tensor(np.maximum.accumulate(w, dim)))
        assert v.amax().item() == w.max() and v.amin().item() == w.min()
        assert [m.item() for m in v.aminmax()] == [w.min(), w.max()]



# Enough for blocks that are joined, NaN in any of them.
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_extremes_of_blocks(dtype):
    t = torch.arange(140_000).remainder(1000).sub(500).to(getattr(torch, dtype))
    least, largest = t.aminmax()
    assert (least.item(), largest.item(), least.dtype) == (-500, 499 if dtype != "bfloat16" else 500, t.dtype)
    assert t.amax().item() == largest.item()
    small = t / 1000
    assert torch.allclose(small.norm().double(), small.double().norm(), rtol=0.01) and small.norm().dtype == t.dtype
    for at in (0, 70_000, 139_999):
        u = t.clone()
        u[at] = float("nan")
        assert u.amax().isnan() and u.amin().isnan() and all(m.isnan() for m in u.aminmax())


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("times", [1, 2, 3, 4, 5, 40])
def test_spread(times, dtype):
    x = np.arange(7 * 11).reshape(7, 11).astype(dtype)
    t = torch.tensor(x)
    for dim in (0, 1):
        np.testing.assert_array_equal(t.repeat_interleave(times, dim).numpy(), np.repeat(x, times, dim))
    np.testing.assert_array_equal(t[:, ::2].repeat_interleave(times, 1).numpy(), np.repeat(x[:, ::2], times, 1))


@pytest.mark.parametrize("dtype", ["uint8", "float32", "complex128"])
@pytest.mark.parametrize("count", [1, 2, 3, 17])
def test_stack_last(count, dtype):
    parts = [(np.arange(33 * 40).reshape(33, 40) + k).astype(dtype) for k in range(count)]
    tensors = [torch.tensor(p) for p in parts]
    np.testing.assert_array_equal(torch.stack(tensors, -1).numpy(), np.stack(parts, -1))
    np.testing.assert_array_equal(torch.stack([t.T for t in tensors], -1).numpy(), np.stack([p.T for p in parts], -1))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64", "complex64"])
@pytest.mark.parametrize("n", [2, 3, 32, 33, 67])
def test_every_other(n, dtype):
    x = np.arange(n).astype(dtype)
    np.testing.assert_array_equal(torch.tensor(x)[::2].clone().numpy(), x[::2])
    np.testing.assert_array_equal((torch.tensor(x)[1::2] + 1).numpy(), x[1::2] + np.array(1, dtype))


# A float that a byte does not hold gives the last byte of its whole part; what no integer holds gives 0.
def test_bytes_of_floats():
    x = torch.tensor([0.0, 1.9, -1.0, -1.9, 255.9, 256.0, 300.0, 2.0**31, 2.0**40 + 2.0**20, -(2.0**33), float("inf"), float("nan")])
    expected = [0, 1, 255, 255, 255, 0, 44, 0, 0, 0, 0, 0]
    assert x.to(torch.uint8).tolist() == expected
    assert x.repeat(5).to(torch.uint8).tolist() == 5 * expected
