"""Samples of the recurrent layers, their cells, and padding: one line an op."""

import numpy as np

from .draw import i, op, x
from .reference import sigmoid

HIDDEN, SETTINGS = 4, (True, 1, 0.0, False, False)  # has_biases, num_layers, dropout, train, bidirectional


def lstm_step(v, state, w, u, b=0, c=0):
    gates = np.split(v @ w.T + b + state[0] @ u.T + c, 4, -1)
    cell = sigmoid(gates[1]) * state[1] + sigmoid(gates[0]) * np.tanh(gates[2])
    return [sigmoid(gates[3]) * np.tanh(cell), cell]


def gru_step(v, state, w, u, b=0, c=0):
    own, past = np.split(v @ w.T + b, 3, -1), np.split(state[0] @ u.T + c, 3, -1)
    z = sigmoid(own[1] + past[1])
    return [(1 - z) * np.tanh(own[2] + sigmoid(own[0] + past[0]) * past[2]) + z * state[0]]


def rnn_step(activation):
    return lambda v, state, w, u, b=0, c=0: [activation(v @ w.T + b + state[0] @ u.T + c)]


def layer(step):
    """Over padded or, with all batch sizes equal, packed input."""

    def run(v, *rest):
        packed = v.ndim == 2
        sizes, hx, params, *settings = rest if packed else (None, *rest)
        rows = v.reshape(len(sizes), -1, v.shape[-1]) if packed else v.swapaxes(0, 1) if settings[-1] else v
        state, outputs = [s[0] for s in (hx if isinstance(hx, (list, tuple)) else [hx])], []
        for row in rows:
            state = step(row, state, *params)
            outputs.append(state[0])
        y = np.stack(outputs)
        y = y.reshape(-1, HIDDEN) if packed else y.swapaxes(0, 1) if settings[-1] else y
        return [y, *(s[None] for s in state)]

    return run


def cell(step):
    def run(v, hx, *weights):
        state = step(v, hx if isinstance(hx, (list, tuple)) else [hx], *weights)
        return state if len(state) > 1 else state[0]

    return run


def weights(gates):
    rows = gates * HIDDEN
    return [x(rows, 3), x(rows, HIDDEN), x(rows), x(rows)]


def calls(gates, states, listed=False):
    hx = [x(1, 2, HIDDEN)] * states if listed else x(1, 2, HIDDEN)
    yield x(5, 2, 3), hx, weights(gates), *SETTINGS, False
    yield x(2, 5, 3), hx, weights(gates)[:2], False, *SETTINGS[1:], True
    yield x(6, 3), i(3, low=2, high=3), hx, weights(gates), *SETTINGS


def cell_calls(gates, states, listed=False):
    hx = [x(2, HIDDEN)] * states if listed else x(2, HIDDEN)
    yield x(2, 3), hx, *weights(gates)
    yield x(2, 3), hx, *weights(gates)[:2]


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    longest = max(map(len, sequences))
    rows = [np.full(longest, padding_value, s.dtype) for s in sequences]
    for row, s in zip(rows, sequences):
        row[slice(longest - len(s), None) if padding_side == "left" else slice(len(s))] = s
    return np.stack(rows, 0 if batch_first else 1)


STEPS = {"gru": (gru_step, 3), "rnn_tanh": (rnn_step(np.tanh), 1), "rnn_relu": (rnn_step(lambda v: np.maximum(v, 0)), 1)}
LOOSE = {"dtypes": "f", "rtol": 256, "atol": 256, "half_tol": 8.0}

RECURRENT = {
    "lstm": op(*calls(4, 2, True), ref=layer(lstm_step), **LOOSE),
    "lstm_cell": op(*cell_calls(4, 2, True), ref=cell(lstm_step), **LOOSE),
    "pad_sequence": op(([x(3), x(5), x(1)],), ([x(2), x(4)], True, 2.0, "left"), ref=pad_sequence),
}
for name, (step, gates) in STEPS.items():
    RECURRENT[name] = op(*calls(gates, 1), ref=layer(step), **LOOSE)
    RECURRENT[f"{name}_cell"] = op(*cell_calls(gates, 1), ref=cell(step), **LOOSE)
