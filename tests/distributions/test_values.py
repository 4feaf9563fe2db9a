"""Densities against their own integrals: total, mean, variance, entropy, cdf and icdf, draws, divergences."""

import math

import pytest

import steepest as torch
from steepest import distributions as d

N = 20_001


def t(*values):
    return torch.tensor(values, dtype=torch.float64)


# Each a batch of two; (low, high) holds all that counts of the density.
CONTINUOUS = {
    "Normal": (lambda: d.Normal(t(0.5, -1.0), t(1.0, 2.0)), -20, 20),
    "StudentT": (lambda: d.StudentT(t(9.0, 12.0), t(0.0, 1.0), t(1.0, 2.0)), -150, 150),
    "Laplace": (lambda: d.Laplace(t(0.0, 1.0), t(1.0, 0.5)), -30, 30),
    "Gumbel": (lambda: d.Gumbel(t(0.0, 0.5), t(1.0, 1.0)), -5.9, 30),
    "Uniform": (lambda: d.Uniform(t(0.0, 0.5), t(1.0, 2.0)), 0, 2),
    "Exponential": (lambda: d.Exponential(t(1.0, 3.0)), 0, 40),
    "Gamma": (lambda: d.Gamma(t(2.0, 6.0), t(1.0, 2.0)), 0, 40),
    "Chi2": (lambda: d.Chi2(t(4.0, 7.0)), 0, 90),
    "InverseGamma": (lambda: d.InverseGamma(t(6.0, 8.0), t(3.0, 2.0)), 1e-3, 60),
    "Weibull": (lambda: d.Weibull(t(1.0, 2.0), t(1.5, 2.0)), 1e-9, 30),
    "Beta": (lambda: d.Beta(t(2.0, 3.0), t(3.0, 4.5)), 0, 1),
    "Kumaraswamy": (lambda: d.Kumaraswamy(t(2.0, 3.0), t(3.0, 4.5)), 1e-9, 1 - 1e-9),
    "ContinuousBernoulli": (lambda: d.ContinuousBernoulli(t(0.2, 0.5001)), 0, 1),
    "LogNormal": (lambda: d.LogNormal(t(0.0, 0.5), t(0.5, 0.25)), 1e-6, 60),
    "HalfNormal": (lambda: d.HalfNormal(t(1.0, 2.0)), 0, 30),
    "Pareto": (lambda: d.Pareto(t(1.0, 1.0), t(8.0, 9.0)), 1, 60),
    "GeneralizedPareto": (lambda: d.GeneralizedPareto(t(0.0, 0.0), t(1.0, 2.0), t(0.0, 0.05)), 0, 150),
    "FisherSnedecor": (lambda: d.FisherSnedecor(t(5.0, 6.0), t(20.0, 30.0)), 1e-9, 150),
    "VonMises": (lambda: d.VonMises(t(0.5, -1.0), t(1.0, 8.0)), -math.pi, math.pi),
    "Mixture": (lambda: d.MixtureSameFamily(
        d.Categorical(torch.stack([t(0.25, 0.75), t(0.5, 0.5)])), d.Normal(torch.stack([t(0.0, 1.0), t(1.0, -1.0)]), 1.0)), -20, 20),
}
DISCRETE = {
    "Bernoulli": (lambda: d.Bernoulli(t(0.25, 0.75)), 2),
    "Binomial": (lambda: d.Binomial(30, t(0.25, 0.75)), 31),
    "Geometric": (lambda: d.Geometric(t(0.25, 0.75)), 200),
    "NegativeBinomial": (lambda: d.NegativeBinomial(3.0, t(0.25, 0.5)), 200),
    "Poisson": (lambda: d.Poisson(t(3.0, 20.0)), 120),
    "Categorical": (lambda: d.Categorical(torch.stack([t(1.0, 2.0, 3.0), t(1.0, 1.0, 1.0)])), 3),
}
WITHOUT_CDF = ["StudentT", "Beta", "FisherSnedecor", "VonMises", "Gamma", "Chi2", "InverseGamma"]
WITHOUT_ICDF = [*WITHOUT_CDF, "Mixture"]


def grid(low, high):
    """Points (N, 1), dense near `low` where some densities are steep, and weights of Simpson's rule."""
    u = torch.linspace(0, 1, N, dtype=torch.float64)
    weights = torch.full((N,), 2.0, dtype=torch.float64)
    weights[1::2] = 4.0
    weights[0] = weights[-1] = 1.0
    weights *= 2 * u * (high - low) / (N - 1) / 3
    return (low + (high - low) * u**2).unsqueeze(-1), weights.unsqueeze(-1)


def implemented(f):
    try:
        return f()
    except NotImplementedError:
        return None


def agree(found, wanted, rel=1e-4):
    assert found.tolist() == pytest.approx(wanted.tolist(), rel=rel, abs=rel)


