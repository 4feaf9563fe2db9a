"""nn.attention.bias: causal masks for scaled_dot_product_attention whose queries and keys are not equally many."""

import enum
import warnings

from ... import _C, ones

__all__ = ["CausalBias", "CausalVariant", "causal_lower_right", "causal_upper_left"]


class CausalVariant(enum.IntEnum):
    """Whether query i sees keys 0 to i, or as many at the end that the last query sees all."""

    UPPER_LEFT = 1
    LOWER_RIGHT = 2


class CausalBias(_C.Tensor):
    """A mask of shape (seq_len_q, seq_len_kv), True where a query sees a key."""

    def __new__(cls, variant, seq_len_q, seq_len_kv):
        if not isinstance(variant, CausalVariant):
            raise AssertionError("variant must be a CausalVariant")
        lower_right = variant is CausalVariant.LOWER_RIGHT
        if lower_right and seq_len_q > seq_len_kv:
            warnings.warn("Lower right causal bias will produce NaNs in the output when seq_len_q > seq_len_kv!", stacklevel=2)
        seen = ones(seq_len_q, seq_len_kv, dtype=_C.bool).tril(seq_len_kv - seq_len_q if lower_right else 0)
        return seen.as_subclass(cls)

    def __init__(self, variant, seq_len_q, seq_len_kv):
        self.variant, self.seq_len_q, self.seq_len_kv = variant, seq_len_q, seq_len_kv

    def __repr__(self):
        return repr(self.as_subclass(_C.Tensor))

    __torch_function__ = _C._disabled_torch_function_impl


def _bias(name, variant, size):
    if len(size) != 2:
        raise AssertionError(f"{name} only supports 2D tensors")
    return CausalBias(variant, *size)


def causal_upper_left(*size):
    """The mask of ``is_causal=True``: query i sees the keys up to i.

    Example::

        >>> from steepest.nn.attention.bias import causal_upper_left
        >>> causal_upper_left(2, 3)
        tensor([[ True, False, False],
                [ True,  True, False]])
    """
    return _bias("causal_upper_left", CausalVariant.UPPER_LEFT, size)


def causal_lower_right(*size):
    """The mask whose last query sees all keys, as for queries that continue a sequence.

    Example::

        >>> from steepest.nn.attention.bias import causal_lower_right
        >>> causal_lower_right(2, 3)
        tensor([[ True,  True, False],
                [ True,  True,  True]])
    """
    return _bias("causal_lower_right", CausalVariant.LOWER_RIGHT, size)
