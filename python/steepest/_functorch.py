"""The functorch package: torch.func under its older names, which warn, and modules made into functions of their parameters."""

import copy
import functools
import warnings

from . import func, stack
from .nn import Module

__all__ = [
    "FunctionalModule", "FunctionalModuleWithBuffers", "combine_state_for_ensemble", "functionalize", "grad", "grad_and_value", "hessian",
    "jacfwd", "jacrev", "jvp", "make_functional", "make_functional_with_buffers", "vjp", "vmap",
]


def _warn(name, instead):
    warnings.warn(
        f"We've integrated functorch into PyTorch. As the final step of the integration, `functorch.{name}` is deprecated as of PyTorch "
        f"2.0 and will be deleted in a future version of PyTorch >= 2.3. Please use `{instead}` instead; see the PyTorch 2.0 release notes "
        "and/or the `torch.func` migration guide for more details https://pytorch.org/docs/main/func.migrating.html",
        FutureWarning,
        stacklevel=3,
    )


def _deprecated(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        _warn(f.__name__, f"torch.{'vmap' if f is func.vmap else f'func.{f.__name__}'}")
        return f(*args, **kwargs)

    return wrapper


functionalize, grad, grad_and_value, hessian, jacfwd, jacrev, jvp, vjp, vmap = map(
    _deprecated,
    (func.functionalize, func.grad, func.grad_and_value, func.hessian, func.jacfwd, func.jacrev, func.jvp, func.vjp, func.vmap),
)


class FunctionalModuleWithBuffers(Module):
    """A module as a function of (parameters, buffers, *args)."""

    def __init__(self, model):
        super().__init__()
        self.stateless_model = copy.deepcopy(model)
        self.param_names = tuple(name for name, _ in model.named_parameters())
        self.buffer_names = tuple(name for name, _ in model.named_buffers())

    def forward(self, params, buffers, *args, **kwargs):
        given = dict(zip((*self.param_names, *self.buffer_names), (*params, *buffers), strict=True))
        return func.functional_call(self.stateless_model, given, args, kwargs)


class FunctionalModule(FunctionalModuleWithBuffers):
    """A module without buffers as a function of (parameters, *args)."""

    def forward(self, params, *args, **kwargs):
        return super().forward(params, (), *args, **kwargs)


def _parameters(model, disable_autograd_tracking):
    parameters = tuple(copy.deepcopy(model).parameters())
    return tuple(p.detach() for p in parameters) if disable_autograd_tracking else parameters


def make_functional(model, disable_autograd_tracking=False):
    """(a function of parameters and arguments, the parameters) of a module without buffers. Deprecated: see :func:`func.functional_call`.

    disable_autograd_tracking: the parameters are plain tensors. RuntimeError for a module with buffers.
    """
    _warn("make_functional", "torch.func.functional_call")
    if any(True for _ in model.buffers()):
        raise RuntimeError("make_functional(model): `model` has buffers. Please use make_functional_with_buffers(model) instead.")
    return FunctionalModule(model), _parameters(model, disable_autograd_tracking)


def make_functional_with_buffers(model, disable_autograd_tracking=False):
    """(a function of parameters, buffers and arguments, the parameters, the buffers) of a module. Deprecated: see make_functional()."""
    _warn("make_functional_with_buffers", "torch.func.functional_call")
    return FunctionalModuleWithBuffers(model), _parameters(model, disable_autograd_tracking), tuple(copy.deepcopy(model).buffers())


def combine_state_for_ensemble(models):
    """(a function, parameters, buffers) of models of one class, their states stacked. Deprecated: see :func:`func.stack_module_state`."""
    _warn("combine_state_for_ensemble", "torch.func.stack_module_state")
    if len(models) == 0:
        raise RuntimeError("combine_state_for_ensemble: Expected at least one model, got 0.")
    if not (all(m.training for m in models) or all(not m.training for m in models)):
        raise RuntimeError("combine_state_for_ensemble: Expected all models to have the same training/eval mode.")
    if any(type(m) is not type(models[0]) for m in models):
        raise RuntimeError("combine_state_for_ensemble: Expected all models to be of the same class.")
    states = [[tuple(part) for part in (m.parameters(), m.buffers())] for m in models]
    parameters, buffers = (tuple(stack(column).detach() for column in zip(*part, strict=True)) for part in zip(*states, strict=True))
    return FunctionalModuleWithBuffers(models[0]), parameters, buffers