def check_moments(one, x, weights, n):
    """The weights are those of the density's integral or sum; draws have the same mean."""
    p = one.log_prob(x).exp()
    p = torch.where(p.isfinite(), p, 0.0)
    agree((p * weights).sum(0), torch.ones(2))
    mean = (p * x * weights).sum(0)
    variance = (p * (x - mean) ** 2 * weights).sum(0)
    if not one.mean.isnan().any() and not isinstance(one, d.VonMises):
        agree(one.mean, mean)
        agree(one.variance, variance, 1e-3)
        agree(one.stddev, variance.sqrt(), 1e-3)
    entropy = implemented(one.entropy)
    if entropy is not None:
        agree(entropy, -(torch.xlogy(p, p) * weights).sum(0))
        agree(one.perplexity(), entropy.exp())
    torch.manual_seed(0)
    draws = one.sample((n,)).to(torch.float64)
    assert draws.shape == (n, 2) and not draws.requires_grad
    assert ((draws.mean(0) - mean).abs() < 5 * (variance / n).sqrt()).all()


@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous(name):
    make, low, high = CONTINUOUS[name]
    one = make()
    x, weights = grid(low, high)
    outside = one.support.check(x).logical_not().any() or name == "GeneralizedPareto"
    one._validate_args = not outside  # Uniform: the grid is wider than the first of the batch
    check_moments(one, x, weights, 4000)
    if name in WITHOUT_CDF:
        return
    cdf = one.cdf(x)
    assert (cdf[1:] >= cdf[:-1] - 1e-12).all()
    inside = cdf[N // 2] - cdf[0]
    p = one.log_prob(x[: N // 2 + 1]).exp()
    half = weights[: N // 2 + 1].clone()
    half[-1] /= 2
    agree(inside, (p * half).sum(0), 1e-3)
    if name not in WITHOUT_ICDF:
        u = t(0.1, 0.7)
        agree(one.cdf(one.icdf(u)), u, 1e-6)


@pytest.mark.parametrize("name", DISCRETE)
def test_discrete(name):
    make, n = DISCRETE[name]
    one, x = make(), torch.arange(float(n), dtype=torch.float64).unsqueeze(-1)
    check_moments(one, x, torch.ones(n, 1, dtype=torch.float64), 2000)
    assert one.support.check(one.sample((50,))).all()
    if one.has_enumerate_support:
        assert one.enumerate_support().tolist() == x.expand(n, 2).tolist()
        assert one.enumerate_support(expand=False).shape == (n, 1)


@pytest.mark.parametrize("name", [*CONTINUOUS, *DISCRETE])
def test_expand(name):
    one = {**CONTINUOUS, **DISCRETE}[name][0]()
    wide = one.expand((3, 2))
    assert type(wide) is type(one) and wide.batch_shape == (3, 2) and wide.event_shape == one.event_shape
    torch.manual_seed(0)
    x = one.sample()
    assert wide.log_prob(x).tolist() == [one.log_prob(x).tolist()] * 3
    assert wide.sample((4,)).shape == (4, 3, 2)


PAIRS = [
    (p, q)
    for p in CONTINUOUS
    for q in CONTINUOUS
    if (CONTINUOUS[p][0]().__class__, CONTINUOUS[q][0]().__class__) in d.kl._KL_REGISTRY
]


@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_divergence(p, q):
    (make_p, low, high), (make_q, _, _) = CONTINUOUS[p], CONTINUOUS[q]
    one, other = make_p(), make_q()
    found = d.kl_divergence(one, other)
    if not found.isfinite().all():
        assert found.isinf().any()
        return
    one._validate_args = other._validate_args = False
    x, weights = grid(low, high)
    log_p, log_q = one.log_prob(x), other.log_prob(x)
    term = torch.where(log_p.isfinite() & log_q.isfinite(), log_p.exp() * (log_p - log_q), 0.0)
    agree(found, (term * weights).sum(0), 2e-3)


@pytest.mark.parametrize("name", [name for name in DISCRETE if name != "NegativeBinomial"])
def test_divergence_of_discrete(name):
    make, n = DISCRETE[name]
    one, x = make(), torch.arange(float(n), dtype=torch.float64).unsqueeze(-1)
    other = type(one)(*[30] * (name == "Binomial"), one._param.flip(0) if name != "Poisson" else one.rate.flip(0))
    log_p, log_q = one.log_prob(x), other.log_prob(x)
    agree(d.kl_divergence(one, other), (log_p.exp() * (log_p - log_q)).sum(0))


@pytest.mark.parametrize("name", ["Gamma", "Beta", "Normal", "StudentT", "Kumaraswamy", "Weibull", "Laplace"])
def test_draws_move_with_the_parameters(name):
    """The mean of the gradients of squared draws is the gradient of their mean."""
    one = CONTINUOUS[name][0]()
    params = {name: getattr(one, name).clone().requires_grad_() for name in one.arg_constraints}
    moving = type(one)(**params)
    torch.manual_seed(0)
    draws = moving.rsample((20_000,)).square().mean(0).sum()
    wanted = (moving.mean.square() + moving.variance).sum()
    grads, means = (torch.autograd.grad(y, params.values(), retain_graph=True) for y in (draws, wanted))
    for g, mean in zip(grads, means):
        assert g.tolist() == pytest.approx(mean.tolist(), rel=0.1, abs=0.05)
