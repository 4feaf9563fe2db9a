"""Samples of torch.special and of what concerns the representation of numbers: one line an op."""

import numpy as np

from . import special_values as ref
from .draw import binary, elementwise, i, op, unary, x
from .reference import normal_cdf

BOTH = {"low": -6, "high": 6, "special": False, "atol": 8, "rtol": 64}
ABOVE = {"low": 0.1, "high": 9, "special": False, "atol": 8, "rtol": 64, "dtypes": "fi"}
DEGREE = x(low=0, high=9, grad=False)
GAMMA = x(low=0.3, high=9, grad=False), x(low=0.3, high=9)
T, U, V, W = (ref.chebyshev(first) for first in (
    lambda x: x, lambda x: 2 * x, lambda x: 2 * x - 1, lambda x: 2 * x + 1))


def no_gradient(of, options):
    return unary(of, **options, grad=False)


def degrees(of):
    return elementwise((x(low=-1.5, high=1.5), DEGREE), (x(low=-1.5, high=1.5), 4), (0.5, DEGREE), ref=of, grad=False,
        special=False, atol=8, rtol=64, halves=False)


def neighbours(y, a, b):
    """Each result is what numpy has next to the input, in the result's own dtype."""
    return np.array_equal(y, np.nextafter(a.astype(y.dtype), b.astype(y.dtype)), equal_nan=True)


