"""Layers beside PyTorch: attention, transformers, recurrent layers, interpolation; values, gradients, starts, error texts."""

import itertools

import numpy as np
import pytest

from nn.interpolations import CASES, values
from parity.pair import error_text, st, torch

ATTENTIONS = [
    {},
    {"add_bias_kv": True, "add_zero_attn": True},
    {"kdim": 5, "vdim": 3, "bias": False},
    {"batch_first": True},
]


def arrays(tensors):
    return [t.detach().numpy().copy() for t in tensors]


def attend(library, options, need_weights, masks, single):
    """Output, weights and gradients of a MultiheadAttention for 4 queries and 6 keys."""
    library.manual_seed(0)
    m = library.nn.MultiheadAttention(8, 2, **options)
    queries, keys = ((4,), (6,)) if single else ((3, 4), (3, 6)) if options.get("batch_first") else ((4, 3), (6, 3))
    query = library.randn(*queries, 8)
    key = library.randn(*keys, options.get("kdim", 8))
    value = library.randn(*keys, options["vdim"]) if "vdim" in options else key
    hidden = {}
    if "attn" in masks:
        hidden["attn_mask"] = library.ones(4, 6, dtype=library.bool).triu(1)
    if "padding" in masks:
        hidden["key_padding_mask"] = (library.arange(6) > 3).expand(*(() if single else (3,)), 6)
    y, w = m(query, key, value, need_weights=need_weights, average_attn_weights=False, **hidden)
    (y**2).sum().backward()
    return arrays([y, *([w] if need_weights else []), *(p.grad for p in m.parameters())])


@pytest.mark.parametrize("options", ATTENTIONS, ids=str)
def test_multihead_attention(options):
    for case in itertools.product((True, False), ("", "attn", "padding", "attn and padding"), (False, True)):
        ours, theirs = (attend(library, options, *case) for library in (st, torch))
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4, err_msg=str(case))


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("norm_first", [False, True])
def test_transformer(batch_first, norm_first):
    found = []
    for library in (st, torch):
        library.manual_seed(0)
        model = library.nn.Transformer(8, 2, 2, 2, 16, 0.1, "gelu", batch_first=batch_first, norm_first=norm_first)
        src, tgt = library.randn(4, 5, 8), library.randn(4, 5, 8)
        mask = model.generate_square_subsequent_mask(5 if batch_first else 4)
        y = model(src, tgt, tgt_mask=mask)
        y.sum().backward()
        after = model.eval()(src, tgt, tgt_mask=mask)
        found.append((repr(model), arrays([y, after, *(p.grad for p in model.parameters())])))
    (text, ours), (their_text, theirs) = found
    assert text == their_text
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("ends", [[2, 4], [3, 1]])
def test_padding_in_evaluation_is_dropped(ends):
    found = []
    for library in (st, torch):
        library.manual_seed(0)
        layer = library.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        model = library.nn.TransformerEncoder(layer, 2, library.nn.LayerNorm(8)).eval()
        x = library.randn(2, 4, 8)
        with library.no_grad():
            padding = library.arange(4)[None] >= library.tensor(ends)[:, None]
            found.append(model(x, src_key_padding_mask=padding).numpy())
    np.testing.assert_allclose(*found, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "options"), [("LSTM", {"num_layers": 2, "bidirectional": True, "proj_size": 2}), ("GRU", {}), ("LSTMCell", {})]
)
def test_seeded_start(name, options):
    found = []
    for library in (st, torch):
        library.manual_seed(5)
        module = getattr(library.nn, name)(3, 4, **options)
        found.append((repr(module), {k: v.tolist() for k, v in module.state_dict().items()}))
    assert found[0] == found[1]


@pytest.mark.parametrize("dtype, tolerance", [("float32", 2e-6), ("float64", 1e-12)])
@pytest.mark.parametrize(("mode", "shape", "options"), CASES)
def test_interpolate(mode, shape, options, dtype, tolerance):
    found = []
    for library in (st, torch):
        x = library.tensor(values(shape, dtype)).requires_grad_()
        y = library.nn.functional.interpolate(x, mode=mode, **options)
        y.backward(library.tensor(values(tuple(y.shape), dtype)))
        found.append((y.detach().numpy(), x.grad.numpy(), y.grad_fn.name()))
    (ours, our_grad, name), (theirs, their_grad, their_name) = found
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(our_grad, their_grad, rtol=tolerance, atol=tolerance)
    assert name == their_name


