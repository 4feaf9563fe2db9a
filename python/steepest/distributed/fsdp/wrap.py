"""torch.distributed.fsdp.wrap: the names of rules that say which modules are cut over processes."""

from ..._lazy import absent, absent_class

_NAME, _WHY = "torch.distributed.fsdp.wrap.", "there is one process"

ModuleWrapPolicy = absent_class(f"{_NAME}ModuleWrapPolicy", _WHY)
CustomPolicy = absent_class(f"{_NAME}CustomPolicy", _WHY)
size_based_auto_wrap_policy = absent(f"{_NAME}size_based_auto_wrap_policy", _WHY)
transformer_auto_wrap_policy = absent(f"{_NAME}transformer_auto_wrap_policy", _WHY)
lambda_auto_wrap_policy = absent(f"{_NAME}lambda_auto_wrap_policy", _WHY)
always_wrap_policy = absent(f"{_NAME}always_wrap_policy", _WHY)
_or_policy = absent(f"{_NAME}_or_policy", _WHY)
enable_wrap = absent(f"{_NAME}enable_wrap", _WHY)
wrap = absent(f"{_NAME}wrap", _WHY)
