"""Distributions that need linear algebra: multivariate normals, Wishart, LKJ."""

import math

import pytest

import steepest as torch
from steepest import distributions as d

COVARIANCE = torch.tensor([[2.0, 0.5, 0.0], [0.5, 1.0, 0.25], [0.0, 0.25, 1.5]], dtype=torch.float64)
LOC = torch.tensor([1.0, 0.0, -1.0], dtype=torch.float64)
FACTOR = torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]], dtype=torch.float64)
DIAGONAL = torch.tensor([0.5, 1.0, 0.25], dtype=torch.float64)


def log_density(x, covariance):
    diff = x - LOC
    quadratic = (diff * (covariance.inverse() @ diff.unsqueeze(-1)).squeeze(-1)).sum(-1)
    return -0.5 * (quadratic + torch.linalg.slogdet(covariance)[1] + 3 * math.log(2 * math.pi))


def normals():
    yield d.MultivariateNormal(LOC, covariance_matrix=COVARIANCE)
    yield d.MultivariateNormal(LOC, precision_matrix=COVARIANCE.inverse())
    yield d.MultivariateNormal(LOC, scale_tril=torch.linalg.cholesky(COVARIANCE))
    yield d.LowRankMultivariateNormal(LOC, FACTOR, DIAGONAL)


@pytest.mark.parametrize("number", range(4))
def test_normal_vectors(number):
    one = list(normals())[number]
    covariance = FACTOR @ FACTOR.mT + DIAGONAL.diag_embed() if number == 3 else COVARIANCE
    x = torch.linspace(-2, 2, 12, dtype=torch.float64).reshape(4, 3)
    wanted = log_density(x, covariance)
    assert one.log_prob(x).tolist() == pytest.approx(wanted.tolist())
    assert one.expand((2, 4)).log_prob(x).tolist()[1] == pytest.approx(wanted.tolist())
    for found, matrix in (
        (one.covariance_matrix, covariance),
        (one.precision_matrix, covariance.inverse()),
        (one.scale_tril @ one.scale_tril.mT, covariance),
    ):
        assert torch.allclose(found, matrix)
    assert one.variance.tolist() == pytest.approx(covariance.diagonal().tolist())
    entropy = 0.5 * (3 * (1 + math.log(2 * math.pi)) + torch.linalg.slogdet(covariance)[1].item())
    assert one.entropy().item() == pytest.approx(entropy)
    torch.manual_seed(0)
    draws = one.rsample((8000,)) - LOC
    assert torch.allclose(draws.mT @ draws / 8000, covariance, atol=0.1) and draws.mean(0).abs().max() < 0.06


def test_batches_of_matrices():
    matrices = torch.stack([COVARIANCE, 2 * COVARIANCE]).unsqueeze(1)
    one = d.MultivariateNormal(LOC.expand(2, 5, 3), matrices)
    assert one.batch_shape == (2, 5)
    x = torch.linspace(-2, 2, 90, dtype=torch.float64).reshape(3, 2, 5, 3)
    wanted = torch.stack([log_density(x[:, k], (k + 1) * COVARIANCE) for k in range(2)], 1)
    assert torch.allclose(one.log_prob(x), wanted)


def test_divergences_agree():
    """However a normal is written, its divergences are the same, and those of the dense formula."""
    other = torch.eye(3, dtype=torch.float64) * 2
    ratio = COVARIANCE @ other.inverse()
    shift = (LOC**2).sum() / 2
    wanted = 0.5 * (ratio.trace() + shift - 3 - torch.linalg.slogdet(ratio)[1])
    q = d.MultivariateNormal(torch.zeros(3, dtype=torch.float64), other)
    for p in list(normals())[:3]:
        assert d.kl_divergence(p, q).item() == pytest.approx(wanted.item())
    low = list(normals())[3]
    dense = d.MultivariateNormal(LOC, low.covariance_matrix)
    flat = d.LowRankMultivariateNormal(torch.zeros(3, dtype=torch.float64), FACTOR.flip(0), DIAGONAL)
    thick = d.MultivariateNormal(torch.zeros(3, dtype=torch.float64), flat.covariance_matrix)
    wanted = d.kl_divergence(dense, thick).item()
    for p, q in ((low, flat), (dense, flat), (low, thick)):
        assert d.kl_divergence(p, q).item() == pytest.approx(wanted)
    with pytest.raises(ValueError, match="different event shapes"):
        d.kl_divergence(dense, d.MultivariateNormal(torch.zeros(2), torch.eye(2)))


def test_wishart():
    one = d.Wishart(torch.tensor(6.0, dtype=torch.float64), COVARIANCE)
    torch.manual_seed(0)
    with pytest.warns(UserWarning, match="Singular sample detected"):
        draws = one.sample((4000,))
    assert torch.allclose(draws.mean(0), one.mean, atol=0.25) and torch.allclose(one.mean, 6 * COVARIANCE)
    assert torch.allclose(draws.var(0), one.variance, rtol=0.2, atol=0.5)
    chi2 = d.Wishart(torch.tensor(4.0), torch.eye(1))
    x = torch.tensor([[[3.0]]])
    assert chi2.log_prob(x).item() == pytest.approx(d.Chi2(torch.tensor(4.0)).log_prob(x).item(), rel=1e-5)
    assert chi2.entropy().item() == pytest.approx(d.Chi2(torch.tensor(4.0)).entropy().item(), rel=1e-4)
    with pytest.raises(ValueError, match=r"Value of df=1.0 expected to be greater than ndim - 1 = 2"):
        d.Wishart(1.0, COVARIANCE)


def test_lkj():
    one = d.LKJCholesky(3, torch.tensor(2.0, dtype=torch.float64))
    torch.manual_seed(0)
    draws = one.sample((500,))
    assert one.support.check(draws).all() and draws.shape == (500, 3, 3)
    correlations = draws @ draws.mT
    # each correlation is Beta(concentration + 1/2, ...) on (-1, 1) of variance 1 / (2 concentration + dim - 1)
    assert correlations[:, 1, 0].var().item() == pytest.approx(1 / 6, abs=0.04)
    pair = d.LKJCholesky(2, torch.tensor(1.5, dtype=torch.float64))
    r = torch.linspace(-1, 1, 2003, dtype=torch.float64)[1:-1]
    factors = torch.zeros(2001, 2, 2, dtype=torch.float64)
    factors[:, 0, 0], factors[:, 1, 0], factors[:, 1, 1] = 1.0, r, (1 - r * r).sqrt()
    assert pair.log_prob(factors).exp().sum().item() * 2 / 2002 == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: d.MultivariateNormal(LOC), "Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified."),
        (lambda: d.MultivariateNormal(LOC[0], COVARIANCE), "loc must be at least one-dimensional."),
        (lambda: d.MultivariateNormal(LOC, LOC), "covariance_matrix must be at least two-dimensional"),
        (lambda: d.MultivariateNormal(LOC, -COVARIANCE), "to satisfy the constraint PositiveDefinite()"),
        (lambda: d.LowRankMultivariateNormal(LOC, FACTOR[:2], DIAGONAL), "cov_factor must be a batch of matrices with shape 3 x m"),
    ],
)
def test_errors(make, text):
    with pytest.raises(ValueError) as raised:
        make()
    assert text in str(raised.value)