WRONG = [
    lambda t: t.nn.MultiheadAttention(8, 3),
    lambda t: t.nn.MultiheadAttention(0, 3),
    lambda t: t.nn.MultiheadAttention(8, 2)(*[t.ones(2, 2, 4)] * 3),
    lambda t: t.nn.MultiheadAttention(8, 2)(t.ones(2, 8), *[t.ones(2, 2, 8)] * 2),
    lambda t: t.nn.MultiheadAttention(8, 2)(*[t.ones(1, 2, 2, 8)] * 3),
    lambda t: t.nn.MultiheadAttention(8, 2)(*[t.ones(2, 2, 8)] * 3, attn_mask=t.zeros(3, 3)),
    lambda t: t.nn.MultiheadAttention(8, 2)(*[t.ones(2, 2, 8)] * 3, attn_mask=t.zeros(2, 2, dtype=t.int64)),
    lambda t: t.nn.MultiheadAttention(8, 2)(*[t.ones(2, 2, 8)] * 3, key_padding_mask=t.zeros(2, 3)),
    lambda t: t.nn.MultiheadAttention(8, 2)(*[t.ones(2, 2, 8)] * 3, is_causal=True),
    lambda t: t.nn.Transformer(8, 2, 1, 1, 8)(t.ones(2, 2, 8), t.ones(2, 3, 8)),
    lambda t: t.nn.Transformer(8, 2, 1, 1, 8)(t.ones(2, 2, 4), t.ones(2, 2, 8)),
    lambda t: t.nn.TransformerEncoderLayer(8, 2, activation="elu"),
    lambda t: t.nn.functional.scaled_dot_product_attention(t.ones(3), t.ones(3), t.ones(3)),
    lambda t: t.nn.functional.scaled_dot_product_attention(t.ones(2, 3), t.ones(2, 3).double(), t.ones(2, 3)),
    lambda t: t.nn.functional.scaled_dot_product_attention(*[t.ones(2, 3)] * 3, t.ones(2, 2, dtype=t.int64)),
    lambda t: t.nn.functional.scaled_dot_product_attention(*[t.ones(2, 3)] * 3, dropout_p=2.0),
    lambda t: t.nn.LSTM(3, 4)(t.randn(2, 2, 5)),
    lambda t: t.nn.LSTM(3, 4)(t.randn(2, 2, 3, 1)),
    lambda t: t.nn.RNN(3, 4)(t.randn(2)),
    lambda t: t.nn.GRU(3, 4)(t.randn(2, 2, 3), t.randn(1, 3, 4)),
    lambda t: t.nn.GRU(3, 4)(t.randn(2, 2, 3), t.randn(1, 4)),
    lambda t: t.nn.GRU(3, 4)(t.randn(2, 3), t.randn(1, 1, 4)),
    lambda t: t.nn.LSTM(3, 4)(t.randn(2, 2, 3), (t.randn(1, 2, 4), t.randn(1, 2, 5))),
    lambda t: t.nn.LSTM(3, 4)(t.randn(2, 2, 3), (t.randn(2, 4), t.randn(2, 4))),
    lambda t: t.nn.LSTM(3, 4)(t.randn(2, 2, 3).double()),
    lambda t: t.nn.LSTM(3, 4)(t.randn(0, 2, 3)),
    lambda t: t.nn.LSTM(3, 4, proj_size=4),
    lambda t: t.nn.GRU(3, 4, proj_size=2),
    lambda t: t.nn.RNN(3, 4, nonlinearity="elu"),
    lambda t: t.nn.RNN(0, 4),
    lambda t: t.nn.RNN(3.0, 4),
    lambda t: t.nn.RNN(3, 4, bias=1),
    lambda t: t.nn.RNN(3, 4, dropout=True),
    lambda t: t.nn.LSTMCell(3, 4)(t.randn(2, 5)),
    lambda t: t.nn.LSTMCell(3, 4)(t.randn(2, 3), (t.randn(2, 4), t.randn(3, 4))),
    lambda t: t.nn.GRUCell(3, 4)(t.randn(2, 3), t.randn(2, 5)),
    lambda t: t.nn.RNNCell(3, 4)(t.randn(2, 2, 3)),
    lambda t: t.nn.RNNCell(3, 4, nonlinearity="elu")(t.randn(2, 3)),
    lambda t: t.nn.utils.rnn.pack_padded_sequence(t.randn(4, 3, 2), [4, 2]),
    lambda t: t.nn.utils.rnn.pack_padded_sequence(t.randn(4, 3, 2), [2, 3, 4]),
    lambda t: t.nn.utils.rnn.pack_padded_sequence(t.randn(4, 3, 2), [4, 2, 0]),
    lambda t: t.nn.utils.rnn.pad_sequence([]),
    lambda t: t.nn.utils.rnn.pad_sequence([t.ones(2, 2), t.ones(2, 3)]),
]


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("number", range(len(WRONG)))
def test_error_texts(number):
    ours, theirs = (error_text(WRONG[number], library) for library in (st, torch))
    assert ours == theirs != ("no error", "")
