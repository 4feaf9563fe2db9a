"""Divergences between distributions of two kinds; in each, p is the first one named."""

import math

from .. import inf, where, xlogy
from .bernoulli import Bernoulli
from .beta import Beta
from .binomial import Binomial
from .continuous_bernoulli import ContinuousBernoulli
from .exponential import Exponential
from .gamma import Gamma
from .gumbel import Gumbel
from .kl import infinite_like, register_kl
from .laplace import Laplace
from .normal import Normal
from .pareto import Pareto
from .poisson import Poisson
from .uniform import Uniform
from .utils import euler_constant

_LOG_2PI = math.log(2 * math.pi)


def _infinite(type_p, parameter, *types_q):
    """p has values where the density of q is 0."""
    for type_q in types_q:
        register_kl(type_p, type_q)(lambda p, q: infinite_like(getattr(p, parameter)))


_infinite(Beta, "concentration1", Pareto)
_infinite(ContinuousBernoulli, "probs", Pareto)
_infinite(Exponential, "rate", Beta, ContinuousBernoulli, Pareto, Uniform)
_infinite(Gamma, "concentration", Beta, ContinuousBernoulli, Pareto, Uniform)
_infinite(Gumbel, "loc", Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform)
_infinite(Laplace, "loc", Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform)
_infinite(Normal, "loc", Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform)
_infinite(Pareto, "scale", Beta, ContinuousBernoulli, Uniform)
_infinite(Poisson, "rate", Bernoulli, Binomial)


def _log_gamma_normalizer(q):
    return q.concentration.lgamma() - q.concentration * q.rate.log()


def _normal_cross_entropy(q, mean, square):
    """-E[log q(x)] for a normal q and an x of that mean and mean square."""
    variance = q.scale.pow(2)
    return 0.5 * (variance * 2 * math.pi).log() + (0.5 * square - q.loc * mean + 0.5 * q.loc.pow(2)) / variance


@register_kl(Bernoulli, Poisson)
def _bernoulli_poisson(p, q):
    return -p.entropy() - (p.probs * q.rate.log() - q.rate)


@register_kl(Beta, ContinuousBernoulli)
def _beta_continuous_bernoulli(p, q):
    return -p.entropy() - p.mean * q.logits - (-q.probs).log1p() - q._cont_bern_log_norm()


@register_kl(Beta, Exponential)
def _beta_exponential(p, q):
    return -p.entropy() - q.rate.log() + q.rate * p.mean


@register_kl(Beta, Gamma)
def _beta_gamma(p, q):
    mean_log = p.concentration1.digamma() - (p.concentration1 + p.concentration0).digamma()
    return -p.entropy() + _log_gamma_normalizer(q) - (q.concentration - 1) * mean_log + q.rate * p.mean


@register_kl(Beta, Normal)
def _beta_normal(p, q):
    square = p.mean * (1 - p.mean) / (p.concentration1 + p.concentration0 + 1) + p.mean.pow(2)
    return -p.entropy() + _normal_cross_entropy(q, p.mean, square)


@register_kl(Beta, Uniform)
def _beta_uniform(p, q):
    return (-p.entropy() + (q.high - q.low).log()).masked_fill((q.low > 0) | (q.high < 1), inf)


@register_kl(ContinuousBernoulli, Exponential)
def _continuous_bernoulli_exponential(p, q):
    return -p.entropy() - q.rate.log() + q.rate * p.mean


@register_kl(ContinuousBernoulli, Normal)
def _continuous_bernoulli_normal(p, q):
    return -p.entropy() + _normal_cross_entropy(q, p.mean, p.variance + p.mean.square())


@register_kl(ContinuousBernoulli, Uniform)
def _continuous_bernoulli_uniform(p, q):
    result = -p.entropy() + (q.high - q.low).log()
    return where((q.low >= 0) | (q.high <= 1), infinite_like(result), result)  # PyTorch's condition


@register_kl(Exponential, Gamma)
def _exponential_gamma(p, q):
    ratio = q.rate / p.rate
    rest = q.concentration.lgamma() + q.concentration * euler_constant - (1 + euler_constant)
    return -q.concentration * ratio.log() + ratio + rest


@register_kl(Exponential, Gumbel)
def _exponential_gumbel(p, q):
    product, shift = p.rate * q.scale, q.loc / q.scale
    return product.log() - 1 - shift + shift.exp() * product / (product + 1) + product.reciprocal()


@register_kl(Exponential, Normal)
def _exponential_normal(p, q):
    return p.rate.log() - 1 + _normal_cross_entropy(q, p.mean, 2 * p.rate.pow(-2))


@register_kl(Gamma, Exponential)
def _gamma_exponential(p, q):
    return -p.entropy() - q.rate.log() + q.rate * p.concentration / p.rate


def _gamma_own(p):
    """E[log p(x)] less the logarithm of the rate."""
    a = p.concentration
    return (a - 1) * a.digamma() - a.lgamma() - a


@register_kl(Gamma, Gumbel)
def _gamma_gumbel(p, q):
    product, shift = p.rate * q.scale, q.loc / q.scale
    tail = shift.exp() * (1 + product.reciprocal()).pow(-p.concentration)
    return _gamma_own(p) + product.log() + p.concentration / product + tail - shift


