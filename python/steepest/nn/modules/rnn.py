"""Recurrent layers: RNN, LSTM, GRU, and their cells."""

from ... import gru, lstm, rnn_relu, rnn_tanh, zeros
from ._recurrent import RNNBase
from ._recurrent_cells import GRUCell, LSTMCell, RNNCell, RNNCellBase

__all__ = ["RNNBase", "RNN", "LSTM", "GRU", "RNNCellBase", "RNNCell", "LSTMCell", "GRUCell"]


def apply_permutation(tensor, permutation, dim=1):
    """The slices of a tensor along `dim`, in the order of the indices in `permutation`."""
    return tensor.index_select(dim, permutation)


_NO_PROJECTION = "proj_size argument is only supported for LSTM, not RNN or GRU"


class RNN(RNNBase):
    """``h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)`` in layers (Elman 1990); relu where ``nonlinearity='relu'``.

    Shapes: input ``(T, N, input_size)``, ``(N, T, input_size)`` where ``batch_first``, ``(T, input_size)``, or a packed
    sequence; hx ``(layers * directions, N, hidden_size)``. Returns the last layer's outputs ``(T, N, directions *
    hidden_size)`` and the last states, of hx's shape.

    Example::

        >>> import steepest as torch
        >>> output, h = torch.nn.RNN(3, 5, num_layers=2)(torch.ones(4, 2, 3))
        >>> output.shape, h.shape
        (torch.Size([4, 2, 5]), torch.Size([2, 2, 5]))
    """

    def __init__(self, *args, **kwargs):
        if "proj_size" in kwargs:
            raise ValueError(_NO_PROJECTION)
        if len(args) > 3:
            nonlinearity = args[3]
            args = args[:3] + args[4:]
        else:
            nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(f"RNN_{nonlinearity.upper()}", *args, **kwargs)
        self.nonlinearity = nonlinearity

    def _run(self, *arguments):
        return (rnn_tanh if self.mode == "RNN_TANH" else rnn_relu)(*arguments)


class LSTM(RNNBase):
    """Long short-term memory in layers (Hochreiter and Schmidhuber 1997), with projections where ``proj_size`` (Sak et al. 2014).

    Shapes: input as in :class:`RNN`; hx a pair of hidden ``(layers * directions, N, proj_size or hidden_size)`` and cell
    states ``(layers * directions, N, hidden_size)``. Returns the last layer's outputs ``(T, N, directions * (proj_size or
    hidden_size))`` and the pair of last states.

    Example::

        >>> import steepest as torch
        >>> output, (h, c) = torch.nn.LSTM(3, 5, bidirectional=True)(torch.ones(4, 2, 3))
        >>> output.shape, h.shape, c.shape
        (torch.Size([4, 2, 10]), torch.Size([2, 2, 5]), torch.Size([2, 2, 5]))
    """

    def __init__(self, *args, **kwargs):
        super().__init__("LSTM", *args, **kwargs)

    def get_expected_cell_size(self, input, batch_sizes):
        return self._state_size(input, batch_sizes, self.hidden_size)

    def check_forward_args(self, input, hidden, batch_sizes):
        self.check_input(input, batch_sizes)
        sizes = self.get_expected_hidden_size(input, batch_sizes), self.get_expected_cell_size(input, batch_sizes)
        for i in (0, 1):
            self.check_hidden_size(hidden[i], sizes[i], f"Expected hidden[{i}] size {{}}, got {{}}")

    def permute_hidden(self, hx, permutation):
        return hx if permutation is None else tuple(h.index_select(1, permutation) for h in hx)

    def _start(self, input, batch_sizes):
        sizes = self.get_expected_hidden_size(input, batch_sizes), self.get_expected_cell_size(input, batch_sizes)
        return tuple(zeros(size, dtype=input.dtype) for size in sizes)

    def _check_state_dims(self, hx, dims):
        if hx[0].dim() != dims or hx[1].dim() != dims:
            kind = "batched 3-D" if dims == 3 else "unbatched 2-D"
            raise RuntimeError(
                f"For {kind} input, hx and cx should also be {dims}-D but got ({hx[0].dim()}-D, {hx[1].dim()}-D) tensors"
            )

    def _map_state(self, change, hx):
        return change(hx[0]), change(hx[1])

    def _run(self, *arguments):
        output, h, c = lstm(*arguments)
        return output, (h, c)


class GRU(RNNBase):
    """Gated recurrent units in layers (Cho et al. 2014, arXiv:1406.1078); shapes as in :class:`RNN`.

    Example::

        >>> import steepest as torch
        >>> output, h = torch.nn.GRU(3, 5, batch_first=True)(torch.ones(2, 4, 3))
        >>> output.shape, h.shape
        (torch.Size([2, 4, 5]), torch.Size([1, 2, 5]))
    """

    def __init__(self, *args, **kwargs):
        if "proj_size" in kwargs:
            raise ValueError(_NO_PROJECTION)
        super().__init__("GRU", *args, **kwargs)

    def _run(self, *arguments):
        return gru(*arguments)
