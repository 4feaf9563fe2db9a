"""The version of the package: the core's own, so that there is one."""

from . import _C

__version__ = _C.__version__
cuda = None
hip = None
rocm = None
xpu = None
debug = False
git_version = ""
