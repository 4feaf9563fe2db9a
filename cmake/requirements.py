"""Installs into the running environment what a build without isolation needs beforehand.

The list is `build-system.requires` of pyproject.toml, plus CMake and Ninja from PyPI where the machine has none
(the build backend knows).  Run from the root of the project.
"""

import subprocess
import sys
from pathlib import Path

try:
    import tomllib
except ImportError:  # Python 3.10
    from pip._vendor import tomli as tomllib


def install(requirements):
    if requirements:
        subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", *requirements])


if __name__ == "__main__":
    install(tomllib.loads(Path("pyproject.toml").read_text())["build-system"]["requires"])
    ask = "from scikit_build_core import build; [print(r) for r in build.get_requires_for_build_editable()]"
    install(subprocess.check_output([sys.executable, "-c", ask], text=True).splitlines())
