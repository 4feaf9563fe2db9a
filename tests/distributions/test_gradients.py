"""How gamma and Dirichlet draws move with their parameters, against differences of the distribution functions."""

import numpy as np
import pytest

import steepest as torch
from ops.reference import lgamma
from steepest import _C


def gamma_cdf(alpha, x, terms=400):
    """By the power series of the lower incomplete gamma function."""
    n = np.arange(1, terms).reshape(-1, *[1] * np.ndim(alpha))
    series = 1 + np.cumprod(x / (alpha + n), 0).sum(0)
    return np.exp(alpha * np.log(x) - x - lgamma(alpha + 1)) * series


def beta_cdf(x, a, b, terms=4000):
    """By the power series of the incomplete beta function."""
    n = np.arange(terms).reshape(-1, *[1] * np.ndim(a))
    series = 1 + np.cumprod((a + b + n) / (a + 1 + n) * x, 0).sum(0)
    return np.exp(a * np.log(x) + b * np.log1p(-x) - np.log(a) - lgamma(a) - lgamma(b) + lgamma(a + b)) * series


def gamma_gradient(alpha, x, h=1e-5):
    """How x moves with alpha where the distribution function stays."""
    density = np.exp((alpha - 1) * np.log(x) - x - lgamma(alpha))
    return -(gamma_cdf(alpha + h, x) - gamma_cdf(alpha - h, x)) / (2 * h) / density


def beta_gradient(x, a, total, h=1e-5):
    """The same for a part x, over 1 - x."""
    b = total - a
    density = np.exp((a - 1) * np.log(x) + b * np.log1p(-x) - lgamma(a) - lgamma(b) + lgamma(total))
    return -(beta_cdf(x, a + h, b) - beta_cdf(x, a - h, b)) / (2 * h) / density


def drawn(seed, *ranges):
    random = np.random.default_rng(seed)
    return [random.uniform(low, high, 300) for low, high in ranges]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("ranges", [((0.2, 20), (0.1, 20)), ((0.2, 8), (0.1, 8)), ((8, 20), (6, 24)), ((0.3, 3), (0.01, 0.8))])
def test_gamma(ranges, dtype):
    alpha, x = drawn(0, *ranges)
    y = _C._standard_gamma_grad(torch.tensor(alpha, dtype=dtype), torch.tensor(x, dtype=dtype))
    assert y.dtype is dtype
    np.testing.assert_allclose(y.numpy(), gamma_gradient(alpha, x), rtol=2e-3)  # what the approximation promises


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "ranges",
    [((0.2, 0.8), (0.2, 20), (1, 3)), ((0.2, 0.8), (0.2, 3), (1, 4)), ((0.2, 0.8), (7, 9), (7, 10)), ((0.02, 0.95), (1, 3), (1, 3))],
)
def test_dirichlet(ranges, dtype):
    x, alpha, rest = drawn(0, *ranges)
    arguments = (torch.tensor(v, dtype=dtype) for v in (x, alpha, alpha + rest))
    y = _C._dirichlet_grad(*arguments)
    np.testing.assert_allclose(y.numpy(), beta_gradient(x, alpha, alpha + rest), rtol=5e-3)  # what the approximation promises


def test_they_have_no_derivative_themselves():
    alpha = torch.tensor([2.0], requires_grad=True)
    (g,) = torch.autograd.grad(_C._standard_gamma(alpha), alpha, create_graph=True)
    with pytest.raises(RuntimeError, match="derivative for aten::_standard_gamma_grad is not implemented"):
        torch.autograd.grad(g, alpha)
