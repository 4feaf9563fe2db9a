"""Traces of tensors, of which there are none."""

from ..._lazy import absent_names

globals().update(absent_names(__name__, "make_fx", "tensors are not traced; torch.fx.symbolic_trace traces programs"))


def get_proxy_mode():
    """None: nothing is traced."""
