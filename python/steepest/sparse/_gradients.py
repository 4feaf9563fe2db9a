"""embedding() with sparse gradients: the rows that were looked up, with what they got."""

from .. import _C
from ..autograd.function import Function
from ._tensor import SparseTensor, make

__all__ = ["embedding"]


class _Embedding(Function):
    @staticmethod
    def forward(ctx, weight, index, padding, by_frequency):
        ctx.index, ctx.padding, ctx.by_frequency, ctx.size = index, padding, by_frequency, weight.shape
        return _C._embedding(weight, index, padding, False)

    @staticmethod
    def backward(ctx, g):
        if ctx.by_frequency:
            raise RuntimeError("embedding_backward: scale_grad_by_freq not supported with sparse gradients")
        rows, values = ctx.index.reshape(-1).long(), g.reshape(-1, ctx.size[1])
        if ctx.padding >= 0:
            learned = rows != ctx.padding
            rows, values = rows[learned], values[learned]
        return make(rows.unsqueeze(0), values, ctx.size), None, None, None


_Embedding._backward_cls.__name__ = "EmbeddingBackward0"


def embedding(weight, index, padding, by_frequency):
    """Rows of a weight that is a leaf; its gradient is sparse."""
    return _Embedding.apply(weight, index, padding, by_frequency)


_C._set_sparse(SparseTensor, embedding)
