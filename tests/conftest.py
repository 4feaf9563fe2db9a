"""What holds for every test: a fixed seed, repeatable hypothesis runs, pictures without a display."""

import os

import hypothesis
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
hypothesis.settings.register_profile("steepest", deadline=None, derandomize=True)
hypothesis.settings.load_profile("steepest")


@pytest.fixture(autouse=True)
def fixed_seed():
    import steepest

    steepest.manual_seed(0)
