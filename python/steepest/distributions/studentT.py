"""StudentT: a normal number over an estimate of its deviation."""

import math

from .. import Size, inf, nan, where
from . import constraints
from .chi2 import Chi2
from .distribution import Expanding
from .utils import _standard_normal, broadcast_all

__all__ = ["StudentT"]


class StudentT(Expanding):
    """Student's t distribution of ``df`` degrees of freedom, moved to ``loc`` and widened by ``scale``."""

    arg_constraints = {"df": constraints.positive, "loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True
    _expands = {"df": 0, "loc": 0, "scale": 0, "_chi2": None}

    def __init__(self, df, loc=0.0, scale=1.0, validate_args=None):
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        self._chi2 = Chi2(self.df)
        super().__init__(self.df.size(), validate_args=validate_args)

    @property
    def mean(self):
        return self.loc.masked_fill(self.df <= 1, nan)

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        finite = self.df > 2
        df = where(finite, self.df, 3.0)
        return where(finite, self.scale.pow(2) * df / (df - 2), where(self.df > 1, inf, nan))

    def rsample(self, sample_shape=Size()):  # noqa: B008
        x = _standard_normal(self._extended_shape(sample_shape), dtype=self.df.dtype)
        z = self._chi2.rsample(sample_shape)
        return self.loc + self.scale * (x * (z / self.df).rsqrt())

    def _log_beta(self):
        return (0.5 * self.df).lgamma() - (0.5 * (self.df + 1.0)).lgamma()

    def log_prob(self, value):
        self._check_value(value)
        y = (value - self.loc) / self.scale
        log_normalizer = self.scale.log() + 0.5 * self.df.log() + 0.5 * math.log(math.pi) + self._log_beta()
        return -0.5 * (self.df + 1.0) * (y**2.0 / self.df).log1p() - log_normalizer

    def entropy(self):
        half, above = 0.5 * self.df, 0.5 * (self.df + 1)
        log_beta = self._log_beta() + math.lgamma(0.5)
        return self.scale.log() + above * (above.digamma() - half.digamma()) + 0.5 * self.df.log() + log_beta