@register_kl(Gamma, Normal)
def _gamma_normal(p, q):
    square = (p.concentration.pow(2) + p.concentration) / p.rate.pow(2)
    return _gamma_own(p) + p.rate.log() + _normal_cross_entropy(q, p.mean, square)


@register_kl(Gumbel, Normal)
def _gumbel_normal(p, q):
    ratio = p.scale / q.scale
    width = (math.pi * ratio * 0.5).pow(2) / 3
    shift = ((p.loc + p.scale * euler_constant - q.loc) / q.scale).pow(2) * 0.5
    return -(ratio / math.sqrt(2 * math.pi)).log() + width + shift - (euler_constant + 1)


@register_kl(Laplace, Normal)
def _laplace_normal(p, q):
    return -(2 * p.scale).log() - 1 + _normal_cross_entropy(q, p.loc, p.loc.pow(2) + 2 * p.scale.pow(2))


@register_kl(Normal, Gumbel)
def _normal_gumbel(p, q):
    ratio, shift = (p.scale / q.scale).pow(2), (p.loc - q.loc) / q.scale
    return -ratio.log() * 0.5 + shift + (0.5 * ratio - shift).exp() - 0.5 * (1 + _LOG_2PI)


@register_kl(Normal, Laplace)
def _normal_laplace(p, q):
    shift = p.loc - q.loc
    inner = math.sqrt(2 / math.pi) * p.scale * (-0.5 * (shift / p.scale).pow(2)).exp()
    distance = inner + shift * (math.sqrt(0.5) * shift / p.scale).erf()  # E|x - loc|
    return -(p.scale / q.scale).log() + distance / q.scale - 0.5 * (1 + math.log(0.5 * math.pi))


@register_kl(Pareto, Exponential)
def _pareto_exponential(p, q):
    product = p.scale * q.rate
    result = (p.alpha / product).log() - p.alpha.reciprocal() + p.alpha * product / (p.alpha - 1) - 1
    return result.masked_fill(p.alpha <= 1, inf)


@register_kl(Pareto, Gamma)
def _pareto_gamma(p, q):
    mean_log = p.scale.log() + p.alpha.reciprocal()
    own = p.alpha.log() - mean_log - 1
    cross = _log_gamma_normalizer(q) + (1 - q.concentration) * mean_log + q.rate * p.alpha * p.scale / (p.alpha - 1)
    return (own + cross).masked_fill(p.alpha <= 1, inf)


@register_kl(Pareto, Normal)
def _pareto_normal(p, q):
    part = p.scale / (p.alpha - 1)
    spread = p.alpha * part.pow(2) / (p.alpha - 2) + (p.alpha * part - q.loc).pow(2)
    log_ratio = (math.sqrt(2 * math.pi) * q.scale * p.alpha / p.scale).log()
    result = log_ratio - p.alpha.reciprocal() + spread / (2 * q.scale.pow(2)) - 1
    return result.masked_fill(p.alpha <= 2, inf)


def _mean_log(p):
    """E[log x] of a uniform x."""
    width = p.high - p.low
    return (xlogy(p.high, p.high) - xlogy(p.low, p.low) - width) / width


@register_kl(Uniform, Beta)
def _uniform_beta(p, q):
    rest = Uniform(1 - p.high, 1 - p.low, validate_args=False)
    log_beta = q.concentration1.lgamma() + q.concentration0.lgamma() - (q.concentration1 + q.concentration0).lgamma()
    cross = log_beta - (q.concentration1 - 1) * _mean_log(p) - (q.concentration0 - 1) * _mean_log(rest)
    return (cross - p.entropy()).masked_fill((p.high > 1) | (p.low < 0), inf)


@register_kl(Uniform, ContinuousBernoulli)
def _uniform_continuous_bernoulli(p, q):
    result = -p.entropy() - p.mean * q.logits - (-q.probs).log1p() - q._cont_bern_log_norm()
    return where((p.high >= 1) | (p.low <= 0), infinite_like(result), result)  # PyTorch's condition


@register_kl(Uniform, Exponential)
def _uniform_exponential(p, q):
    result = q.rate * (p.high + p.low) / 2 - ((p.high - p.low) * q.rate).log()
    return result.masked_fill(p.low < 0, inf)


@register_kl(Uniform, Gamma)
def _uniform_gamma(p, q):
    cross = _log_gamma_normalizer(q) + (1 - q.concentration) * _mean_log(p) + q.rate * (p.high + p.low) / 2
    return (cross - p.entropy()).masked_fill(p.low < 0, inf)


@register_kl(Uniform, Gumbel)
def _uniform_gumbel(p, q):
    ratio = q.scale / (p.high - p.low)
    high, low = (p.high - q.loc) / q.scale, (p.low - q.loc) / q.scale
    return ratio.log() + 0.5 * (high + low) - ratio * ((-high).exp() - (-low).exp())


@register_kl(Uniform, Normal)
def _uniform_normal(p, q):
    width = p.high - p.low
    spread = width.pow(2) / 12 + ((p.high + p.low - 2 * q.loc) / 2).pow(2)
    return (math.sqrt(math.pi * 2) * q.scale / width).log() + 0.5 * spread / q.scale.pow(2)


@register_kl(Uniform, Pareto)
def _uniform_pareto(p, q):
    log_density = (q.alpha * q.scale.pow(q.alpha) * (p.high - p.low)).log()
    return (_mean_log(p) * (q.alpha + 1) - log_density).masked_fill(p.low < q.scale, inf)
