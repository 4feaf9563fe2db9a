"""torch.nn.quantized: sums and products as modules, which compute as usual; quantized numbers are not here."""

from ... import _C
from ..modules import Identity, Module

__all__ = ["FloatFunctional"]


class FloatFunctional(Module):
    """The functions of tensors that a model calls by this module, so that they could be observed.

    >>> import steepest as torch
    >>> torch.nn.quantized.FloatFunctional().add(torch.tensor(1.), torch.tensor(2.))
    tensor(3.)
    """

    def __init__(self):
        super().__init__()
        self.activation_post_process = Identity()

    def forward(self, x):
        """RuntimeError: the functions are called, not the module."""
        raise RuntimeError("FloatFunctional is not intended to use the 'forward'. Please use the underlying operation")

    def add(self, x, y):
        """x + y"""
        return self.activation_post_process(_C.add(x, y))

    add_scalar = add

    def mul(self, x, y):
        """x * y"""
        return self.activation_post_process(_C.mul(x, y))

    mul_scalar = mul

    def cat(self, x, dim=0):
        """The tensors of `x`, one after the other along `dim`."""
        return self.activation_post_process(_C.cat(x, dim=dim))

    def add_relu(self, x, y):
        """relu(x + y)"""
        return self.activation_post_process(_C.relu(_C.add(x, y)))

    def matmul(self, x, y):
        """x @ y"""
        return self.activation_post_process(_C.matmul(x, y))
