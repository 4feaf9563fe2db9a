"""Recurrent layers: against steps written by hand, derivatives of both orders, packed sequences, single sequences."""

import itertools

import pytest

import steepest as torch
from steepest.nn.utils import rnn as utils

nn = torch.nn
LAYERS = {
    "LSTM": {},
    "LSTM projected": {"proj_size": 2},
    "LSTM deep": {"num_layers": 2, "bidirectional": True},
    "LSTM plain": {"bias": False, "batch_first": True},
    "GRU": {},
    "GRU deep": {"num_layers": 2, "bidirectional": True},
    "GRU plain": {"bias": False, "batch_first": True},
    "RNN": {},
    "RNN relu": {"nonlinearity": "relu", "num_layers": 2},
    "RNN both": {"bidirectional": True, "bias": False},
}


def build(name, dtype=torch.float64, **more):
    torch.manual_seed(0)
    return getattr(nn, name.split()[0])(3, 4, dtype=dtype, **LAYERS[name], **more)


def step(layer, suffix, x, state):
    """One step in ops: the state after it, hidden first."""
    h, *c = state
    part = lambda kind: getattr(layer, f"{kind}_{suffix}", None)  # noqa: E731
    zero = torch.zeros((), dtype=x.dtype)
    b_ih, b_hh = (part("bias_ih"), part("bias_hh")) if layer.bias else (zero, zero)
    own, past = x @ part("weight_ih").T + b_ih, h @ part("weight_hh").T + b_hh
    if layer.mode == "LSTM":
        i, f, g, o = (own + past).chunk(4, -1)
        c = torch.sigmoid(f) * c[0] + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return (h @ part("weight_hr").T if layer.proj_size else h), c
    if layer.mode == "GRU":
        (r, z, n), (hr, hz, hn) = own.chunk(3, -1), past.chunk(3, -1)
        r, z = torch.sigmoid(r + hr), torch.sigmoid(z + hz)
        n = torch.tanh(n + r * hn)
        return ((1 - z) * n + z * h,)
    return (torch.tanh(own + past) if layer.mode == "RNN_TANH" else torch.relu(own + past),)


def by_hand(layer, x, states):
    """Of x (T, features): outputs of the last layer, and the last states."""
    last, number = [], 0
    for k in range(layer.num_layers):
        both = []
        for suffix in ("", "_reverse")[: 2 if layer.bidirectional else 1]:
            state, outputs = tuple(s[number] for s in states), []
            for v in x.flip(0) if suffix else x:
                state = step(layer, f"l{k}{suffix}", v, state)
                outputs.append(state[0])
            outputs = torch.stack(outputs)
            both.append(outputs.flip(0) if suffix else outputs)
            last.append(state)
            number += 1
        x = torch.cat(both, -1)
    return x, [torch.stack(s) for s in zip(*last)]


def start(layer, batch, dtype=torch.float64):
    count = layer.num_layers * (2 if layer.bidirectional else 1)
    widths = [layer.proj_size or 4, 4][: 2 if layer.mode == "LSTM" else 1]
    torch.manual_seed(1)
    return [torch.randn(count, batch, w, dtype=dtype).requires_grad_() for w in widths]


def given(states):
    return tuple(states) if len(states) == 2 else states[0]


def listed(state):
    return list(state) if isinstance(state, tuple) else [state]


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("lengths", [[5, 5], [5, 3, 1]], ids=["padded", "packed"])
def test_values_and_gradients(name, lengths):
    layer = build(name)
    states = start(layer, len(lengths))
    torch.manual_seed(2)
    sequences = [torch.randn(n, 3, dtype=torch.float64, requires_grad=True) for n in lengths]
    if len(set(lengths)) == 1:
        dim = 0 if layer.batch_first else 1
        output, last = layer(torch.stack(sequences, dim), given(states))
        outputs = output.unbind(dim)
    else:
        output, last = layer(utils.pack_sequence(sequences), given(states))
        outputs = utils.unpack_sequence(output)
    expected = [by_hand(layer, x, [s[:, k] for s in states]) for k, x in enumerate(sequences)]
    loss, by_hand_loss = 0, 0
    for k, (y, lasts) in enumerate(expected):
        torch.testing.assert_close(outputs[k], y)
        for ours, theirs in zip(listed(last), lasts):
            torch.testing.assert_close(ours[:, k], theirs)
            loss, by_hand_loss = loss + (ours[:, k] ** 2).sum(), by_hand_loss + (theirs**2).sum()
        loss, by_hand_loss = loss + (outputs[k] ** 3).sum(), by_hand_loss + (y**3).sum()
    wanted = [*layer.parameters(), *states, *sequences]
    first = torch.autograd.grad(loss, wanted, retain_graph=True)
    torch.testing.assert_close(first, torch.autograd.grad(by_hand_loss, wanted, retain_graph=True))
    recorded = torch.autograd.grad(loss, wanted, create_graph=True)
    torch.testing.assert_close(first, recorded)


