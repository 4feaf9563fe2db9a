"""torch.__future__: how Module's conversions change its tensors; here parameters always keep their identity."""

_overwrite = _swap = False


def set_overwrite_module_params_on_conversion(value):
    """Keeps the setting; parameters keep their identity in either case."""
    global _overwrite
    _overwrite = value


def get_overwrite_module_params_on_conversion():
    """What was set."""
    return _overwrite


def set_swap_module_params_on_conversion(value):
    """Keeps the setting; parameters keep their identity in either case."""
    global _swap
    _swap = value


def get_swap_module_params_on_conversion():
    """What was set."""
    return _swap
