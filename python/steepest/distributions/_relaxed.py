"""What the relaxed distributions share."""

from .transformed_distribution import TransformedDistribution


class Relaxed(TransformedDistribution):
    """A distribution made of one with a temperature and one of ``probs`` and ``logits``."""

    @property
    def temperature(self):
        """How much the values blend."""
        return self.base_dist.temperature

    @property
    def logits(self):
        """Log-odds, or log-probabilities."""
        return self.base_dist.logits

    @property
    def probs(self):
        """Probabilities."""
        return self.base_dist.probs
