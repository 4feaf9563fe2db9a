"""Samples of the ops that draw random numbers, and what holds of every draw: one line an op."""

import numpy as np

from .draw import f, op

M = f(5, 7)
P = f(5, 7, low=0.2, high=0.8)


COUNT = f(5, 7, low=30, high=90)


def counts(y, n, p):
    return ((y >= 0) & (y <= n)).all() and y.std() > 0


def within(low, high):
    return lambda y, *_, **__: bool(((y >= low) & (y < high)).all()) and y.std() > 0


def anything(y, *_, **__):
    return np.isfinite(y).all() and y.std() > 0


def binary(y, *_, **__):
    return set(np.unique(y)) == {0, 1}


def masked(y, v, p, train):
    """Of the input, some elements are 0 and the others scaled."""
    if not train or p == 0:
        return (y == v).all()
    kept = y != 0
    return kept.any() == (p < 1) and not kept.all() and np.allclose(y[kept] * (1 - p), v[kept])


def permutation(y, n):
    return (np.sort(y) == np.arange(n)).all()


def random(*calls, check, **options):
    return op(*calls, check=check, **{"random": True, "dtypes": "f", "grad": False, "halves": False, "layouts": False,
        **options})


RANDOMS = {
    "rand": random((5, 7), ((5, 7),), check=within(0, 1)),
    "rand_like": random((M,), check=within(0, 1)),
    "randn": random((5, 7), ((5, 7),), check=anything),
    "randn_like": random((M,), check=anything),
    "randint": random((9, (5, 7)), (-3, 9, (5, 7)), check=within(-3, 9)),
    "randint_like": random((M, 9), (M, -3, 9), check=within(-3, 9)),
    "randperm": random((37,), check=permutation),
    "normal": random((M, P), (M, 2.0), (0.5, P), (0.0, 1.0, (5, 7)), (M,), check=anything),
    "bernoulli": random((P,), (P, 0.5), (M, P), check=binary, grad=True),
    "multinomial": random((P, 3), (P, 9, True), check=within(0, 7)),
    "poisson": random((P,), check=within(0, 50), grad=True),
    "binomial": random((COUNT, P), (COUNT, f(7, low=0.2, high=0.8)), check=counts, grad=True),
    "dropout": random((M, 0.4, True), (M, 0.4, False), (M, 1.0, True), (M, 0.0, True), check=masked, grad=True),
    "dropout_": random((M, 0.4, True), (M, 0.4, False), check=masked, grad=True),
    "feature_dropout": random((M, 0.4, True), (M, 0.4, False), check=masked, grad=True),
    "feature_dropout_": random((M, 0.4, True), check=masked, grad=True),
    "alpha_dropout": random((M, 0.4, True), check=anything, grad=True),
    "alpha_dropout_": random((M, 0.4, True), check=anything, grad=True),
    "feature_alpha_dropout": random((M, 0.4, True), check=anything, grad=True),
    "feature_alpha_dropout_": random((M, 0.4, True), check=anything, grad=True),
    "rrelu": random((M,), (M, 0.1, 0.3, True), check=anything, grad=True),
    "rrelu_": random((M,), (M, 0.1, 0.3, True), check=anything, grad=True),
    "uniform": random((M,), (M, 0.5, 0.75), check=within(0, 1)),
    "log_normal": random((M,), check=within(0, np.inf)),
    "cauchy": random((M,), check=anything),
    "exponential": random((M,), (M, 2.0), check=within(0, np.inf)),
    "geometric": random((M, 0.3), check=within(1, np.inf)),
    "random": random((M,), (M, 9), (M, 2, 9), check=anything),
}
