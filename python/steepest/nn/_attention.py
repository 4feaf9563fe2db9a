"""Attention of nn.functional: scaled_dot_product_attention and multi_head_attention_forward."""

import math
import warnings

from .. import _C, cat, is_floating_point, softmax, zeros, zeros_like
from ._dropouts import dropout

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]

scaled_dot_product_attention = _C._nn.scaled_dot_product_attention
_linear = _C._nn.linear


def _none_or_dtype(input):
    return None if input is None else input.dtype


def _canonical_mask(mask, mask_name, other_type, other_name, target_type, check_other=True):
    """The mask as numbers to add: -inf where a bool mask is True."""
    if mask is None:
        return None
    if mask.dtype != _C.bool and not is_floating_point(mask):
        raise AssertionError(f"only bool and floating types of {mask_name} are supported")
    if check_other and other_type is not None and mask.dtype != other_type:
        warnings.warn(
            f"Support for mismatched {mask_name} and {other_name} is deprecated. Use same type for both instead.",
            stacklevel=3,
        )
    if mask.dtype == _C.bool:
        mask = zeros_like(mask, dtype=target_type).masked_fill_(mask, -math.inf)
    return mask


def _is_batched(query, key, value, key_padding_mask, attn_mask, num_heads):
    """Whether the query is (L, N, E) and not (L, E); the other arguments have to agree."""
    if query.dim() not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {query.dim()}-D query tensor"
        )
    dims, kind = query.dim(), "batched" if query.dim() == 3 else "unbatched"
    start = f"For {kind} ({dims}-D) `query`, expected"
    if key.dim() != dims or value.dim() != dims:
        raise AssertionError(
            f"{start} `key` and `value` to be {dims}-D but found {key.dim()}-D and {value.dim()}-D tensors respectively"
        )
    if key_padding_mask is not None and key_padding_mask.dim() != dims - 1:
        raise AssertionError(
            f"{start} `key_padding_mask` to be `None` or {dims - 1}-D but found {key_padding_mask.dim()}-D tensor instead"
        )
    if attn_mask is not None:
        if attn_mask.dim() not in (2, 3):
            raise AssertionError(
                f"{start} `attn_mask` to be `None`, 2-D or 3-D but found {attn_mask.dim()}-D tensor instead"
            )
        if dims == 2 and attn_mask.dim() == 3:
            shape = (num_heads, query.shape[0], key.shape[0])
            if attn_mask.shape != shape:
                raise AssertionError(f"Expected `attn_mask` shape to be {shape} but got {attn_mask.shape}")
    return dims == 3


def _check_projections(widths, weights, biases):
    embed = widths[0]
    for name, width, weight, bias in zip(("query", "key", "value"), widths, weights, biases):
        if weight.shape != (embed, width):
            raise AssertionError(f"expecting {name} weights shape of {(embed, width)}, but got {weight.shape}")
        if bias is not None and bias.shape != (embed,):
            raise AssertionError(f"expecting {name} bias shape of {(embed,)}, but got {bias.shape}")


def _outer_batch(x):
    """x (L, N, E) as (N, L, E) where it lies so in memory: whole rows are products, and views are free."""
    return x.transpose(0, 1) if x.stride(0) < x.stride(1) and x.size(0) > 1 else x


class _Projected:
    """A linear function of (L, N, E), made in the order in which that lies in memory, and its heads (N, H, L, D)."""

    def __init__(self, x, weight, bias, parts=1):
        inner = _outer_batch(x)
        self.turned = inner is not x
        self.parts = _linear(inner, weight, bias).chunk(parts, -1) if parts > 1 else (_linear(inner, weight, bias),)

    def rows(self, part=0):
        """(L, N, E) again."""
        return self.parts[part].transpose(0, 1) if self.turned else self.parts[part]

    def heads(self, num_heads, part=0):
        x = self.parts[part]
        x = x.view(x.size(0), x.size(1), num_heads, -1)
        return x.permute(0, 2, 1, 3) if self.turned else x.permute(1, 2, 0, 3)


def _project(query, key, value, weight, bias):
    """Query, key and value from one packed weight: pairs of a projection and the number of the part."""
    embed = query.size(-1)
    if key is value:
        if query is key:
            packed = _Projected(query, weight, bias, 3)
            return (packed, 0), (packed, 1), (packed, 2)
        w, b = weight.split([embed, 2 * embed]), (None, None) if bias is None else bias.split([embed, 2 * embed])
        packed = _Projected(key, w[1], b[1], 2)
        return (_Projected(query, w[0], b[0]), 0), (packed, 0), (packed, 1)
    weights, biases = weight.chunk(3), (None,) * 3 if bias is None else bias.chunk(3)
    return tuple((_Projected(x, w, b), 0) for x, w, b in zip((query, key, value), weights, biases))


def _with_more(rows, more, num_heads):
    """Heads (N, H, S + 1, D) of rows (S, N, E) and one learned row (1, 1, E) behind them."""
    rows = cat([rows, more.expand(1, rows.size(1), -1)])
    return rows.view(rows.size(0), rows.size(1), num_heads, -1).permute(1, 2, 0, 3)


def _given_heads(name, static, batch, num_heads, head_dim):
    """Heads from static_k or static_v (N * H, S, D)."""
    if static.size(0) != batch * num_heads:
        raise AssertionError(f"expecting {name}.size(0) of {batch * num_heads}, but got {static.size(0)}")
    if static.size(2) != head_dim:
        raise AssertionError(f"expecting {name}.size(2) of {head_dim}, but got {static.size(2)}")
    return static.view(batch, num_heads, static.size(1), head_dim)


def _extended(mask):
    """A mask with a last column that hides nothing."""
    return None if mask is None else cat([mask, zeros(*mask.shape[:-1], 1, dtype=mask.dtype)], -1)


