"""VonMises: angles around one direction."""

import math

from .. import Size, cos, double, empty, no_grad, rand, where, zeros
from .. import bool as torch_bool
from . import constraints
from .distribution import AroundLoc, Expanding
from .utils import broadcast_all, lazy_property

__all__ = ["VonMises"]

# Abramowitz and Stegun 9.8.1 to 9.8.4: I0(x) and I1(x) / x by powers of (x / 3.75)**2 below 3.75, and both over
# exp(x) / sqrt(x) by powers of 3.75 / x above.
_SMALL = (
    (1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813),
    (0.5, 0.87890594, 0.51498869, 0.15084934, 0.02658733, 0.00301532, 0.00032411),
)
_LARGE = (
    (0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633, 0.00392377),
    (0.39894228, -0.03988024, -0.00362018, 0.00163801, -0.01031555, 0.02282967, -0.02895312, 0.01787654, -0.00420059),
)


def _polynomial(coefficients, x):
    result = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        result = c + x * result
    return result


def _log_modified_bessel_fn(x, order=0):
    """log I0(x), or log I1(x)."""
    y = x / 3.75
    small = _polynomial(_SMALL[order], y * y)
    small = (x.abs() * small if order == 1 else small).log()
    large = x - 0.5 * x.log() + _polynomial(_LARGE[order], 3.75 / x).log()
    return where(x < 3.75, small, large)


class VonMises(AroundLoc, Expanding):
    """Angles in [-pi, pi) with a density proportional to ``exp(concentration * cos(x - loc))``.

    Draws are Best and Fisher's (1979), in float64.
    """

    arg_constraints = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real
    has_rsample = False
    _expands = {"loc": 0, "concentration": 0}

    def __init__(self, loc, concentration, validate_args=None):
        self.loc, self.concentration = broadcast_all(loc, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    def log_prob(self, value):
        self._check_value(value)
        height = self.concentration * cos(value - self.loc)
        return height - math.log(2 * math.pi) - _log_modified_bessel_fn(self.concentration)

    @lazy_property
    def _proposal_r(self):
        kappa = self.concentration.to(double)
        tau = 1 + (1 + 4 * kappa**2).sqrt()
        rho = (tau - (2 * tau).sqrt()) / (2 * kappa)
        return where(kappa < 1e-5, 1 / kappa + kappa, (1 + rho**2) / (2 * rho))

    def sample(self, sample_shape=Size()):  # noqa: B008
        shape = self._extended_shape(sample_shape)
        with no_grad():
            loc, kappa, r = self.loc.to(double), self.concentration.to(double), self._proposal_r
            x, done = empty(shape, dtype=double), zeros(shape, dtype=torch_bool)
            while not done.all():
                u1, u2, u3 = rand((3, *shape), dtype=double).unbind()
                z = cos(math.pi * u1)
                f = (1 + r * z) / (r + z)
                c = kappa * (r - f)
                accept = (c * (2 - c) - u2 > 0) | ((c / u2).log() + 1 - c >= 0)
                x = where(accept, (u3 - 0.5).sign() * f.acos(), x)
                done = done | accept
            return ((x + math.pi + loc) % (2 * math.pi) - math.pi).to(self.loc.dtype)

    @lazy_property
    def variance(self):
        """The circular variance."""
        ratio = _log_modified_bessel_fn(self.concentration, order=1) - _log_modified_bessel_fn(self.concentration)
        return 1 - ratio.exp()
