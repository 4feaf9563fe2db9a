"""Attention whose scores and mask are functions: against scaled_dot_product_attention, and which blocks a mask has."""

import math

import pytest

import steepest as torch
from steepest.nn.attention.flex_attention import AuxRequest, BlockMask, and_masks, create_block_mask, create_mask, flex_attention, or_masks
from steepest.nn.functional import scaled_dot_product_attention


def causal(b, h, q, k):
    return q >= k


def draw(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), requires_grad=True)


def test_masks_and_scores():
    q, k, v = draw(2, 3, 5, 4), draw(2, 3, 6, 4), draw(2, 3, 6, 7)
    mask = create_block_mask(causal, None, None, 5, 6)
    expected = scaled_dot_product_attention(q, k, v, create_mask(causal, 1, 1, 5, 6))
    torch.testing.assert_close(flex_attention(q, k, v, block_mask=mask), expected)
    slopes = torch.tensor([0.5, 0.25, 0.125])
    bias = slopes.view(3, 1, 1) * (torch.arange(6) - torch.arange(5).view(5, 1))
    found = flex_attention(q, k, v, score_mod=lambda score, b, h, i, j: score + slopes[h] * (j - i), scale=0.3)
    torch.testing.assert_close(found, scaled_dot_product_attention(q, k, v, bias.expand(2, 3, 5, 6), scale=0.3))
    found.sum().backward()
    assert q.grad.shape == q.shape and v.grad.isfinite().all()


def test_groups_of_heads_and_sums():
    q, k, v = draw(1, 4, 3, 2), draw(1, 2, 3, 2), draw(1, 2, 3, 2)
    with pytest.raises(ValueError, match="same number of heads but got Hq=4 and Hkv=2"):
        flex_attention(q, k, v)
    found, sums = flex_attention(q, k, v, enable_gqa=True, return_lse=True)
    torch.testing.assert_close(found, scaled_dot_product_attention(q, k, v, enable_gqa=True))
    scores = q @ k.repeat_interleave(2, 1).mT / math.sqrt(2)
    torch.testing.assert_close(sums, scores.logsumexp(-1))
    aux = flex_attention(q, k, v, enable_gqa=True, return_aux=AuxRequest(max_scores=True))[1]
    assert aux.lse is None and torch.allclose(aux.max_scores, scores.amax(-1))
    with pytest.raises(ValueError, match="4D tensors"):
        flex_attention(q[0], k, v)


def test_a_query_that_sees_nothing():
    x = torch.ones(1, 1, 2, 3)
    mask = create_block_mask(lambda b, h, q, k: q > k, None, None, 2, 2)
    assert flex_attention(x, x, x, block_mask=mask).tolist() == [[[[0, 0, 0], [1, 1, 1]]]]


def test_blocks():
    mask = create_block_mask(causal, 2, None, 300, 300)
    assert mask.shape == (2, 1, 300, 300) and mask.numel() == 180000 and mask.BLOCK_SIZE == (128, 128)
    assert mask.to_dense()[1, 0].tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]] and abs(mask.sparsity() + 9.2266667) < 1e-5
    assert mask.kv_num_blocks[0, 0].tolist() == [1, 1, 3] and mask.kv_indices[0, 0].tolist() == [[0, 1, 2], [1, 0, 2], [0, 1, 2]]
    assert mask.full_kv_num_blocks[0, 0].tolist() == [0, 1, 0] and mask.q_num_blocks[0, 0].tolist() == [2, 2, 1]
    assert "kv_num_blocks=torch.Size([2, 1, 3]),\n" in repr(mask) and repr(mask).endswith("sparsity=-9.23%,\n    mask_mod=causal\n)")
    whole = create_block_mask(causal, None, None, 4, 4, BLOCK_SIZE=2, separate_full_blocks=False)
    assert whole.full_kv_indices is None and whole.to_dense().tolist() == [[[[1, 0], [1, 1]]]]


def test_blocks_without_a_function():
    x = draw(1, 1, 4, 2)
    blocks = BlockMask.from_kv_blocks(torch.tensor([[[1, 2]]]), torch.tensor([[[[0, 1], [0, 1]]]]), BLOCK_SIZE=2)
    seen = torch.tensor([[1, 1, 0, 0]] * 2 + [[1, 1, 1, 1]] * 2).bool()
    torch.testing.assert_close(flex_attention(x, x, x, block_mask=blocks), scaled_dot_product_attention(x, x, x, seen))


def test_only_listed_blocks_are_seen():
    x = draw(1, 1, 4, 2)
    blocks = torch.tensor([[[1, 1]]]), torch.tensor([[[[0, 1], [1, 0]]]])
    mask = BlockMask.from_kv_blocks(*blocks, *blocks, BLOCK_SIZE=2, mask_mod=causal)
    seen = torch.tensor([[1, 1, 0, 0]] * 2 + [[0, 0, 1, 1]] * 2).bool()
    torch.testing.assert_close(flex_attention(x, x, x, block_mask=mask), scaled_dot_product_attention(x, x, x, seen))
    partial = BlockMask.from_kv_blocks(*blocks, BLOCK_SIZE=2, mask_mod=causal)
    torch.testing.assert_close(flex_attention(x, x, x, block_mask=partial), scaled_dot_product_attention(x, x, x, seen.tril()))


def test_lengths_and_parts_of_masks():
    mask = create_block_mask(causal, 2, 3, 8, 8, BLOCK_SIZE=4)
    for n, text in ((9, "got q_len=9 and kv_len=9. .* smaller length"), (7, "got q_len=7 and kv_len=7. .* larger length")):
        x = draw(2, 3, n, 2)
        with pytest.raises(ValueError, match=text):
            flex_attention(x, x, x, block_mask=mask)
    part = mask[-1, 1:, torch.tensor([1])]
    assert part.kv_num_blocks.shape == (1, 2, 1) and part.kv_indices.shape == (1, 2, 1, 2) and part.to_dense().tolist() == [[[[1, 1]]] * 2]
    with pytest.raises(RuntimeError, match="Cannot use mask_mod from a sliced BlockMask"):
        flex_attention(draw(1, 2, 8, 2), draw(1, 2, 8, 2), draw(1, 2, 8, 2), block_mask=part)


def test_joined_masks():
    near = and_masks(causal, lambda b, h, q, k: q - k < 2)
    assert create_mask(near, None, None, 3, 3)[0, 0].int().tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 1]]
    either = or_masks(near, lambda b, h, q, k: k == 0)
    assert create_mask(either, None, None, 3, 3)[0, 0].int().tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    for join in (and_masks, or_masks):
        with pytest.raises(RuntimeError, match="All inputs should be callable mask_mods"):
            join(1)