@pytest.mark.parametrize("name", ["LSTM projected", "LSTM deep", "GRU", "RNN both"])
@pytest.mark.parametrize("lengths", [[3, 3], [3, 1]], ids=["padded", "packed"])
def test_second_derivatives(name, lengths):
    layer = build(name)
    states = start(layer, len(lengths))
    names = list(layer._flat_weights_names)
    torch.manual_seed(3)
    x = torch.randn(3, len(lengths), 3, dtype=torch.float64, requires_grad=True)

    def run(x, *rest):
        hx, weights = given(rest[: len(states)]), list(rest[len(states) :])
        function = {"LSTM": torch.lstm, "GRU": torch.gru, "RNN_TANH": torch.rnn_tanh}[layer.mode]
        settings = layer.bias, layer.num_layers, 0.0, True, layer.bidirectional
        if lengths[0] == lengths[1]:
            return function(x, hx, weights, *settings, False)
        packed = utils.pack_padded_sequence(x, lengths)
        return function(packed.data, packed.batch_sizes, hx, weights, *settings)

    inputs = [x, *states, *(getattr(layer, n) for n in names)]
    assert torch.autograd.gradcheck(run, inputs)
    assert torch.autograd.gradgradcheck(run, inputs)


@pytest.mark.parametrize("name", ["LSTM projected", "LSTM deep", "GRU deep", "RNN both"])
@pytest.mark.parametrize("longest, shortest", [(30, 30), (30, 11)], ids=["padded", "packed"])
def test_many_rows(name, longest, shortest):
    """More rows than are gathered before a weight's gradient is computed from them (kManyRows), against recorded ops."""
    layer = build(name)
    lengths = torch.linspace(longest, shortest, 20).round().long().tolist()
    x = torch.randn(longest, 20, 3, dtype=torch.float64, requires_grad=True)
    states = start(layer, 20)
    output, last = layer(x if longest == shortest else utils.pack_padded_sequence(x, lengths), given(states))
    y = output if longest == shortest else output.data
    loss = (y**2).sum() + sum((s**3).sum() for s in listed(last))
    wanted = [*layer.parameters(), x, *states]
    recorded = torch.autograd.grad(loss, wanted, create_graph=True)
    torch.testing.assert_close(torch.autograd.grad(loss, wanted, retain_graph=True), tuple(g.detach() for g in recorded))
    for k in range(0, len(wanted), 3):
        (alone,) = torch.autograd.grad(loss, wanted[k], retain_graph=True)
        torch.testing.assert_close(alone, recorded[k].detach())


@pytest.mark.parametrize("name", ["LSTM", "GRU", "RNN"])
def test_sizes_that_fill_no_register(name):
    for hidden, batch in itertools.product((1, 3, 17, 50), (1, 2, 13)):
        torch.manual_seed(0)
        layer = getattr(nn, name)(5, hidden)
        wide = getattr(nn, name)(5, hidden).double()
        wide.load_state_dict({k: v.double() for k, v in layer.state_dict().items()})
        x = torch.randn(6, batch, 5)
        y, exact = layer(x)[0], wide(x.double())[0]
        torch.testing.assert_close(y.double(), exact, rtol=1e-5, atol=1e-6)
        y.sum().backward()
        exact.sum().backward()
        for p, q in zip(layer.parameters(), wide.parameters()):
            torch.testing.assert_close(p.grad.double(), q.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["LSTM", "GRU", "RNN"])
def test_extreme_sums(name):
    layer = getattr(nn, name)(1, 2)
    with torch.no_grad():
        for p in layer.parameters():
            p.fill_(1e3)
    for value, limit in ((1.0, 1), (-1.0, 1), (float("inf"), 1)):
        assert (abs(layer(torch.full((2, 1, 1), value))[0]) <= limit).all()
    assert layer(torch.full((2, 1, 1), float("nan")))[0].isnan().all()


