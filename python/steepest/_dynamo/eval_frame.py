"""Where PyTorch has the class of compiled modules."""

from . import OptimizedModule

__all__ = ["OptimizedModule"]
