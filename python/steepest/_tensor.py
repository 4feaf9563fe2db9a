"""What files and other packages name by its place in torch._tensor."""

from ._C import Tensor
from ._utils import _set_obj_state


def _rebuild_from_type_v2(func, new_type, args, state):
    """A tensor of a subclass, or with attributes, from the function and the arguments that make it plain."""
    tensor = func(*args)
    if type(tensor) is not new_type:
        if not issubclass(new_type, Tensor):
            raise TypeError(f"{new_type} is no subclass of Tensor")
        tensor = tensor.as_subclass(new_type)
    own = getattr(new_type, "__setstate__", None)
    if own is not None and own is not getattr(Tensor, "__setstate__", None):
        own(tensor, state)
        return tensor
    return _set_obj_state(tensor, state)
