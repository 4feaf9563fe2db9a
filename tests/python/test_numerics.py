"""gradient, histogram, histogramdd, unravel_index, vander and torch.signal.windows against numpy."""

import numpy as np
import pytest

import steepest as torch
from steepest.signal import windows


@pytest.mark.parametrize("edge_order", [1, 2])
def test_gradient(edge_order):
    random = np.random.default_rng(0)
    values, points = random.normal(size=(4, 5)), (np.cumsum(random.uniform(0.5, 1, 4)), np.cumsum(random.uniform(0.5, 1, 5)))
    x = torch.from_numpy(values)
    for spacing, axes in ((None, (1, 1)), (0.5, (0.5, 0.5)), ([2.0, 3.0], (2.0, 3.0)), ([torch.from_numpy(p) for p in points], points)):
        found = torch.gradient(x, spacing=spacing, edge_order=edge_order)
        for y, wanted in zip(found, np.gradient(values, *axes, edge_order=edge_order)):
            np.testing.assert_allclose(y.numpy(), wanted, rtol=1e-12)
    for spacing in (2.0, torch.tensor(2.0)):
        (y,) = torch.gradient(x, spacing=spacing, dim=1)
        np.testing.assert_allclose(y.numpy(), np.gradient(values, 2.0, axis=1))
    assert torch.autograd.gradcheck(torch.gradient, x.requires_grad_())


def test_gradient_refuses():
    x = torch.ones(3, 3)
    for options in ({"edge_order": 3}, {"spacing": [1.0]}, {"dim": (0, 0)}, {"dim": 2}):
        error = IndexError if options == {"dim": 2} else RuntimeError
        with pytest.raises(error):
            torch.gradient(x, **options)
    with pytest.raises(RuntimeError, match="at least edge_order"):
        torch.gradient(torch.ones(2), edge_order=2)


def test_histogram():
    values = np.random.default_rng(0).normal(size=50)
    weights = abs(values)
    for bins, options in ((7, {}), (4, {"range": (-1.0, 2.0)}), (np.array([-1.0, 0.0, 0.1, 2.0]), {})):
        for density in (False, True):
            edges = torch.from_numpy(bins) if isinstance(bins, np.ndarray) else bins
            found = torch.histogram(torch.from_numpy(values), edges, weight=torch.from_numpy(weights), density=density, **options)
            wanted, at = np.histogram(values, bins, options.get("range"), density, weights)
            np.testing.assert_allclose(found.hist.numpy(), wanted, rtol=1e-12)
            np.testing.assert_allclose(found.bin_edges.numpy(), at, rtol=1e-12)
    assert repr(torch.histogram(torch.zeros(1), 1)).startswith("torch.return_types.histogram(\nhist=tensor([1.]),\nbin_edges=")
    with pytest.raises(RuntimeError, match="bins must be > 0"):
        torch.histogram(torch.ones(2), 0)
    with pytest.raises(NotImplementedError, match="not implemented for 'Long'"):
        torch.histogram(torch.ones(2).long(), 2)


def test_histogramdd():
    values = np.random.default_rng(0).normal(size=(50, 2))
    found = torch.histogramdd(torch.from_numpy(values), [3, 4], density=True)
    wanted, edges = np.histogramdd(values, [3, 4], density=True)
    np.testing.assert_allclose(found.hist.numpy(), wanted, rtol=1e-12)
    for one, other in zip(found.bin_edges, edges):
        np.testing.assert_allclose(one.numpy(), other, rtol=1e-12)
    with pytest.raises(RuntimeError, match="innermost dimension"):
        torch.histogramdd(torch.from_numpy(values), [3])


def test_unravel_index():
    at = np.arange(24).reshape(4, 6)
    for one, other in zip(torch.unravel_index(torch.from_numpy(at), (2, 3, 4)), np.unravel_index(at, (2, 3, 4))):
        np.testing.assert_array_equal(one.numpy(), other)
    with pytest.raises(TypeError, match="integer dtype"):
        torch.unravel_index(torch.ones(2), (2,))
    with pytest.raises(ValueError, match="negative"):
        torch.unravel_index(torch.ones(2).long(), (2, -1))


def test_vander():
    for options in ({}, {"N": 3}, {"increasing": True}):
        np.testing.assert_array_equal(torch.vander(torch.tensor([2, 3, 5]), **options).numpy(), np.vander([2, 3, 5], **options))


def test_windows():
    for name, of in (("hann", np.hanning), ("hamming", np.hamming), ("bartlett", np.bartlett), ("blackman", np.blackman)):
        make = getattr(windows, name)
        np.testing.assert_allclose(make(7, dtype=torch.float64).numpy(), of(7), atol=1e-15)
        np.testing.assert_allclose(make(6, sym=False, dtype=torch.float64).numpy(), of(7)[:6], atol=1e-15)
    np.testing.assert_allclose(windows.kaiser(7, beta=8.0, dtype=torch.float64).numpy(), np.kaiser(7, 8), atol=1e-15)
    n = np.arange(6)
    np.testing.assert_allclose(windows.gaussian(6, std=2.0, dtype=torch.float64).numpy(), np.exp(-(((n - 2.5) / 2) ** 2) / 2))
    np.testing.assert_allclose(windows.cosine(6, dtype=torch.float64).numpy(), np.sin(np.pi * (n + 0.5) / 6))
    np.testing.assert_allclose(windows.exponential(6, tau=3.0, dtype=torch.float64).numpy(), np.exp(-abs(n - 2.5) / 3))
    assert windows.nuttall(3).tolist() == pytest.approx([0.0003628, 1, 0.0003628], abs=1e-6)
    assert [getattr(windows, name)(0).shape for name in windows.__all__ if name != "general_cosine"] == [torch.Size([0])] * 10


