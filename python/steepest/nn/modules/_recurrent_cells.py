"""Recurrent cells: one step of an RNN, LSTM or GRU."""

import math

from ... import empty, gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell, zeros
from .. import init
from ..parameter import Parameter
from .module import Module

__all__ = ["RNNCellBase", "RNNCell", "LSTMCell", "GRUCell"]


class RNNCellBase(Module):
    """Base class of the cells: ``weight_ih`` (chunks * hidden, input), ``weight_hh`` (chunks * hidden, hidden),
    ``bias_ih`` and ``bias_hh`` (chunks * hidden), uniform in ``[-1/sqrt(hidden_size), 1/sqrt(hidden_size)]``.
    """

    __constants__ = ["input_size", "hidden_size", "bias"]

    def __init__(self, input_size, hidden_size, bias, num_chunks, device=None, dtype=None):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows, options = num_chunks * hidden_size, {"device": device, "dtype": dtype}
        self.weight_ih = Parameter(empty((rows, input_size), **options))
        self.weight_hh = Parameter(empty((rows, hidden_size), **options))
        self.register_parameter("bias_ih", Parameter(empty(rows, **options)) if bias else None)
        self.register_parameter("bias_hh", Parameter(empty(rows, **options)) if bias else None)
        self.reset_parameters()

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            text += f", nonlinearity={self.nonlinearity}"
        return text

    def reset_parameters(self):
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _check(self, input, hx):
        """Refuse what is neither a vector nor a matrix."""
        name = self._get_name()
        if input.dim() not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        if hx is not None and hx.dim() not in (1, 2):
            raise ValueError(f"{name}: Expected hidden to be 1D or 2D, got {hx.dim()}D instead")

    def _step(self, function, input, hx):
        """One step with a single state, of a vector or a batch."""
        if hx is not None and input.dim() == hx.dim() == 2:  # loops over steps come here
            return function(input, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        self._check(input, hx)
        single = input.dim() == 1
        if single:
            input = input.unsqueeze(0)
        if hx is None:
            hx = zeros(input.size(0), self.hidden_size, dtype=input.dtype)
        elif single:
            hx = hx.unsqueeze(0)
        y = function(input, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        return y.squeeze(0) if single else y


class RNNCell(RNNCellBase):
    """``h' = tanh(W_ih x + b_ih + W_hh h + b_hh)``, or relu in place of tanh.

    Shapes: input ``(N, input_size)`` or ``(input_size)``, hx and result ``(N, hidden_size)`` or ``(hidden_size)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.RNNCell(3, 5)(torch.ones(2, 3)).shape
        torch.Size([2, 5])
    """

    __constants__ = ["input_size", "hidden_size", "bias", "nonlinearity"]

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        if self.nonlinearity == "tanh":
            return self._step(rnn_tanh_cell, input, hx)
        if self.nonlinearity == "relu":
            return self._step(rnn_relu_cell, input, hx)
        raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")


class LSTMCell(RNNCellBase):
    """One step of an LSTM: ``(h, c) -> (h', c')`` with gates i, f, g, o in the rows of the weights.

    Shapes: input ``(N, input_size)`` or ``(input_size)``, states ``(N, hidden_size)`` or ``(hidden_size)``.

    Example::

        >>> import steepest as torch
        >>> h, c = torch.nn.LSTMCell(3, 5)(torch.ones(2, 3))
        >>> h.shape, c.shape
        (torch.Size([2, 5]), torch.Size([2, 5]))
    """

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input, hx=None):
        if hx is not None and input.dim() == hx[0].dim() == hx[1].dim() == 2:  # loops over steps come here
            return lstm_cell(input, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        self._check(input, None)
        for i, state in enumerate(hx or ()):
            if state.dim() not in (1, 2):
                raise ValueError(f"LSTMCell: Expected hx[{i}] to be 1D or 2D, got {state.dim()}D instead")
        single = input.dim() == 1
        if single:
            input = input.unsqueeze(0)
        if hx is None:
            start = zeros(input.size(0), self.hidden_size, dtype=input.dtype)
            hx = (start, start)
        elif single:
            hx = (hx[0].unsqueeze(0), hx[1].unsqueeze(0))
        h, c = lstm_cell(input, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        return (h.squeeze(0), c.squeeze(0)) if single else (h, c)


class GRUCell(RNNCellBase):
    """One step of a GRU, with gates r, z, n in the rows of the weights.

    Shapes: input ``(N, input_size)`` or ``(input_size)``, hx and result ``(N, hidden_size)`` or ``(hidden_size)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.GRUCell(3, 5)(torch.ones(2, 3)).shape
        torch.Size([2, 5])
    """

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input, hx=None):
        return self._step(gru_cell, input, hx)
