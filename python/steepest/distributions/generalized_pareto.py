"""GeneralizedPareto: what lies beyond a high threshold."""

from .. import Size, inf, isclose, nan, ones_like, rand, tensor, where, zeros_like
from . import constraints
from .distribution import Expanding
from .utils import batch_shape_of, broadcast_all

__all__ = ["GeneralizedPareto"]


class GeneralizedPareto(Expanding):
    """The distribution function ``1 - (1 + concentration * z)**(-1 / concentration)`` of ``z = (x - loc) / scale``;
    the exponential distribution where concentration is 0.
    """

    arg_constraints = {
        "loc": constraints.real,
        "scale": constraints.positive,
        "concentration": constraints.real,
    }
    has_rsample = True
    _expands = {"loc": 0, "scale": 0, "concentration": 0}

    def __init__(self, loc, scale, concentration, validate_args=None):
        self.loc, self.scale, self.concentration = broadcast_all(loc, scale, concentration)
        super().__init__(batch_shape_of(self.loc, loc, scale, concentration), validate_args=validate_args)

    def rsample(self, sample_shape=Size()):  # noqa: B008
        return self.icdf(rand(self._extended_shape(sample_shape), dtype=self.loc.dtype))

    def _z(self, x):
        return (x - self.loc) / self.scale

    def _safe(self):
        """Where the concentration is 0, and the concentration with 1 in these places."""
        is_zero = isclose(self.concentration, zeros_like(self.concentration))
        return is_zero, where(is_zero, ones_like(self.concentration), self.concentration)

    def log_prob(self, value):
        self._check_value(value)
        z, (is_zero, c) = self._z(value), self._safe()
        y = 1 / c + ones_like(z)
        powers = where(y == 0, y, y * (c * z).log1p())
        return -self.scale.log() - where(is_zero, z, powers)

    def log_survival_function(self, value):
        """log(1 - cdf(value))."""
        self._check_value(value)
        z, (is_zero, c) = self._z(value), self._safe()
        return where(is_zero, -z, -(c * z).log1p() / c)

    def log_cdf(self, value):
        """log(cdf(value))."""
        return (-self.log_survival_function(value).exp()).log1p()

    def cdf(self, value):
        return self.log_cdf(value).exp()

    def icdf(self, value):
        is_zero, c = self._safe()
        log_rest = (-value).log1p()
        return where(is_zero, self.loc - self.scale * log_rest, self.loc + self.scale / c * (-c * log_rest).expm1())

    @property
    def mean(self):
        valid = self.concentration < 1
        c = where(valid, self.concentration, 0.5)
        return where(valid, self.loc + self.scale / (1 - c), nan)

    @property
    def variance(self):
        valid = self.concentration < 0.5
        c = where(valid, self.concentration, 0.25)
        return where(valid, self.scale**2 / ((1 - c) ** 2 * (1 - 2 * c)), nan)

    def entropy(self):
        return (self.scale.log() + self.concentration + 1).expand(self._batch_shape)

    @property
    def mode(self):
        return self.loc

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self):
        end = self.loc - self.scale / self.concentration
        return constraints.interval(self.loc, where(self.concentration < 0, end, tensor(inf, dtype=end.dtype)))
