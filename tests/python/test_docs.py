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


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md"])
def test_documents(path, capsys):
    """A block of Python that uses the package runs; behind a print stands what it prints."""
    for block in re.findall(r"```python\n(.*?)```", (ROOT / path).read_text(), re.DOTALL):
        if "import steepest" in block:
            exec(block, {})
            assert capsys.readouterr().out.splitlines() == re.findall(r"print\(.*\)  # (.*)", block)