def test_windows_refuse():
    for error, call in (
        (ValueError, lambda: windows.hann(-1)),
        (ValueError, lambda: windows.hann(3, dtype=torch.int64)),
        (ValueError, lambda: windows.kaiser(3, beta=-1)),
        (ValueError, lambda: windows.exponential(3, center=1.0)),
        (TypeError, lambda: windows.general_cosine(3, a=1)),
        (RuntimeError, lambda: torch.hann_window(-1)),
    ):
        with pytest.raises(error):
            call()


def test_complex_tensors_are_taken_apart_and_put_together():
    x = torch.tensor([3 + 4j, 1 - 1j, -2.0])
    assert x.real.tolist() == [3, 1, -2]
    assert torch.imag(x).tolist() == [4, -1, 0]
    assert torch.view_as_real(x).tolist() == [[3, 4], [1, -1], [-2, 0]]
    assert torch.view_as_complex(torch.view_as_real(x)).tolist() == x.tolist()
    assert torch.complex(x.real, x.imag).tolist() == x.tolist()
    assert torch.complex(torch.ones(2, 1, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)).dtype == torch.complex128
    assert x.conj().tolist() == [3 - 4j, 1 + 1j, -2]
    assert abs(x).tolist() == pytest.approx([5, 2**0.5, 2])
    assert torch.polar(abs(x), x.angle()).real.tolist() == pytest.approx([3, 1, -2])
    assert torch.isreal(x).tolist() == [False, False, True]
    x.real.fill_(0)
    assert x.tolist() == [4j, -1j, 0j]


def test_what_complex_tensors_are_not_made_of():
    with pytest.raises(RuntimeError, match="non-complex"):
        torch.imag(torch.ones(1))
    with pytest.raises(RuntimeError, match="last dimension of size 2"):
        torch.view_as_complex(torch.ones(1, 3))
    with pytest.raises(RuntimeError, match="Expected object of scalar type Float but got scalar type Double"):
        torch.complex(torch.ones(1), torch.ones(1, dtype=torch.float64))


def test_functions_that_torch_lacks_in_place():
    assert torch.Tensor.add_ and not hasattr(torch, "add_")
    assert torch.Tensor.exp_ and torch.exp_


def test_operands():
    assert (torch.ones(2) == np.ones(2)).tolist() == [True, True]
    assert (np.ones(2) != torch.ones(2)).tolist() == [False, False]
    with pytest.raises(TypeError, match="operator.invert"):
        _ = ~torch.ones(2)
    x = torch.arange(5.0)
    with pytest.raises(RuntimeError, match="single memory location"):
        x[1:].add_(x[:-1])
    assert x.tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(RuntimeError, match=r"a \(3\) must match the size of tensor b \(4\) at non-singleton dimension 1"):
        torch.ones(2, 3) + torch.ones(3, 4)
    for make in (torch.zeros, torch.empty, torch.rand):
        with pytest.raises(TypeError):
            make()
    with pytest.raises(TypeError, match="pos 1"):
        torch.empty(2**63)
    with pytest.raises(RuntimeError, match="index 5 is out of bounds for dimension 0 with size 3"):
        torch.zeros(3, 2).index_add_(0, torch.tensor([5]), torch.ones(1, 2))


@pytest.mark.parametrize("s", [1.0625, 2.0, 17.5, 40.0, 41.0, 100.0, 300.0])
@pytest.mark.parametrize("x", [0.125, 3.0, 20.0, 49.0, 75.0])
def test_hurwitz_zeta_beside_its_terms(s, x):
    n, end = 20_000, x + 20_000.0  # from where on the integral and two corrections serve
    wanted = float(((x + np.arange(n, -1, -1.0)) ** -s).sum()) - 0.5 * end**-s + end ** (1 - s) / (s - 1) + s / 12 * end ** (-s - 1)
    got = torch.special.zeta(torch.tensor(s, dtype=torch.float64), torch.tensor(x, dtype=torch.float64)).item()
    assert got == pytest.approx(wanted, rel=2e-13, abs=0)
    ends = torch.special.zeta(torch.tensor([s, 1.0, 0.5, float("nan"), float("inf")]), torch.tensor([0.0, x, x, x, max(x, 3)]))
    np.testing.assert_array_equal(ends.numpy(), [float("inf"), float("inf"), *[float("nan")] * 3])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_trigamma_at_its_ends(dtype):
    inf, nan = float("inf"), float("nan")
    y = torch.polygamma(1, torch.tensor([0.0, -0.0, inf, -inf, nan, 1e-30, 1e30, 1.0, -0.5], dtype=dtype))
    wanted = [inf, inf, 0, nan, nan, inf if dtype == torch.float32 else 1e60, 1e-30, np.pi**2 / 6, np.pi**2 / 2 + 4]
    np.testing.assert_allclose(y.numpy(), wanted, rtol=1e-6 if dtype == torch.float32 else 1e-15)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_hypot_of_the_largest_and_smallest(dtype):
    info, inf, nan = torch.finfo(dtype), float("inf"), float("nan")
    a = torch.tensor([inf, nan, -inf, nan, 0.0, info.max / 2, info.max, info.tiny], dtype=dtype)
    b = torch.tensor([nan, -inf, 1.0, 1.0, -0.0, info.max / 2, info.max, info.tiny], dtype=dtype)
    wanted = [inf, inf, inf, nan, 0, info.max * 0.5**0.5, inf, info.tiny * 2**0.5]
    np.testing.assert_allclose(torch.hypot(a, b).numpy(), wanted, rtol=2 * info.eps)
    np.testing.assert_allclose(torch.complex(a, b).abs().numpy(), wanted, rtol=2 * info.eps)
