"""Distributions give PyTorch's values, and for one seed its draws."""

import warnings

import numpy as np
import pytest

import steepest as st
from steepest import distributions as d

torch = pytest.importorskip("torch")
random = np.random.default_rng(0)
REAL, POSITIVE, UNIT = random.normal(size=(2, 3)), random.uniform(0.3, 3, (2, 3)), random.uniform(0.1, 0.9, (2, 3))
SQUARE = random.normal(size=(3, 3))
SPD, FACTOR = SQUARE @ SQUARE.T + 3 * np.eye(3), random.normal(size=(3, 2))
WARM = np.array(0.7)

MADE = {
    "Bernoulli": [UNIT], "Beta": [POSITIVE, POSITIVE], "Binomial": [np.full((2, 3), 40.0), UNIT], "Categorical": [POSITIVE],
    "Cauchy": [REAL, POSITIVE], "Chi2": [POSITIVE], "ContinuousBernoulli": [UNIT], "Dirichlet": [POSITIVE],
    "Exponential": [POSITIVE], "FisherSnedecor": [POSITIVE, POSITIVE + 5], "Gamma": [POSITIVE, POSITIVE],
    "GeneralizedPareto": [REAL.astype(np.float32), POSITIVE.astype(np.float32), UNIT.astype(np.float32)], "Geometric": [UNIT],
    "Gumbel": [REAL, POSITIVE], "HalfCauchy": [POSITIVE], "HalfNormal": [POSITIVE], "InverseGamma": [POSITIVE + 3, POSITIVE],
    "Kumaraswamy": [POSITIVE, POSITIVE], "LKJCholesky": [3, POSITIVE[0]], "Laplace": [REAL, POSITIVE], "LogNormal": [REAL, POSITIVE],
    "LogisticNormal": [REAL, POSITIVE], "LowRankMultivariateNormal": [REAL, FACTOR, POSITIVE[0]], "Multinomial": [9, POSITIVE],
    "MultivariateNormal": [REAL, SPD], "NegativeBinomial": [POSITIVE, UNIT], "Normal": [REAL, POSITIVE],
    "OneHotCategorical": [POSITIVE], "Pareto": [POSITIVE, POSITIVE + 2], "Poisson": [POSITIVE * 8], "RelaxedBernoulli": [WARM, UNIT],
    "RelaxedOneHotCategorical": [WARM, POSITIVE], "StudentT": [POSITIVE + 2, REAL, POSITIVE], "Uniform": [REAL, REAL + POSITIVE],
    "VonMises": [REAL, POSITIVE], "Weibull": [POSITIVE, POSITIVE], "Wishart": [np.array(5.0), SPD],
}


def both(name):
    return [
        getattr(library.distributions, name)(*(library.tensor(a) if isinstance(a, np.ndarray) else a for a in MADE[name]))
        for library in (st, torch)
    ]


def same(*functions):
    """Equal values, or exceptions of one type."""
    results = []
    for f in functions:
        try:
            results.append(f().detach().numpy())
        except (NotImplementedError, ValueError) as error:
            results.append(type(error))
    ours, theirs = results
    if isinstance(theirs, type):
        assert ours is theirs
        return
    assert ours.dtype == theirs.dtype
    exact = 1e-4 if ours.dtype == np.float32 else 1e-9
    np.testing.assert_allclose(ours, theirs, rtol=exact, atol=exact / 10)


def drawn(library, one, shape):
    library.manual_seed(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return one.sample(shape)


@pytest.mark.parametrize("name", MADE)
def test_values_and_draws(name):
    ours, theirs = both(name)
    assert repr(ours) == repr(theirs) and repr(ours.support) == repr(theirs.support)
    for attribute in ("mean", "variance", "mode"):
        same(lambda a=attribute: getattr(ours, a), lambda a=attribute: getattr(theirs, a))
    same(ours.entropy, theirs.entropy)
    for shape in ((), (4,)):
        value = drawn(torch, theirs, shape)
        same(lambda n=shape: drawn(st, ours, n), lambda v=value: v)
    value = value.numpy()
    for method in ("log_prob", "cdf"):
        same(lambda m=method: getattr(ours, m)(st.tensor(value)), lambda m=method: getattr(theirs, m)(torch.tensor(value)))


@pytest.mark.parametrize("pair", [(p, q) for p in MADE for q in MADE if (getattr(d, p), getattr(d, q)) in d.kl._KL_REGISTRY])
def test_divergences(pair):
    (p, other_p), (q, other_q) = map(both, pair)
    same(lambda: st.distributions.kl_divergence(p, q), lambda: torch.distributions.kl_divergence(other_p, other_q))
