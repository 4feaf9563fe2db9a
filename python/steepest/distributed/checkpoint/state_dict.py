"""State dicts of models and optimizers, gathered from all processes: those of the one."""

from dataclasses import dataclass

from ..._lazy import absent_names

_WHY = "there is one process: use state_dict and load_state_dict"


@dataclass
class StateDictOptions:
    """How a state dict is gathered."""

    full_state_dict: bool = False
    cpu_offload: bool = False
    ignore_frozen_params: bool = False
    keep_submodule_prefixes: bool = True
    strict: bool = True
    broadcast_from_rank0: bool = False
    flatten_optimizer_state_dict: bool = False
    dsd_fqn_modifiers: str = "_fqn_modifiers"


def get_model_state_dict(model, *, submodules=None, options=None):
    """The model's state_dict(); without parameters that are frozen where the options say so.

    >>> import steepest as torch
    >>> list(torch.distributed.checkpoint.state_dict.get_model_state_dict(torch.nn.Linear(1, 1)))
    ['weight', 'bias']
    """
    state = model.state_dict()
    if options is not None and options.ignore_frozen_params:
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad:
                state.pop(name, None)
    return state


def set_model_state_dict(model, model_state_dict, *, options=None):
    """Loads a state_dict into the model; returns what load_state_dict() does. Strict unless the options say otherwise.

    >>> import steepest as torch
    >>> model = torch.nn.Linear(1, 1)
    >>> torch.distributed.checkpoint.state_dict.set_model_state_dict(model, model.state_dict())
    <All keys matched successfully>
    """
    return model.load_state_dict(model_state_dict, strict=options is None or options.strict)


globals().update(
    absent_names(__name__, "get_optimizer_state_dict set_optimizer_state_dict get_state_dict set_state_dict", _WHY)
)
