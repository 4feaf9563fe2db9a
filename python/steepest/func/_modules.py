"""Modules for function transforms: called with given parameters, stacked into ensembles, without running statistics."""

from .. import stack
from ..nn.modules.batchnorm import _BatchNorm
from ..nn.utils.stateless import _functional_call

__all__ = ["functional_call", "replace_all_batch_norm_modules_", "stack_module_state"]


def functional_call(module, parameter_and_buffer_dicts, args=None, kwargs=None, *, tie_weights=True, strict=False):
    """``module(*args, **kwargs)`` with these tensors, by name, in the place of its parameters and buffers.

    Args:
        parameter_and_buffer_dicts: a dict from names, as in state_dict, to tensors, or a sequence of dicts with different names
        args: a tuple, or the one argument
        tie_weights: whether a tensor that the module has under several names is replaced under all of them
        strict: whether the names must be those of the module, all of them: RuntimeError otherwise

    Gradients flow to the tensors given, and what the module assigns to a name is afterwards in the dict.

    >>> import steepest as torch
    >>> layer = torch.nn.Linear(1, 1)
    >>> weight = torch.tensor([[3.0]])
    >>> torch.func.functional_call(layer, {"weight": weight, "bias": torch.zeros(1)}, torch.ones(1, 1))
    tensor([[3.]])
    """
    given = parameter_and_buffer_dicts
    if isinstance(given, (list, tuple)):
        if not all(isinstance(part, dict) for part in given):
            raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
        names = [name for part in given for name in part]
        repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if repeated:
            raise ValueError(f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous")
        given = {name: x for part in given for name, x in part.items()}
    elif not isinstance(given, dict):
        raise ValueError(f"Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got {type(given)}")
    return _functional_call(module, given, args, kwargs, tie_weights=tie_weights, strict=strict)


def stack_module_state(models):
    """(parameters, buffers) of models of one class, each stacked along a new first dimension, by name.

    The parameters are new leaves. RuntimeError for models of several classes or modes.

    >>> import steepest as torch
    >>> parameters, buffers = torch.func.stack_module_state([torch.nn.Linear(3, 2) for _ in range(4)])
    >>> {name: tuple(x.shape) for name, x in parameters.items()}
    {'weight': (4, 2, 3), 'bias': (4, 2)}
    """
    if len(models) == 0:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if len({model.training for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if len({type(model) for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")

    def stacked(tables):
        return {name: _stacked_leaf(name, [table[name] for table in tables]) for name in tables[0]}

    return stacked([dict(m.named_parameters()) for m in models]), stacked([dict(m.named_buffers()) for m in models])


def _stacked_leaf(name, tensors):
    if len({x.requires_grad for x in tensors}) > 1:
        raise RuntimeError(f"Expected {name} from each model to have the same .requires_grad")
    return stack(tensors).detach().requires_grad_(tensors[0].requires_grad)


def replace_all_batch_norm_modules_(root):
    """Takes the running statistics from all BatchNorms of a module, in place, as functions of one sample cannot update them.

    >>> import steepest as torch
    >>> torch.func.replace_all_batch_norm_modules_(torch.nn.Sequential(torch.nn.BatchNorm1d(3)))[0].running_mean is None
    True
    """
    for module in root.modules():
        if isinstance(module, _BatchNorm) and module.track_running_stats:
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root