def test_cells_are_steps():
    for cell, count in ((nn.LSTMCell, 2), (nn.GRUCell, 1), (nn.RNNCell, 1)):
        c = cell(3, 4, dtype=torch.float64)
        layer = {nn.LSTMCell: nn.LSTM, nn.GRUCell: nn.GRU, nn.RNNCell: nn.RNN}[cell](3, 4, dtype=torch.float64)
        layer.load_state_dict({f"{k}_l0": v for k, v in c.state_dict().items()})
        x, h = torch.randn(2, 3, dtype=torch.float64), [torch.randn(2, 4, dtype=torch.float64) for _ in range(count)]
        after = c(x, given(h))
        torch.testing.assert_close(listed(after)[0], layer(x[None], given([s[None] for s in h]))[0][0])
        single = c(x[0], given([s[0] for s in h]))
        torch.testing.assert_close(listed(single)[0], listed(after)[0][0])
        torch.testing.assert_close(c(x), c(x, given([torch.zeros(2, 4, dtype=torch.float64)] * count)))


def test_dropout_between_layers():
    layer = nn.GRU(3, 4, num_layers=2, dropout=0.5)
    x = torch.randn(5, 2, 3)
    assert not torch.equal(layer(x)[0], layer(x)[0])
    layer.eval()
    assert torch.equal(layer(x)[0], layer(x)[0])
    with pytest.warns(UserWarning, match="non-zero dropout expects num_layers greater than 1"):
        nn.GRU(3, 4, dropout=0.5)


def test_threads_change_nothing():
    layer, x, before = nn.LSTM(64, 96), torch.randn(3, 70, 64), torch.get_num_threads()
    results = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            y = layer(x)[0]
            results.append([y, *torch.autograd.grad(y.sum(), list(layer.parameters()))])
    finally:
        torch.set_num_threads(before)
    for a, b in zip(*results):
        assert torch.equal(a, b)


def test_half_types():
    for dtype in (torch.float16, torch.bfloat16):
        layer = nn.LSTM(3, 4).to(dtype)
        y, (h, c) = layer(torch.randn(5, 2, 3).to(dtype))
        assert y.dtype == h.dtype == c.dtype == dtype
        y.sum().backward()
        assert layer.weight_hh_l0.grad.dtype == dtype


def test_packing():
    x = torch.arange(24.0).view(4, 3, 2).requires_grad_()
    packed = utils.pack_padded_sequence(x, [1, 4, 2], enforce_sorted=False)
    assert packed.batch_sizes.tolist() == [3, 2, 1, 1] and packed.sorted_indices.tolist() == [1, 2, 0]
    padded, lengths = utils.pad_packed_sequence(packed, padding_value=-1.0, total_length=5)
    assert padded.shape == (5, 3, 2) and lengths.tolist() == [1, 4, 2]
    assert (padded[1:, 0] == -1).all() and torch.equal(padded[:4, 1], x[:, 1])
    padded.sum().backward()
    assert x.grad[..., 0].tolist() == [[1, 1, 1], [0, 1, 1], [0, 1, 0], [0, 1, 0]]
    assert torch.autograd.gradgradcheck(
        lambda v: utils.pad_packed_sequence(utils.pack_padded_sequence(v, [4, 2, 1]))[0], [x.detach().double().requires_grad_()]
    )
    left = utils.pad_sequence([torch.ones(2), torch.ones(1)], padding_value=5.0, padding_side="left")
    assert left.tolist() == [[1, 5], [1, 1]]
    again = utils.unpack_sequence(utils.pack_sequence([torch.ones(2), torch.zeros(3)], enforce_sorted=False))
    assert [s.tolist() for s in again] == [[1, 1], [0, 0, 0]]


def test_weights_that_are_assigned_as_a_list():
    layer, x = nn.LSTM(2, 3), torch.randn(4, 1, 2)
    y, parameters = layer(x)[0], layer._flat_weights
    computed = [2 * p for p in parameters]
    layer._flat_weights = computed
    assert layer._flat_weights is computed and all(a is b for a, b in zip(layer.parameters(), parameters, strict=True))
    other = nn.LSTM(2, 3)
    other.load_state_dict({name: 2 * p for name, p in layer.state_dict().items()})
    assert torch.equal(layer(x)[0], other(x)[0])
    layer.weight_ih_l0 = nn.Parameter(parameters[0].detach().clone())
    assert torch.equal(layer(x)[0], y)
