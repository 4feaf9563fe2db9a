"""Distributions of vectors and matrices, Independent, TransformedDistribution, validation, repr, the registry."""

import math

import pytest

import steepest as torch
from steepest import distributions as d


def spread(samples):
    centred = samples - samples.mean(0)
    return centred.mT @ centred / samples.shape[0]


def test_dirichlet():
    a = torch.tensor([2.0, 3.0, 5.0])
    one = d.Dirichlet(a)
    assert one.mean.tolist() == pytest.approx([0.2, 0.3, 0.5]) and one.event_shape == (3,)
    x = torch.tensor([0.2, 0.3, 0.5])
    log_normalizer = math.lgamma(2) + math.lgamma(3) + math.lgamma(5) - math.lgamma(10)
    wanted = math.log(0.2) + 2 * math.log(0.3) + 4 * math.log(0.5) - log_normalizer
    assert one.log_prob(x).item() == pytest.approx(wanted, rel=1e-5)
    torch.manual_seed(0)
    draws = one.sample((4000,))
    assert draws.sum(-1).tolist() == pytest.approx([1.0] * 4000) and draws.mean(0).tolist() == pytest.approx(one.mean.tolist(), abs=0.02)
    assert draws.var(0).tolist() == pytest.approx(one.variance.tolist(), abs=0.003)
    assert one.mode.tolist() == pytest.approx([1 / 7, 2 / 7, 4 / 7])


def test_gradients_of_dirichlet_draws():
    a = torch.tensor([2.0, 3.0, 5.0], requires_grad=True)
    torch.manual_seed(0)
    draws = d.Dirichlet(a).rsample((20_000,)).mean(0)[0]
    (g,) = torch.autograd.grad(draws, a)
    (wanted,) = torch.autograd.grad((a / a.sum())[0], a)
    assert g.tolist() == pytest.approx(wanted.tolist(), abs=0.005)


def test_counts_and_one_hot():
    probs = torch.tensor([0.2, 0.3, 0.5])
    counts = d.Multinomial(10, probs)
    torch.manual_seed(0)
    draws = counts.sample((500,))
    assert (draws.sum(-1) == 10).all() and draws.mean(0).tolist() == pytest.approx([2.0, 3.0, 5.0], abs=0.2)
    x = torch.tensor([2.0, 3.0, 5.0])
    assert counts.log_prob(x).exp().item() == pytest.approx(2520 * 0.2**2 * 0.3**3 * 0.5**5, rel=1e-4)
    one_hot = d.OneHotCategorical(probs)
    assert (one_hot.sample((9,)).sum(-1) == 1).all() and one_hot.enumerate_support().tolist() == torch.eye(3).tolist()
    assert one_hot.log_prob(torch.eye(3)).exp().tolist() == pytest.approx(probs.tolist())
    straight = d.OneHotCategoricalStraightThrough(probs.requires_grad_())
    (g,) = torch.autograd.grad((straight.rsample() * torch.arange(3.0)).sum(), probs)
    assert g.abs().sum() > 0


def test_independent_and_transformed():
    base = d.Normal(torch.zeros(2, 3), torch.ones(2, 3))
    one = d.Independent(base, 1)
    x = torch.randn(2, 3)
    assert one.batch_shape == (2,) and one.event_shape == (3,)
    assert one.log_prob(x).tolist() == pytest.approx(base.log_prob(x).sum(-1).tolist())
    assert repr(one) == "Independent(Normal(loc: torch.Size([2, 3]), scale: torch.Size([2, 3])), 1)"
    with pytest.raises(ValueError, match="Expected reinterpreted_batch_ndims <= len"):
        d.Independent(base, 3)
    steps = [d.AffineTransform(1.0, 2.0), d.ExpTransform()]
    log_normal = d.TransformedDistribution(base, steps)
    value = torch.full((2, 3), 1.5)
    assert log_normal.log_prob(value).tolist() == d.LogNormal(torch.ones(2, 3), 2.0).log_prob(value).tolist()
    assert log_normal.icdf(log_normal.cdf(value)).tolist()[0] == pytest.approx(value.tolist()[0], rel=1e-5)
    falling = d.TransformedDistribution(d.Uniform(0.0, 1.0), d.AffineTransform(0.0, -2.0))
    assert falling.cdf(torch.tensor(-0.5)).item() == pytest.approx(0.75)


def test_relaxed():
    torch.manual_seed(0)
    one = d.RelaxedBernoulli(torch.tensor(0.5), probs=torch.tensor([0.2, 0.8]))
    draws = one.rsample((2000,))
    assert ((draws > 0) & (draws < 1)).all() and (draws > 0.5).float().mean(0).tolist() == pytest.approx([0.2, 0.8], abs=0.03)
    many = d.RelaxedOneHotCategorical(torch.tensor(1.5), probs=torch.tensor([0.2, 0.8]))
    x = torch.linspace(0.0005, 0.9995, 1000)
    total = many.log_prob(torch.stack([x, 1 - x], -1)).exp().mean()
    assert total.item() == pytest.approx(1.0, abs=0.01) and many.rsample().sum().item() == pytest.approx(1.0)