def _check_attn_mask(mask, batch, num_heads, queries, keys):
    if mask.dim() not in (2, 3):
        raise RuntimeError(f"attn_mask's dimension {mask.dim()} is not supported")
    shape = (queries, keys) if mask.dim() == 2 else (batch * num_heads, queries, keys)
    if mask.shape != shape:
        raise RuntimeError(f"The shape of the {mask.dim()}D attn_mask is {mask.shape}, but should be {shape}.")
    return mask if mask.dim() == 2 else mask.view(batch, num_heads, queries, keys)


def multi_head_attention_forward(
    query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, add_zero_attn,
    dropout_p, out_proj_weight, out_proj_bias, training=True, key_padding_mask=None, need_weights=True, attn_mask=None,
    use_separate_proj_weight=False, q_proj_weight=None, k_proj_weight=None, v_proj_weight=None, static_k=None,
    static_v=None, average_attn_weights=True, is_causal=False,
):
    """What :class:`steepest.nn.MultiheadAttention` computes; see there for shapes and masks."""
    is_batched = _is_batched(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not is_batched:
        self_attention, same_values = query is key, key is value
        query = query.unsqueeze(1)
        key = query if self_attention else key.unsqueeze(1)
        value = key if same_values else value.unsqueeze(1)
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
    queries, batch, embed_dim = query.shape
    keys = key.shape[0]

    key_padding_mask = _canonical_mask(key_padding_mask, "key_padding_mask", _none_or_dtype(attn_mask), "attn_mask", query.dtype)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if is_causal and key_padding_mask is None and not need_weights:
        attn_mask = None
    else:
        attn_mask = _canonical_mask(attn_mask, "attn_mask", None, "", query.dtype, check_other=False)
        if key_padding_mask is not None:
            is_causal = False

    if embed_dim != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {embed_dim}")
    head_dim = embed_dim // num_heads
    if head_dim * num_heads != embed_dim:
        raise AssertionError(f"embed_dim {embed_dim} not divisible by num_heads {num_heads}")
    if use_separate_proj_weight:
        if key.shape[:2] != value.shape[:2]:
            raise AssertionError(f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}")
        weights = q_proj_weight, k_proj_weight, v_proj_weight
        for letter, weight in zip("qkv", weights):
            if weight is None:
                raise AssertionError(f"use_separate_proj_weight is True but {letter}_proj_weight is None")
        biases = (None,) * 3 if in_proj_bias is None else in_proj_bias.chunk(3)
        _check_projections([x.size(-1) for x in (query, key, value)], weights, biases)
        q, k, v = ((_Projected(x, w, b), 0) for x, w, b in zip((query, key, value), weights, biases))
    else:
        if key.shape != value.shape:
            raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
        if in_proj_weight is None:
            raise AssertionError("use_separate_proj_weight is False but in_proj_weight is None")
        q, k, v = _project(query, key, value, in_proj_weight, in_proj_bias)

    if attn_mask is not None:
        attn_mask = _check_attn_mask(attn_mask, batch, num_heads, queries, keys)
    if (bias_k is None) != (bias_v is None):
        raise AssertionError("bias_v is set but bias_k is None" if bias_k is None else "bias_k is set but bias_v is None")
    if bias_k is not None:
        for name, static in (("key", static_k), ("value", static_v)):
            if static is not None:
                raise AssertionError(f"bias cannot be added to static {name}.")
        attn_mask, key_padding_mask = _extended(attn_mask), _extended(key_padding_mask)

    def heads(projected, bias, name, static):
        if static is not None:
            return _given_heads(name, static, batch, num_heads, head_dim)
        projection, part = projected
        return projection.heads(num_heads, part) if bias is None else _with_more(projection.rows(part), bias, num_heads)

    q, k, v = q[0].heads(num_heads, q[1]), heads(k, bias_k, "static_k", static_k), heads(v, bias_v, "static_v", static_v)
    if add_zero_attn:
        nothing = zeros(batch, num_heads, 1, head_dim, dtype=k.dtype)
        k, v = cat([k, nothing], 2), cat([v, nothing], 2)
        attn_mask, key_padding_mask = _extended(attn_mask), _extended(key_padding_mask)
    keys = k.size(2)
    if key_padding_mask is not None:
        for i, size in enumerate((batch, keys)):
            if key_padding_mask.shape[i] != size:
                raise AssertionError(f"Expected key_padded_mask.shape[{i}] to be {size}, but got {key_padding_mask.shape[i]}")
        key_padding_mask = key_padding_mask.view(batch, 1, 1, keys)
        attn_mask = key_padding_mask if attn_mask is None else attn_mask + key_padding_mask

    weights = None
    dropout_p = dropout_p if training else 0.0
    if need_weights:
        if is_causal and attn_mask is None:
            raise AssertionError("is_causal needs an attn_mask where weights are asked for")
        scores = (q * math.sqrt(1.0 / head_dim)) @ k.transpose(-2, -1)
        weights = softmax(scores if attn_mask is None else attn_mask + scores, dim=-1)
        if dropout_p > 0.0:
            weights = dropout(weights, p=dropout_p)
        output = weights @ v
        if average_attn_weights:
            weights = weights.mean(dim=1)
    else:
        output = scaled_dot_product_attention(q, k, v, attn_mask, dropout_p, is_causal)

    # Always (L, N, E) in memory, as in PyTorch: a dropout behind it draws its numbers in that order.
    rows = output.permute(2, 0, 1, 3).reshape(queries * batch, embed_dim)
    output = _linear(rows, out_proj_weight, out_proj_bias)
    output = output.view(queries, batch, output.size(1))
    if not is_batched:
        output = output.squeeze(1)
        weights = None if weights is None else weights.squeeze(0)
    return output, weights
