"""torch.func: calling modules as functions of their parameters."""

from ._lazy import absent
from .nn.utils.stateless import functional_call

__all__ = ["functional_call", "stack_module_state"]

_INSTEAD = "torch.autograd.functional has vjp, jvp, jacobian and hessian"
functionalize, grad, grad_and_value, hessian, jacfwd, jacrev, jvp, linearize, vjp, vmap = (
    absent(f"torch.func.{name}", _INSTEAD)
    for name in ("functionalize", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "linearize", "vjp", "vmap")
)


def stack_module_state(models):
    """(parameters, buffers) of several models of one kind, each stacked along a new first dimension, by name."""
    from . import stack

    models = list(models)
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")

    def stacked(named):
        tables = [dict(named(model)) for model in models]
        return {key: stack([table[key] for table in tables]).detach().requires_grad_(x.requires_grad) for key, x in tables[0].items()}

    return stacked(lambda m: m.named_parameters()), stacked(lambda m: m.named_buffers())