def test_mixture():
    weights = d.Categorical(torch.tensor([0.25, 0.75]))
    parts = d.Independent(d.Normal(torch.tensor([[0.0, 0.0], [4.0, 2.0]]), 1.0), 1)
    one = d.MixtureSameFamily(weights, parts)
    assert one.mean.tolist() == [3.0, 1.5] and one.variance.tolist() == [4.0, 1.75]
    torch.manual_seed(0)
    assert one.sample((4000,)).mean(0).tolist() == pytest.approx([3.0, 1.5], abs=0.1)
    wanted = (0.25 * parts.log_prob(torch.zeros(2)).exp()[0] + 0.75 * parts.log_prob(torch.zeros(2)).exp()[1]).log()
    assert one.log_prob(torch.zeros(2)).item() == pytest.approx(wanted.item())
    with pytest.raises(ValueError, match=r"`mixture_distribution component` \(2\) does not equal"):
        d.MixtureSameFamily(weights, d.Normal(torch.zeros(3), 1.0))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: d.Normal(0.0, -1.0), "Expected parameter scale (Tensor of shape ()) of distribution Normal(loc: 0.0, scale: -1.0) to "
         "satisfy the constraint GreaterThan(lower_bound=0.0), but found invalid values:\n-1.0"),
        (lambda: d.Bernoulli(), "Either `probs` or `logits` must be specified, but not both."),
        (lambda: d.Bernoulli(torch.tensor([0.5, 2.0])), "to satisfy the constraint Interval(lower_bound=0.0, upper_bound=1.0)"),
        (lambda: d.Geometric(torch.tensor(0.0)), "to be positive but found invalid values"),
        (lambda: d.Categorical(torch.tensor(0.5)), "`probs` parameter must be at least one-dimensional."),
        (lambda: d.Uniform(1.0, 0.0), "to satisfy the constraint LessThan(upper_bound=0.0)"),
        (lambda: d.Normal("a", 1.0), "Input arguments must all be instances of Number"),
        (lambda: d.LKJCholesky(1), "Found dim=1."),
        (lambda: d.Normal(0.0, 1.0).log_prob(1.0), "The value argument to log_prob must be a Tensor"),
        (lambda: d.Exponential(1.0).log_prob(torch.tensor(-1.0)), "to be within the support (GreaterThanEq(lower_bound=0.0))"),
        (lambda: d.Normal(torch.zeros(3), 1.0).log_prob(torch.zeros(2)), "Value is not broadcastable with batch_shape+event_shape"),
        (lambda: d.TransformedDistribution(d.Normal(0.0, 1.0), 3), "transforms must be a Transform or list, but was 3"),
    ],
)
def test_errors(make, text):
    with pytest.raises(ValueError) as raised:
        make()
    assert text in str(raised.value)


def test_validation_can_be_turned_off():
    assert d.Normal(0.0, -1.0, validate_args=False).scale.item() == -1.0
    d.Distribution.set_default_validate_args(False)
    try:
        assert d.Exponential(-1.0).rate.item() == -1.0
    finally:
        d.Distribution.set_default_validate_args(True)


def test_a_subclass_with_its_own_init_has_to_expand_itself():
    class Standard(d.Normal):
        def __init__(self):
            super().__init__(0.0, 1.0)

    with pytest.raises(NotImplementedError, match="Subclass Standard of Normal that defines a custom __init__"):
        Standard().expand((2,))


def test_registry():
    class Wide(d.Normal):
        pass

    one = Wide(0.0, 1.0)
    assert d.kl_divergence(one, d.Normal(1.0, 1.0)).item() == 0.5

    @d.register_kl(Wide, d.Normal)
    def _kl(p, q):
        return torch.tensor(7.0)

    try:
        assert d.kl_divergence(one, d.Normal(1.0, 1.0)).item() == 7.0
    finally:
        del d.kl._KL_REGISTRY[Wide, d.Normal]
        d.kl._KL_MEMOIZE.clear()
    with pytest.raises(NotImplementedError, match="No KL"):
        d.kl_divergence(d.Cauchy(0.0, 1.0), d.Normal(0.0, 1.0))
    poisson = d.Poisson(torch.tensor([2.0, 3.0]))
    wanted = d.kl_divergence(poisson, d.Poisson(4.0))
    found = d.kl._exponential_family(poisson, d.Poisson(torch.tensor([4.0, 4.0])))
    assert found.tolist() == pytest.approx(wanted.tolist(), rel=1e-5)
    with pytest.raises(TypeError, match="Expected type_p to be a Distribution subclass but got"):
        d.register_kl(d.Normal(0.0, 1.0), d.Normal)


def test_transforms_and_distributions_that_are_modules():
    class Shift(d.transforms.Transform, torch.nn.Module):
        domain = codomain = d.constraints.real
        __hash__ = torch.nn.Module.__hash__

        def __init__(self):
            super().__init__(cache_size=1)
            self.by = torch.nn.Parameter(torch.ones(2))

        def _call(self, x):
            return x + self.by

    class Learned(d.Normal, torch.nn.Module):
        def __init__(self):
            super().__init__(torch.zeros(2), torch.ones(2))
            self.extra = torch.nn.Parameter(torch.ones(1))

    assert [name for name, _ in Shift().named_parameters()] == ["by"] and Shift()(torch.zeros(2)).tolist() == [1, 1]
    assert [name for name, _ in Learned().named_parameters()] == ["extra"]
