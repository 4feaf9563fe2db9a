"""ShapeProp: runs a graph and notes the shape and dtype of what each node gives."""

from typing import Any, NamedTuple

from ..._C import Tensor
from ..interpreter import Interpreter
from ..node import map_aggregate

__all__ = ["ShapeProp", "TensorMetadata"]


class TensorMetadata(NamedTuple):
    """What is noted of a tensor."""

    shape: Any
    dtype: Any
    requires_grad: bool
    stride: tuple
    memory_format: Any
    is_quantized: bool
    qparams: dict


def _noted(x):
    return TensorMetadata(x.shape, x.dtype, x.requires_grad, x.stride(), None, False, {})


class ShapeProp(Interpreter):
    """Notes in ``node.meta["tensor_meta"]`` what tensors each node gives, and in ``node.meta["type"]`` of which type the result is."""

    def __init__(self, gm, fake_mode=None):
        super().__init__(gm)

    def run_node(self, n):
        """The value of a node, which is noted."""
        result = super().run_node(n)
        found = []
        noted = map_aggregate(result, lambda x: found.append(x) or _noted(x) if isinstance(x, Tensor) else x)
        if found:
            n.meta["tensor_meta"] = noted
        n.meta["type"] = type(result)
        return result

    def propagate(self, *args):
        """Runs the graph with these arguments."""
        return super().run(*args)
