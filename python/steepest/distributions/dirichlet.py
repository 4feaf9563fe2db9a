"""Dirichlet: parts of a whole."""

from .. import Size, xlogy
from .._C import _sample_dirichlet
from ..nn.functional import one_hot
from . import constraints
from .distribution import Expanding
from .exp_family import ExponentialFamily

__all__ = ["Dirichlet"]


class Dirichlet(Expanding, ExponentialFamily):
    """Vectors of positive numbers with sum 1, whose density is proportional to ``prod(x**(concentration - 1))``.

    ValueError for a 0-d concentration.
    """

    arg_constraints = {"concentration": constraints.independent(constraints.positive, 1)}
    support = constraints.simplex
    has_rsample = True
    _expands = {"concentration": 1}

    def __init__(self, concentration, validate_args=None):
        if concentration.dim() < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args=validate_args)

    def rsample(self, sample_shape=Size()):  # noqa: B008
        return _sample_dirichlet(self.concentration.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value):
        self._check_value(value)
        log_normalizer = self.concentration.lgamma().sum(-1) - self.concentration.sum(-1).lgamma()
        return xlogy(self.concentration - 1.0, value).sum(-1) - log_normalizer

    @property
    def mean(self):
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self):
        excess = (self.concentration - 1).clamp(min=0.0)
        mode = excess / excess.sum(-1, True)
        at_corner = (self.concentration < 1).all(dim=-1)
        mode[at_corner] = one_hot(mode[at_corner].argmax(dim=-1), excess.shape[-1]).to(mode)
        return mode

    @property
    def variance(self):
        total = self.concentration.sum(-1, True)
        return self.concentration * (total - self.concentration) / (total.pow(2) * (total + 1))

    def entropy(self):
        a, total = self.concentration, self.concentration.sum(-1)
        log_normalizer = a.lgamma().sum(-1) - total.lgamma()
        return log_normalizer - (a.size(-1) - total) * total.digamma() - ((a - 1.0) * a.digamma()).sum(-1)

    @property
    def _natural_params(self):
        return (self.concentration,)

    def _log_normalizer(self, x):
        return x.lgamma().sum(-1) - x.sum(-1).lgamma()
