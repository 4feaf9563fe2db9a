"""Normal: the distribution of sums."""

import math

from .. import Size, no_grad
from .. import normal as draw_normal
from . import constraints
from .distribution import AroundLoc, Expanding
from .exp_family import ExponentialFamily
from .utils import _standard_normal, batch_shape_of, broadcast_all

__all__ = ["Normal"]


class Normal(AroundLoc, Expanding, ExponentialFamily):
    """The normal distribution with mean ``loc`` and standard deviation ``scale``, tensors or numbers.

    >>> import steepest as torch
    >>> normal = torch.distributions.Normal(torch.tensor([0.0, 1.0]), 2.0)
    >>> normal.log_prob(torch.tensor(0.0))
    tensor([-1.6121, -1.7371])
    >>> normal.entropy().shape, normal.sample((3,)).shape
    (torch.Size([2]), torch.Size([3, 2]))
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True
    _mean_carrier_measure = 0
    _expands = {"loc": 0, "scale": 0}

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(batch_shape_of(self.loc, loc, scale), validate_args=validate_args)

    @property
    def stddev(self):
        return self.scale

    @property
    def variance(self):
        return self.stddev.pow(2)

    def sample(self, sample_shape=Size()):  # noqa: B008
        shape = self._extended_shape(sample_shape)
        with no_grad():
            return draw_normal(self.loc.expand(shape), self.scale.expand(shape))

    def rsample(self, sample_shape=Size()):  # noqa: B008
        eps = _standard_normal(self._extended_shape(sample_shape), dtype=self.loc.dtype)
        return self.loc + eps * self.scale

    def log_prob(self, value):
        self._check_value(value)
        return -((value - self.loc) ** 2) / (2 * self.scale**2) - self.scale.log() - math.log(math.sqrt(2 * math.pi))

    def cdf(self, value):
        self._check_value(value)
        return 0.5 * (1 + ((value - self.loc) * self.scale.reciprocal() / math.sqrt(2)).erf())

    def icdf(self, value):
        return self.loc + self.scale * (2 * value - 1).erfinv() * math.sqrt(2)

    def entropy(self):
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()

    @property
    def _natural_params(self):
        return self.loc / self.scale.pow(2), -0.5 * self.scale.pow(2).reciprocal()

    def _log_normalizer(self, x, y):
        return -0.25 * x.pow(2) / y + 0.5 * (-math.pi / y).log()
