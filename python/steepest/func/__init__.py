"""torch.func: functions that make functions: derivatives, maps over dimensions, and modules called with given parameters.

Note [Levels]
A transform differentiates by fresh tensors that stand in for its arguments, and leaves the recorded graph to hold everything else: the
arguments' own history, tensors that the function has from elsewhere, and the fresh tensors of transforms outside. Gradients are
recorded again exactly where such a history is met, so that transforms nest, and what is returned keeps a history only where it leads to
something besides the fresh tensors. Tangents are propagated by two reverse passes: the first is linear in its gradient, so that the
second, by that gradient, gives products with the Jacobian.
"""

from ._derivatives import grad, grad_and_value, jvp, linearize, vjp
from ._jacobians import hessian, jacfwd, jacrev
from ._modules import functional_call, replace_all_batch_norm_modules_, stack_module_state
from ._rearrange import rearrange
from ._vmap import functionalize, vmap

__all__ = [
    "functional_call",
    "functionalize",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "rearrange",
    "replace_all_batch_norm_modules_",
    "stack_module_state",
    "vjp",
    "vmap",
]
