"""The examples in the docstrings of distributions, nn and optim run and print what they say."""

import doctest
import importlib
import pkgutil

import pytest

import steepest
from steepest import distributions, nn, optim

MODULES = [
    info.name
    for package in (distributions, nn, optim)
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    steepest.manual_seed(0)
    assert doctest.testmod(importlib.import_module(name)).failed == 0
