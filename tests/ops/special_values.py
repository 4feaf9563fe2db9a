"""References in numpy for special functions: their integrals, of which a few dozen points give all digits."""

import math

import numpy as np

from .reference import erfc, lgamma, normal_cdf

TURN = (np.arange(64) + 0.5) * (math.pi / 64)
FAR = np.linspace(0, 12, 2049)
GAUSS = np.polynomial.legendre.leggauss(80)


def wide(x):
    return np.asarray(x, float)[..., None]


def bessel_i(n):
    return lambda x: (np.exp(wide(x) * np.cos(TURN)) * np.cos(n * TURN)).mean(-1)


def scaled(of, sign):
    return lambda x: of(x) * np.exp(sign * abs(np.asarray(x, float)))


def bessel_k(n):
    def of(x):
        y = np.exp(-wide(x) * np.cosh(FAR)) * np.cosh(n * FAR)
        return (y.sum(-1) - y[..., 0] / 2) * (FAR[1] - FAR[0])

    return of


def bessel_j(n):
    return lambda x: np.cos(n * TURN - wide(x) * np.sin(TURN)).mean(-1)


def bessel_y(n):
    def of(x):
        theta, weights = (GAUSS[0] + 1) * (math.pi / 2), GAUSS[1] / 2
        wave = (np.sin(wide(x) * np.sin(theta) - n * theta) * weights).sum(-1)
        t, w = (GAUSS[0] + 1) * 4, GAUSS[1] * 4
        return wave - ((np.exp(n * t) + (-1) ** n * np.exp(-n * t)) * np.exp(-wide(x) * np.sinh(t)) * w).sum(-1) / math.pi

    return of


def airy_ai(x):
    """Its Maclaurin series (Abramowitz and Stegun 10.4.2)."""
    x = np.asarray(x, np.longdouble)
    even, odd = np.ones_like(x), x.copy()
    f, g = even.copy(), odd.copy()
    for k in range(1, 60):
        even = even * x**3 / (3 * k * (3 * k - 1))
        odd = odd * x**3 / (3 * k * (3 * k + 1))
        f, g = f + even, g + odd
    at_0, slope = np.longdouble("0.355028053887817239260"), np.longdouble("0.258819403792806798405")
    return (at_0 * f - slope * g).astype(float)


def erfcx(x):
    return np.exp(np.asarray(x, float) ** 2) * erfc(x)


def log_ndtr(x):
    return np.log(normal_cdf(np.asarray(x, float)))


def ndtri(p):
    """Bisection."""
    p = np.asarray(p, float)
    low, high = np.full_like(p, -9), np.full_like(p, 9)
    for _ in range(70):
        middle = (low + high) / 2
        below = normal_cdf(middle) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def entr(x):
    return np.where(x > 0, -x * np.log(np.where(x > 0, x, 1)), np.where(x == 0, 0, -np.inf))


def zeta(s, x):
    """24 terms, then Euler and Maclaurin's sum."""
    s, x = np.broadcast_arrays(np.asarray(s, float), np.asarray(x, float))
    z = x + 24
    tail = z ** (1 - s) / (s - 1) + z**-s / 2 + s * z ** (-s - 1) / 12 - s * (s + 1) * (s + 2) * z ** (-s - 3) / 720
    tail = tail + s * (s + 1) * (s + 2) * (s + 3) * (s + 4) * z ** (-s - 5) / 30240
    return sum((x + k) ** -s for k in range(24)) + tail


def igamma(a, x):
    """Abramowitz and Stegun 6.5.29."""
    a, x = np.asarray(a, float), np.asarray(x, float)
    term = np.exp(a * np.log(x) - x - lgamma(a + 1))
    y = term
    for n in range(1, 200):
        term = term * x / (a + n)
        y = y + term
    return y


def mvlgamma(x, p):
    return p * (p - 1) / 4 * math.log(math.pi) + sum(lgamma(np.asarray(x, float) - i / 2) for i in range(p))


def polynomial(first, step):
    """By the recurrence: p[0] = 1, p[1] = first(x), p[k + 1] = step(k, x, p[k], p[k - 1])."""

    def of(x, n):
        x, n = np.broadcast_arrays(np.asarray(x, np.longdouble), np.trunc(n))
        y, before, p = np.where(n < 0, 0, 1.0), np.ones_like(x), first(x)
        for k in range(1, int(n.max(initial=0)) + 1):
            y = np.where(n == k, p, y)
            before, p = p, step(k, x, p, before)
        return y.astype(float)

    return of


def chebyshev(first):
    return polynomial(first, lambda k, x, p, before: 2 * x * p - before)


def shifted(of):
    return lambda x, n: of(2 * np.asarray(x, np.longdouble) - 1, n)
