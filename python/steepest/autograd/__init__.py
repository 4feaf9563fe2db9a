"""Automatic differentiation: backward, grad, user-defined functions, and checks of gradients."""

import sys
import threading
import types
import warnings

from .. import _C
from .._C import Tensor
from .._lazy import submodules
from . import graph
from .anomaly import detect_anomaly, set_detect_anomaly
from .function import Function, once_differentiable
from .grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "once_differentiable",
    "set_detect_anomaly",
    "set_grad_enabled",
]


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None):
    """Accumulates the sum of the gradients of `tensors` into the leaves they depend on.

    tensors, grad_tensors: a tensor or a sequence of them; a gradient may be None for a tensor of one element.
    Raises RuntimeError where a tensor does not require grad or a gradient is missing.

    >>> import steepest as torch
    >>> x = torch.tensor([1., 2.], requires_grad=True)
    >>> torch.autograd.backward([x.sum(), (x * x).sum()])
    >>> x.grad
    tensor([3., 5.])
    """
    _C._backward(tensors, grad_tensors, retain_graph, create_graph, inputs)


class Blocks(threading.local):
    """A context that counts how often the thread is in it."""

    depth = 0

    def __enter__(self):
        self.depth += 1

    def __exit__(self, *_error):
        self.depth -= 1


class _Maps(threading.local):
    """The calls of functions by vmap that a thread is in, the innermost last: see Note [Batched tensors] in func/_batches.py."""

    def __init__(self):
        self.list = []


open_maps = _Maps()


def _grads_of_batch(outputs, inputs, batches, create_graph, allow_unused, materialize_grads):
    """Gradients for each of several gradients of the outputs, stacked."""
    outputs, inputs, batches = ((x,) if isinstance(x, Tensor) else tuple(x) for x in (outputs, inputs, batches))
    for i, (y, batch) in enumerate(zip(outputs, batches, strict=True)):
        if batch.shape[1:] != y.shape:
            raise RuntimeError(
                "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch dimension. The sizes of "
                "the remaining dimensions are expected to match the shape of corresponding output, but a mismatch was detected: "
                f"grad_output[{i}] has a shape of {batch.shape[1:]} and output[{i}] has a shape of {y.shape}. If you only want some "
                "tensors in `grad_output` to be considered batched, consider using vmap."
            )
    found = _C._grad_rows(outputs, inputs, batches, create_graph)
    if materialize_grads:
        return tuple(x.new_zeros((len(batches[0]), *x.shape)) if g is None else g for g, x in zip(found, inputs, strict=True))
    if not allow_unused and any(g is None for g in found):
        _C._grad(outputs, inputs, [batch[0] for batch in batches], True, create_graph, allow_unused, False)  # says which is unused
    return found


def grad(
    outputs,
    inputs,
    grad_outputs=None,
    retain_graph=None,
    create_graph=False,
    only_inputs=True,
    allow_unused=None,
    is_grads_batched=False,
    materialize_grads=False,
):
    """The gradients of the sum of `outputs` with respect to `inputs`, as a tuple; .grad is not touched.

    create_graph: records the computation of the gradients, so that they can be differentiated again.
    allow_unused: None instead of RuntimeError for an input that the outputs do not depend on.
    is_grads_batched: grad_outputs have a further first dimension, and so have the gradients: one for each gradient along it.

    >>> import steepest as torch
    >>> x = torch.tensor(2., requires_grad=True)
    >>> (g,) = torch.autograd.grad(x**3, x, create_graph=True)
    >>> torch.autograd.grad(g, x)
    (tensor(12.),)
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    if is_grads_batched:
        return _grads_of_batch(outputs, inputs, grad_outputs, create_graph, allow_unused, materialize_grads)
    if open_maps.list:
        from ..func._batch_gradients import gradients

        lists = ([x] if isinstance(x, Tensor) else x for x in (outputs, inputs, grad_outputs))
        return gradients(*lists, True, create_graph, allow_unused, materialize_grads)
    return _C._grad(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, materialize_grads)


class _VariableType(type):
    def __instancecheck__(cls, obj):
        return isinstance(obj, Tensor)


class Variable(metaclass=_VariableType):
    """What tensors that record were once wrapped in; Variable(x) is x itself, with requires_grad set."""

    def __new__(cls, data, requires_grad=False, volatile=None):
        if volatile:
            warnings.warn("volatile was removed and now has no effect. Use `with torch.no_grad():` instead.", stacklevel=2)
        x = data.detach()
        return x.requires_grad_() if requires_grad else x


_submodule = submodules(__name__)


class _Package(types.ModuleType):
    """A package in which a function keeps its name when the module of the same name is imported."""

    def __setattr__(self, name, value):
        if not (name == "gradcheck" and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name):
    if name in ("gradcheck", "gradgradcheck"):
        return getattr(_submodule("gradcheck"), name)
    return _submodule(name)
