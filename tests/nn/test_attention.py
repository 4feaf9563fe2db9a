"""Attention: masks, blocks, dropout, threads, derivatives of both orders."""

import math
from functools import partial

import pytest

import steepest as torch

nn, F = torch.nn, torch.nn.functional


def slow(q, k, v, mask=None, causal=False, noise=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else scores + mask
    if causal:
        scores = scores + torch.full(scores.shape[-2:], -math.inf, dtype=q.dtype).triu(1)
    weights = torch._safe_softmax(scores, -1)
    return (weights if noise is None else weights * noise) @ v


def draw(*shape):
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("queries, keys", [(1, 1), (5, 7), (70, 130), (130, 70), (3, 600)])
@pytest.mark.parametrize("kind", ["none", "causal", "bool", "float", "padding", "column"])
def test_values_and_gradients(queries, keys, kind):
    torch.manual_seed(0)
    q, k, v = draw(2, 3, queries, 5), draw(2, 3, keys, 5), draw(2, 3, keys, 4)
    mask = {
        "bool": torch.rand(2, 1, queries, keys) > 0.4,
        "float": torch.randn(queries, keys, dtype=torch.float64),
        "padding": torch.rand(2, 1, 1, keys) > 0.5,
        "column": torch.randn(3, queries, 1, dtype=torch.float64),
    }.get(kind)
    y = F.scaled_dot_product_attention(q, k, v, mask, is_causal=kind == "causal")
    expected = slow(q, k, v, mask, kind == "causal")
    torch.testing.assert_close(y, expected)
    g = torch.randn_like(y)
    ours, theirs = (torch.autograd.grad(out, [q, k, v], g, retain_graph=True) for out in (y, expected))
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(torch.autograd.grad(y, [q, k, v], g, create_graph=True), theirs)


def test_derivatives():
    torch.manual_seed(0)
    mask = torch.tensor([[0.0, -math.inf, 1.0], [-math.inf] * 3], dtype=torch.float64)
    for options in ({}, {"is_causal": True}, {"attn_mask": mask}, {"scale": 2.0}):
        inputs, run = [draw(2, 2, 2, 3), draw(2, 2, 3, 3), draw(2, 2, 3, 2)], partial(F.scaled_dot_product_attention, **options)
        assert torch.autograd.gradcheck(run, inputs)
        assert torch.autograd.gradgradcheck(run, inputs)
    grouped = [draw(1, 4, 2, 3), draw(1, 2, 3, 3), draw(1, 2, 3, 2)]
    assert torch.autograd.gradgradcheck(lambda *x: F.scaled_dot_product_attention(*x, enable_gqa=True), grouped)
    learned = [draw(2, 3), draw(3, 3), draw(3, 2), draw(2, 3)]
    assert torch.autograd.gradgradcheck(F.scaled_dot_product_attention, learned)
    assert torch.autograd.gradgradcheck(lambda x: torch._safe_softmax(x, 0), [draw(3, 2)])


def test_layouts():
    torch.manual_seed(0)
    packed = torch.randn(2, 6, 3 * 8)
    q, k, v = (t.view(2, 6, 2, 4).transpose(1, 2) for t in packed.chunk(3, -1))
    y = F.scaled_dot_product_attention(q, k, v)
    torch.testing.assert_close(y, F.scaled_dot_product_attention(q.contiguous(), k.contiguous(), v.contiguous()))
    assert y.transpose(1, 2).is_contiguous()
    turned = [t.transpose(-2, -1).contiguous().transpose(-2, -1) for t in (q, k, v)]
    torch.testing.assert_close(y, F.scaled_dot_product_attention(*turned))
    shared = F.scaled_dot_product_attention(q[:1].expand_as(q), k, v)
    torch.testing.assert_close(shared[1:], F.scaled_dot_product_attention(q[:1], k[1:], v[1:]))


def test_threads_change_nothing():
    torch.manual_seed(0)
    inputs, before, results = [torch.randn(4, 4, 100, 32, requires_grad=True) for _ in range(3)], torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            y = F.scaled_dot_product_attention(*inputs, is_causal=True)
            results.append([y, *torch.autograd.grad(y.sum(), inputs)])
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(a, b) for a, b in zip(*results))