SPECIALS = {
    "i0": unary(ref.bessel_i(0), **BOTH),
    "special_i1": unary(ref.bessel_i(1), **BOTH),
    "special_i0e": unary(ref.scaled(ref.bessel_i(0), -1), **BOTH),
    "special_i1e": unary(ref.scaled(ref.bessel_i(1), -1), **BOTH),
    "special_bessel_j0": no_gradient(ref.bessel_j(0), BOTH | {"high": 20}),
    "special_bessel_j1": no_gradient(ref.bessel_j(1), BOTH | {"high": 20}),
    "special_bessel_y0": no_gradient(ref.bessel_y(0), ABOVE | {"high": 20}),
    "special_bessel_y1": no_gradient(ref.bessel_y(1), ABOVE | {"high": 20}),
    "special_modified_bessel_i0": no_gradient(ref.bessel_i(0), BOTH | {"high": 12}),
    "special_modified_bessel_i1": no_gradient(ref.bessel_i(1), BOTH | {"high": 12}),
    "special_modified_bessel_k0": no_gradient(ref.bessel_k(0), ABOVE),
    "special_modified_bessel_k1": no_gradient(ref.bessel_k(1), ABOVE),
    "special_scaled_modified_bessel_k0": no_gradient(ref.scaled(ref.bessel_k(0), 1), ABOVE),
    "special_scaled_modified_bessel_k1": no_gradient(ref.scaled(ref.bessel_k(1), 1), ABOVE),
    "special_spherical_bessel_j0": no_gradient(lambda v: np.sinc(v / np.pi), BOTH),
    "special_airy_ai": no_gradient(ref.airy_ai, BOTH | {"low": -9, "high": 3, "atol": 64}),
    "special_erfcx": unary(ref.erfcx, **(BOTH | {"low": -3, "high": 3})),
    "special_ndtr": unary(lambda v: normal_cdf(v.astype(float)), **BOTH),
    "special_log_ndtr": unary(ref.log_ndtr, **BOTH),
    "special_ndtri": unary(ref.ndtri, 0.01, 0.99, special=False, dtypes="f", rtol=64, atol=4),
    "special_entr": unary(ref.entr, 0.01, 4, special=False, atol=1, dtypes="f"),
    "special_xlog1py": elementwise((x(), x(low=-0.9)), (x(), 2), (2, x(low=-0.9)), ref=lambda a, b: a * np.log1p(b),
        special=False, atol=1),
    "special_zeta": elementwise((x(low=1.1, high=5, grad=False), x(low=0.1, high=4)), (x(low=1.1, high=5, grad=False), 2),
        (3, x(low=0.1, high=4)), ref=ref.zeta, special=False, dtypes="f", rtol=64, grad="partly"),
    "igamma": elementwise(GAMMA, ref=ref.igamma, dtypes="f", special=False, rtol=256, atol=4),
    "igammac": elementwise(GAMMA, ref=lambda a, v: 1 - ref.igamma(a, v), dtypes="f", special=False, rtol=256, atol=32),
    "mvlgamma": elementwise((x(low=2.1, high=9), 3), (x(low=0.6, high=9), 1), ref=ref.mvlgamma, special=False, dtypes="f",
        rtol=32, atol=4),
    "special_chebyshev_polynomial_t": degrees(T),
    "special_chebyshev_polynomial_u": degrees(U),
    "special_chebyshev_polynomial_v": degrees(V),
    "special_chebyshev_polynomial_w": degrees(W),
    "special_shifted_chebyshev_polynomial_t": degrees(ref.shifted(T)),
    "special_shifted_chebyshev_polynomial_u": degrees(ref.shifted(U)),
    "special_shifted_chebyshev_polynomial_v": degrees(ref.shifted(V)),
    "special_shifted_chebyshev_polynomial_w": degrees(ref.shifted(W)),
    "special_hermite_polynomial_h": degrees(ref.polynomial(lambda v: 2 * v, lambda k, v, p, q: 2 * v * p - 2 * k * q)),
    "special_hermite_polynomial_he": degrees(ref.polynomial(lambda v: v, lambda k, v, p, q: v * p - k * q)),
    "special_laguerre_polynomial_l": degrees(
        ref.polynomial(lambda v: 1 - v, lambda k, v, p, q: ((2 * k + 1 - v) * p - k * q) / (k + 1))),
    "special_legendre_polynomial_p": degrees(
        ref.polynomial(lambda v: v, lambda k, v, p, q: ((2 * k + 1) * v * p - k * q) / (k + 1))),
    "gcd": binary(np.gcd, dtypes="i", grad=False),
    "lcm": binary(np.lcm, dtypes="i", grad=False),
    "nextafter": elementwise((x(), x()), check=neighbours, dtypes="f", halves=False),
    "ldexp": elementwise((x(), x(low=-3, high=3)), ref=lambda v, n: v * 2.0**n, special=False),
    "frexp": op(x(3, 4), x(0, 2), ref=lambda v: tuple(np.frexp(v)), dtypes="f", grad="partly"),
    "angle": unary(lambda v: np.where(v < 0, np.pi, 0.0 * v)),
    "isreal": unary(np.isreal, grad=False),
    "conj": unary(lambda v: v, views=True),
    "conj_physical": elementwise((x(),), ref=lambda v: v, views=True),
    "resolve_conj": unary(lambda v: v, views=True),
    "resolve_neg": unary(lambda v: v, views=True),
    "real": unary(lambda v: v, views=True),
    "is_conj": unary(lambda v: np.False_, grad=False, elementwise=False),
    "is_neg": unary(lambda v: np.False_, grad=False, elementwise=False),
    "is_distributed": unary(lambda v: np.False_, grad=False, elementwise=False),
    "is_signed": unary(lambda v: np.bool_(v.dtype.kind in "fi"), grad=False, elementwise=False, dtypes="f"),
    "is_same_size": op((x(3, 4), x(3, 4)), (x(3, 4), x(4, 3)), ref=lambda a, b: np.bool_(a.shape == b.shape), grad=False),
    "nonzero_static": op((i(3, 4, high=3), {"size": 5}), (i(3, 4, high=3), {"size": 20, "fill_value": 7}),
        ref=lambda v, size, fill_value=-1: np.concatenate(
            [np.argwhere(v), np.full((20, 2), fill_value)])[:size], dtypes="i", grad=False),
    "empty_permuted": op(((2, 3), (1, 0)), values=False, grad=False),
    "hann_window": op((5,), (5, False), ref=lambda n, periodic=True: np.hanning(n + periodic)[:n], grad=False),
    "hamming_window": op((5,), (5, False), (5, False, 0.5, 0.5),
        ref=lambda n, p=True, a=0.54, b=0.46: (a - b * np.cos(2 * np.pi * np.arange(n + p) / (n + p - 1)))[:n], grad=False),
    "bartlett_window": op((5,), (5, False), (6,), ref=lambda n, periodic=True: np.bartlett(n + periodic)[:n], grad=False),
    "blackman_window": op((5,), (5, False), ref=lambda n, periodic=True: np.blackman(n + periodic)[:n], grad=False),
    "kaiser_window": op((5,), (5, False, 8.0), ref=lambda n, p=True, beta=12.0: np.kaiser(n + p, beta)[:n], grad=False),
}
