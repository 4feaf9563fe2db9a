"""Traces of tensors, of which there are none."""

from ..._lazy import absent

make_fx = absent("torch.fx.experimental.proxy_tensor.make_fx", "programs are not traced")


def get_proxy_mode():
    """None: nothing is traced."""
