"""LowRankMultivariateNormal: normal vectors with few directions in which they vary together."""

import math

from .. import Size, broadcast_tensors, diag_embed, eye, linalg
from . import constraints
from .distribution import AroundLoc, Distribution
from .multivariate_normal import _batch_mahalanobis, _batch_mv, half_log_det
from .utils import _standard_normal, lazy_property

__all__ = ["LowRankMultivariateNormal"]


def _plus_identity(matrix):
    return matrix + eye(matrix.size(-1), dtype=matrix.dtype)


def _batch_capacitance_tril(factor, diag):
    """The Cholesky factor of I + W^T D^-1 W, the small matrix of the matrix determinant and inversion lemmas."""
    return linalg.cholesky(_plus_identity((factor.mT / diag.unsqueeze(-2)) @ factor))


def _batch_lowrank_logdet(factor, diag, capacitance_tril):
    """log det(W W^T + D), by the matrix determinant lemma."""
    return 2 * half_log_det(capacitance_tril) + diag.log().sum(-1)


def _batch_lowrank_mahalanobis(factor, diag, x, capacitance_tril):
    """x^T (W W^T + D)^-1 x, by the matrix inversion lemma."""
    inner = _batch_mv(factor.mT / diag.unsqueeze(-2), x)
    return (x.pow(2) / diag).sum(-1) - _batch_mahalanobis(capacitance_tril, inner)


class LowRankMultivariateNormal(AroundLoc, Distribution):
    """Normal vectors of mean ``loc`` (..., n) and covariance ``cov_factor @ cov_factor.mT + diag(cov_diag)``, whose
    ``cov_factor`` (..., n, m) has few columns. ValueError where the shapes do not fit.
    """

    arg_constraints = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc, cov_factor, cov_diag, validate_args=None):
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        event_shape = loc.shape[-1:]
        if cov_factor.dim() < 2:
            raise ValueError("cov_factor must be at least two-dimensional, with optional leading batch dimensions")
        if cov_factor.shape[-2:-1] != event_shape:
            raise ValueError(f"cov_factor must be a batch of matrices with shape {event_shape[0]} x m")
        if cov_diag.shape[-1:] != event_shape:
            raise ValueError(f"cov_diag must be a batch of vectors with shape {event_shape}")
        try:
            wide_loc, self.cov_factor, wide_diag = broadcast_tensors(loc.unsqueeze(-1), cov_factor, cov_diag.unsqueeze(-1))
        except RuntimeError as error:
            raise ValueError(
                f"Incompatible batch shapes: loc {loc.shape}, cov_factor {cov_factor.shape}, cov_diag {cov_diag.shape}"
            ) from error
        self.loc = wide_loc[..., 0]
        self.cov_diag = wide_diag[..., 0]
        self._unbroadcasted_cov_factor = cov_factor
        self._unbroadcasted_cov_diag = cov_diag
        self._capacitance_tril = _batch_capacitance_tril(cov_factor, cov_diag)
        super().__init__(self.loc.shape[:-1], event_shape, validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        new = self._get_checked_instance(LowRankMultivariateNormal, _instance)
        batch_shape = Size(batch_shape)
        shape = batch_shape + self.event_shape
        new.loc = self.loc.expand(shape)
        new.cov_diag = self.cov_diag.expand(shape)
        new.cov_factor = self.cov_factor.expand(shape + self.cov_factor.shape[-1:])
        for name in ("_unbroadcasted_cov_factor", "_unbroadcasted_cov_diag", "_capacitance_tril"):
            setattr(new, name, getattr(self, name))
        Distribution.__init__(new, batch_shape, self.event_shape, validate_args=False)
        new._validate_args = self._validate_args
        return new

    @property
    def _parts(self):
        return self._unbroadcasted_cov_factor, self._unbroadcasted_cov_diag

    def _expanded(self, matrix):
        return matrix.expand(self._batch_shape + self._event_shape + self._event_shape)

    @lazy_property
    def variance(self):
        factor, diag = self._parts
        return (factor.pow(2).sum(-1) + diag).expand(self._batch_shape + self._event_shape)

    @lazy_property
    def scale_tril(self):
        """The Cholesky factor of the covariance."""
        factor, diag = self._parts
        root = diag.sqrt().unsqueeze(-1)
        scaled = factor / root
        return self._expanded(root * linalg.cholesky(_plus_identity(scaled @ scaled.mT)))

    @lazy_property
    def covariance_matrix(self):
        """The covariance."""
        factor, diag = self._parts
        return self._expanded(factor @ factor.mT + diag_embed(diag))

    @lazy_property
    def precision_matrix(self):
        """The inverse of the covariance, by the matrix inversion lemma."""
        factor, diag = self._parts
        inner = linalg.solve_triangular(self._capacitance_tril, factor.mT / diag.unsqueeze(-2), upper=False)
        return self._expanded(diag_embed(diag.reciprocal()) - inner.mT @ inner)

    def rsample(self, sample_shape=Size()):  # noqa: B008
        factor, diag = self._parts
        shape = self._extended_shape(sample_shape)
        common = _standard_normal(shape[:-1] + self.cov_factor.shape[-1:], dtype=self.loc.dtype)
        own = _standard_normal(shape, dtype=self.loc.dtype)
        return self.loc + _batch_mv(factor, common) + diag.sqrt() * own

    def log_prob(self, value):
        self._check_value(value)
        distance = _batch_lowrank_mahalanobis(*self._parts, value - self.loc, self._capacitance_tril)
        log_det = _batch_lowrank_logdet(*self._parts, self._capacitance_tril)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + log_det + distance)

    def entropy(self):
        log_det = _batch_lowrank_logdet(*self._parts, self._capacitance_tril)
        entropy = 0.5 * (self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + log_det)
        return entropy.expand(self._batch_shape) if self._batch_shape else entropy
