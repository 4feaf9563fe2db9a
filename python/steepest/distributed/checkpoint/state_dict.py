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


globals().update(
    absent_names(
        __name__,
        "get_model_state_dict set_model_state_dict get_optimizer_state_dict set_optimizer_state_dict get_state_dict set_state_dict",
        _WHY,
    )
)