def test_dropout():
    torch.manual_seed(0)
    q, k, v = draw(2, 2, 5, 3), draw(2, 2, 7, 3), draw(2, 2, 7, 4)
    torch.manual_seed(1)
    noise = F.dropout(torch.ones(2, 2, 5, 7, dtype=torch.float64), 0.4)
    torch.manual_seed(1)
    y = F.scaled_dot_product_attention(q, k, v, dropout_p=0.4)
    expected = slow(q, k, v, noise=noise)
    torch.testing.assert_close(y, expected)
    torch.testing.assert_close(*(torch.autograd.grad((t**2).sum(), [q, k, v]) for t in (y, expected)))
    assert (F.scaled_dot_product_attention(q, k, v, dropout_p=1.0) == 0).all()


def test_nothing_to_attend_to():
    q, k, v = draw(2, 2, 3, 4), draw(2, 2, 5, 4), draw(2, 2, 5, 4)
    y = F.scaled_dot_product_attention(q, k, v, torch.zeros(3, 5, dtype=torch.bool))
    assert (y == 0).all()
    assert all((g == 0).all() for g in torch.autograd.grad(y.sum(), [q, k, v]))
    assert (F.scaled_dot_product_attention(q, k[:, :, :0], v[:, :, :0]) == 0).all()
    assert F.scaled_dot_product_attention(q[:, :, :0], k, v).shape == (2, 2, 0, 4)


def test_halves():
    x = torch.randn(1, 2, 4, 8)
    for dtype in (torch.float16, torch.bfloat16):
        y = F.scaled_dot_product_attention(*[x.to(dtype)] * 3)
        assert y.dtype == dtype
        torch.testing.assert_close(y.float(), F.scaled_dot_product_attention(x, x, x), rtol=0.05, atol=0.05)


def test_backends_are_accepted():
    x = torch.ones(1, 1, 2, 2)
    with nn.attention.sdpa_kernel([nn.attention.SDPBackend.MATH, nn.attention.SDPBackend.FLASH_ATTENTION]):
        assert torch.equal(F.scaled_dot_product_attention(x, x, x), x)


def test_causal_biases():
    q, k = torch.randn(1, 2, 4, 8), torch.randn(1, 2, 6, 8)
    bias = nn.attention.bias
    upper, lower = bias.causal_upper_left(4, 6), bias.causal_lower_right(4, 6)
    assert (upper.variant, upper.seq_len_q, lower.seq_len_kv) == (bias.CausalVariant.UPPER_LEFT, 4, 6)
    assert repr(bias.causal_lower_right(1, 2)) == "tensor([[True, True]])"
    attended = F.scaled_dot_product_attention(q, k, k, attn_mask=upper)
    assert type(attended) is torch.Tensor and torch.allclose(attended, F.scaled_dot_product_attention(q, k, k, is_causal=True), atol=1e-6)
    attended = F.scaled_dot_product_attention(q, k, k, attn_mask=lower)
    assert torch.allclose(attended, slow(q, k, k, torch.ones(4, 6, dtype=torch.bool).tril(2)), atol=1e-6)
    with pytest.raises(AssertionError, match="causal_upper_left only supports 2D tensors"):
        bias.causal_upper_left(1, 2, 3)
    with pytest.warns(UserWarning, match="will produce NaNs"):
        bias.causal_lower_right(3, 2)


def test_a_class_may_disable_torch_function():
    class Marked(torch.Tensor):
        __torch_function__ = torch._C._disabled_torch_function_impl

    x = torch.ones(2).as_subclass(Marked)
    assert type(x) is Marked and type(x + 1) is type(torch.add(x, x)) is torch.Tensor
