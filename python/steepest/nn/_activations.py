"""Activations of nn.functional: the core's kernels, and what is composed of them."""

import warnings

from .. import _C, empty, finfo, zeros_like

__all__ = [
    "celu", "elu", "gelu", "glu", "gumbel_softmax", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu",
    "log_softmax", "logsigmoid", "mish", "prelu", "relu", "relu6", "rrelu", "selu", "sigmoid", "silu",
    "softmax", "softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "threshold",
    "celu_", "elu_", "hardtanh_", "leaky_relu_", "relu_", "rrelu_", "selu_", "threshold_",
]

_nn = _C._nn

# here the core's signatures are PyTorch's
gelu = _nn.gelu
softplus = _nn.softplus
logsigmoid = _nn.logsigmoid
hardshrink = _nn.hardshrink
glu = _nn.glu
prelu = _nn.prelu
relu_ = _nn.relu_
elu_ = _nn.elu_
celu_ = _C.celu_
selu_ = _C.selu_
leaky_relu_ = _nn.leaky_relu_
rrelu_ = _nn.rrelu_
threshold_ = _nn.threshold_


def relu(input, inplace=False):
    """``max(input, 0)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.relu(torch.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """
    return _nn.relu_(input) if inplace else _nn.relu(input)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """``input`` where positive, ``negative_slope * input`` elsewhere."""
    return _nn.leaky_relu_(input, negative_slope) if inplace else _nn.leaky_relu(input, negative_slope)


def elu(input, alpha=1.0, inplace=False):
    """``input`` where positive, ``alpha * (exp(input) - 1)`` elsewhere."""
    return _nn.elu_(input, alpha) if inplace else _nn.elu(input, alpha)


def silu(input, inplace=False):
    """``input * sigmoid(input)``."""
    return _nn.silu_(input) if inplace else _nn.silu(input)


def threshold(input, threshold, value, inplace=False):
    """``input`` where it is above ``threshold``, ``value`` elsewhere."""
    return (_nn.threshold_ if inplace else _nn.threshold)(input, threshold, value)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """``input`` limited to ``[min_val, max_val]``; the derivative is 0 at the limits."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return (_nn.hardtanh_ if inplace else _nn.hardtanh)(input, min_val, max_val)


def relu6(input, inplace=False):
    """``input`` limited to ``[0, 6]``."""
    return _nn.hardtanh_(input, 0.0, 6.0) if inplace else _nn.relu6(input)


def hardsigmoid(input, inplace=False):
    """``relu6(input + 3) / 6``."""
    return _nn.hardsigmoid_(input) if inplace else _nn.hardsigmoid(input)


def hardswish(input, inplace=False):
    """``input * relu6(input + 3) / 6``."""
    return _nn.hardswish_(input) if inplace else _nn.hardswish(input)


def celu(input, alpha=1.0, inplace=False):
    """``input`` where positive, ``alpha * (exp(input / alpha) - 1)`` elsewhere."""
    return (_C.celu_ if inplace else _C.celu)(input, alpha)


def selu(input, inplace=False):
    """``scale * elu(input, alpha)`` with the constants that keep mean 0 and variance 1."""
    return _C.selu_(input) if inplace else _C.selu(input)


def mish(input, inplace=False):
    """``input * tanh(softplus(input))``."""
    return _nn.mish_(input) if inplace else _nn.mish(input)


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    """Leaky ReLU whose slope is random in ``[lower, upper]`` in training, their mean otherwise."""
    return (_nn.rrelu_ if inplace else _nn.rrelu)(input, lower, upper, training)


def softshrink(input, lambd=0.5):
    """``input`` moved towards 0 by ``lambd``, and 0 where it is nearer than that."""
    if not lambd >= 0:
        kind, limit = input.type().removeprefix("torch.").removesuffix("Tensor"), finfo(input.dtype).max
        raise RuntimeError(f"lambda must be in range [0, {limit:g}] for input dtype {kind}, but found {lambd:g}")
    return _nn.softshrink(input, lambd)


def tanhshrink(input):
    """``input - tanh(input)``."""
    return input - input.tanh()


def softsign(input):
    """``input / (1 + |input|)``."""
    return input / (input.abs() + 1)


def tanh(input):
    """The hyperbolic tangent."""
    return input.tanh()


def sigmoid(input):
    """``1 / (1 + exp(-input))``."""
    return input.sigmoid()


def hardtanh_(input, min_val=-1.0, max_val=1.0):
    """:func:`hardtanh` in place."""
    return hardtanh(input, min_val, max_val, inplace=True)


def _implicit_dim(name, input, stacklevel):
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. "
        "Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if input.dim() in (0, 1, 3) else 1


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """``exp(input) / sum(exp(input))`` along ``dim``, in ``dtype`` if given.

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.softmax(torch.zeros(4), dim=0)
        tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """
    if dim is None:
        dim = _implicit_dim("softmax", input, _stacklevel)
    return input.softmax(dim) if dtype is None else input.softmax(dim, dtype=dtype)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    """``softmax(-input)`` along ``dim``."""
    if dim is None:
        dim = _implicit_dim("softmin", input, _stacklevel)
    return (-input).softmax(dim) if dtype is None else (-input).softmax(dim, dtype=dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """The logarithm of :func:`softmax`, without overflow."""
    if dim is None:
        dim = _implicit_dim("log_softmax", input, _stacklevel)
    return input.log_softmax(dim) if dtype is None else input.log_softmax(dim, dtype=dtype)


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """Softmax of logits with Gumbel noise, divided by ``tau``: a random choice that has a gradient.

    ``hard`` gives the one-hot vector of the largest share, with the gradient of the shares (Jang et al. 2016,
    arXiv:1611.01144). The result has the logits' shape.

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.gumbel_softmax(torch.zeros(1, 3), hard=True).sum()
        tensor(1.)
    """
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    noise = -empty(logits.shape, dtype=logits.dtype).exponential_().log()  # drawn row by row, however the logits lie
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft
    chosen = zeros_like(logits).scatter_(dim, soft.max(dim, keepdim=True)[1], 1.0)
    return chosen - soft.detach() + soft
