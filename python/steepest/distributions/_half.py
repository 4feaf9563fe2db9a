"""What the absolute values of distributions around 0 share."""

import math

from .. import zeros_like
from . import constraints
from .transformed_distribution import TransformedDistribution


class Half(TransformedDistribution):
    """The absolute value of a distribution that is symmetric around 0."""

    arg_constraints = {"scale": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    @property
    def scale(self):
        """The width."""
        return self.base_dist.scale

    @property
    def mode(self):
        return zeros_like(self.scale)

    def cdf(self, value):
        self._check_value(value)
        return 2 * self.base_dist.cdf(value) - 1

    def icdf(self, value):
        return self.base_dist.icdf((value + 1) / 2)

    def entropy(self):
        return self.base_dist.entropy() - math.log(2)
