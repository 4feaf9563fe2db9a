"""NegativeBinomial: successes before a number of failures."""

from .. import Size, no_grad, poisson
from ..nn.functional import logsigmoid
from . import constraints
from .distribution import ProbsOrLogits
from .gamma import Gamma
from .utils import broadcast_all, lazy_property

__all__ = ["NegativeBinomial"]


class NegativeBinomial(ProbsOrLogits):
    """The number of successes, of probability ``probs`` or log-odds ``logits``, before ``total_count`` failures."""

    arg_constraints = {
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0),
        "logits": constraints.real,
    }
    support = constraints.nonnegative_integer
    _expands = {"total_count": 0, **ProbsOrLogits._expands}

    def __init__(self, total_count, probs=None, logits=None, validate_args=None):
        self._check_one(probs, logits)
        self.total_count, given = broadcast_all(total_count, logits if probs is None else probs)
        self.total_count = self.total_count.type_as(given)
        setattr(self, "logits" if probs is None else "probs", given)
        super().__init__(given.size(), validate_args=validate_args)

    @property
    def mean(self):
        return self.total_count * self.logits.exp()

    @property
    def mode(self):
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self):
        return self.mean / (-self.logits).sigmoid()

    @lazy_property
    def _gamma(self):
        return Gamma(concentration=self.total_count, rate=(-self.logits).exp(), validate_args=False)

    def sample(self, sample_shape=Size()):  # noqa: B008
        with no_grad():
            return poisson(self._gamma.sample(sample_shape=sample_shape))

    def log_prob(self, value):
        self._check_value(value)
        n = self.total_count
        powers = n * logsigmoid(-self.logits) + value * logsigmoid(self.logits)
        log_choices = (n + value).lgamma() - (1.0 + value).lgamma() - n.lgamma()
        return powers + log_choices.masked_fill(n + value == 0.0, 0.0)
