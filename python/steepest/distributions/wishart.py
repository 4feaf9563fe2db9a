"""Wishart: covariance matrices of normal vectors, times their number."""

import math
import warnings

from .. import Size, arange, broadcast_shapes, einsum, eye, finfo, linalg, nan, randn, tensor, tril_indices
from . import constraints
from .chi2 import Chi2
from .distribution import Distribution
from .exp_family import ExponentialFamily
from .multivariate_normal import MATRICES, half_log_det, scale_tril_of
from .utils import is_number, lazy_property

__all__ = ["Wishart"]


def _mvdigamma(x, p):
    if not x.gt((p - 1) / 2).all():
        raise AssertionError("Wrong domain for multivariate digamma function.")
    return (x.unsqueeze(-1) - arange(p, dtype=x.dtype).div(2)).digamma().sum(-1)


class Wishart(ExponentialFamily):
    """Sums of ``df`` outer products of normal vectors of mean 0 with the covariance that is given as
    ``covariance_matrix``, its inverse ``precision_matrix`` or its Cholesky factor ``scale_tril``.

    ValueError for a df not above the dimension less 1.
    """

    support = constraints.positive_definite
    has_rsample = True
    _mean_carrier_measure = 0

    def __init__(self, df, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        given = {
            name: matrix
            for name, matrix in zip(MATRICES, (covariance_matrix, precision_matrix, scale_tril))
            if matrix is not None
        }
        if len(given) != 1:
            raise AssertionError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
        ((name, matrix),) = given.items()
        if matrix.dim() < 2:
            raise ValueError("scale_tril must be at least two-dimensional, with optional leading batch dimensions")
        if is_number(df):
            batch_shape = Size(matrix.shape[:-2])
            self.df = tensor(df, dtype=matrix.dtype)
        else:
            batch_shape = broadcast_shapes(matrix.shape[:-2], df.shape)
            self.df = df.expand(batch_shape)
        event_shape = matrix.shape[-2:]
        if self.df.le(event_shape[-1] - 1).any():
            raise ValueError(f"Value of df={df} expected to be greater than ndim - 1 = {event_shape[-1] - 1}.")
        setattr(self, name, matrix.expand(batch_shape + (-1, -1)))
        if self.df.lt(event_shape[-1]).any():
            warnings.warn(
                "Low df values detected. Singular samples are highly likely to occur for ndim - 1 < df < ndim.",
                stacklevel=2,
            )
        super().__init__(batch_shape, event_shape, validate_args=validate_args)
        self._unbroadcasted_scale_tril = scale_tril_of(name, matrix)
        self._set_chi2()

    def _set_chi2(self):
        """The distributions of the squares of the diagonal of Bartlett's factor."""
        n = self._event_shape[-1]
        lower = arange(n, dtype=self._unbroadcasted_scale_tril.dtype).expand(self._batch_shape + (-1,))
        self._dist_chi2 = Chi2(df=self.df.unsqueeze(-1) - lower)

    @property
    def arg_constraints(self):
        return {
            "covariance_matrix": constraints.positive_definite,
            "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky,
            "df": constraints.greater_than(self.event_shape[-1] - 1),
        }

    def expand(self, batch_shape, _instance=None):
        new = self._get_checked_instance(Wishart, _instance)
        batch_shape = Size(batch_shape)
        shape = batch_shape + self.event_shape
        new._unbroadcasted_scale_tril = self._unbroadcasted_scale_tril.expand(shape)
        new.df = self.df.expand(batch_shape)
        for name in MATRICES:
            if name in self.__dict__:
                setattr(new, name, self.__dict__[name].expand(shape))
        Distribution.__init__(new, batch_shape, self.event_shape, validate_args=False)
        new._validate_args = self._validate_args
        new._set_chi2()
        return new

    def _expanded(self, matrix):
        return matrix.expand(self._batch_shape + self._event_shape)

    @lazy_property
    def scale_tril(self):
        """The Cholesky factor of the covariance."""
        return self._expanded(self._unbroadcasted_scale_tril)

    @lazy_property
    def covariance_matrix(self):
        """The covariance."""
        return self._expanded(self._unbroadcasted_scale_tril @ self._unbroadcasted_scale_tril.mT)

    @lazy_property
    def precision_matrix(self):
        """The inverse of the covariance."""
        factor = self._unbroadcasted_scale_tril
        return self._expanded(eye(self._event_shape[-1], dtype=factor.dtype).cholesky_solve(factor))

    def _column(self, x):
        return x.view(self._batch_shape + (1, 1))

    @property
    def mean(self):
        return self._column(self.df) * self.covariance_matrix

    @property
    def mode(self):
        factor = self.df - self.covariance_matrix.shape[-1] - 1
        return self._column(factor.masked_fill(factor <= 0, nan)) * self.covariance_matrix

    @property
    def variance(self):
        v = self.covariance_matrix
        diagonal = v.diagonal(dim1=-2, dim2=-1)
        return self._column(self.df) * (v.pow(2) + einsum("...i,...j->...ij", diagonal, diagonal))

    def _bartlett_sampling(self, sample_shape=Size()):  # noqa: B008
        n = self._event_shape[-1]
        roots = self._dist_chi2.rsample(sample_shape).sqrt()
        noise = roots.clamp(min=finfo(roots.dtype).eps).diag_embed(dim1=-2, dim2=-1)
        i, j = tril_indices(n, n, offset=-1)
        noise[..., i, j] = randn(Size(sample_shape) + self._batch_shape + (n * (n - 1) // 2,), dtype=noise.dtype)
        factor = self._unbroadcasted_scale_tril @ noise
        return factor @ factor.mT

    def rsample(self, sample_shape=Size(), max_try_correction=None):  # noqa: B008
        sample_shape = Size(sample_shape)
        sample = self._bartlett_sampling(sample_shape)
        is_singular = self._any_of_batch(self.support.check(sample))  # sic: PyTorch draws good ones again, and warns
        if is_singular.any():
            warnings.warn("Singular sample detected.", stacklevel=2)
            for _ in range(10 if max_try_correction is None else max_try_correction):
                again = self._bartlett_sampling(is_singular[is_singular].shape)
                sample[is_singular] = again
                is_singular[is_singular.clone()] = self._any_of_batch(~self.support.check(again))
                if not is_singular.any():
                    break
        return sample

    def _any_of_batch(self, flags):
        return flags.flatten(-len(self._batch_shape)).any(-1) if self._batch_shape else flags

    def log_prob(self, value):
        self._check_value(value)
        df, n, factor = self.df, self._event_shape[-1], self._unbroadcasted_scale_tril
        trace = value.cholesky_solve(factor).diagonal(dim1=-2, dim2=-1).sum(dim=-1)
        log_normalizer = df * (n * math.log(2) / 2 + half_log_det(factor)) + (df / 2).mvlgamma(n)
        return (df - n - 1) / 2 * linalg.slogdet(value).logabsdet - trace / 2 - log_normalizer

    def entropy(self):
        df, n = self.df, self._event_shape[-1]
        log_scale = (n + 1) * (n * math.log(2) / 2 + half_log_det(self._unbroadcasted_scale_tril))
        return log_scale + (df / 2).mvlgamma(n) - (df - n - 1) / 2 * _mvdigamma(df / 2, p=n) + df * n / 2

    @property
    def _natural_params(self):
        return -self.precision_matrix / 2, (self.df - self._event_shape[-1] - 1) / 2

    def _log_normalizer(self, x, y):
        n = self._event_shape[-1]
        half = y + (n + 1) / 2
        return half * (-linalg.slogdet(-2 * x).logabsdet + math.log(2) * n) + half.mvlgamma(n)
