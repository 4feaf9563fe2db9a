"""Arithmetic of parts of tensors by its name in PyTorch."""

from ..._lazy import absent

compute_local_shape_and_global_offset = absent(
    "torch.distributed.tensor._utils.compute_local_shape_and_global_offset", "there is one process"
)
