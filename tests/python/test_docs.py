"""The examples in docstrings and documents run and print what they say."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import steepest

ROOT = Path(__file__).parents[2]
NO_MODULES = ("__main__", "_alias")
MODULES = ["steepest", *(info.name for info in pkgutil.walk_packages(steepest.__path__, "steepest.") if not info.name.endswith(NO_MODULES))]


@pytest.mark.parametrize("name", MODULES)
def test_modules(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def blocks(path, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / path).read_text(), re.DOTALL)


def test_the_program_in_the_readme(capsys):
    (program,) = blocks("README.md", "python")
    exec(program, {})
    assert capsys.readouterr().out.splitlines() == re.findall(r"print\(.*\)  # (.*)", program)


def test_the_op_that_is_shown_is_that_of_the_sources():
    (record,), (sample,) = (blocks("CONTRIBUTING.md", language) for language in ("cpp", "python"))
    assert record in (ROOT / "csrc/ops/elementwise/trig.h").read_text()
    assert sample in (ROOT / "tests/samples.py").read_text()
