"""Arithmetic of parts of tensors by its name in PyTorch."""

from ..._lazy import absent_names

globals().update(absent_names(__name__, "compute_local_shape_and_global_offset", "there is one process"))
