"""torch.distributed.fsdp.wrap: the names of rules that say which modules are cut over processes."""

from ..._lazy import absent_names

_WHY = "there is one process"

globals().update(absent_names(__name__, "ModuleWrapPolicy CustomPolicy", _WHY, object))
globals().update(
    absent_names(
        __name__,
        "size_based_auto_wrap_policy transformer_auto_wrap_policy lambda_auto_wrap_policy always_wrap_policy _or_policy enable_wrap wrap",
        _WHY,
    )
)
