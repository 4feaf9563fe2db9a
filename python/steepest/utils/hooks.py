"""torch.utils.hooks: what registering a hook returns."""

from abc import ABCMeta
from collections import OrderedDict
from weakref import ref

from .. import _C

__all__ = ["RemovableHandle"]


class RemovableHandle(metaclass=ABCMeta):  # noqa: B024  (so that the class of tensors' handles can be one of it)
    """What registering a hook returns: ``remove()`` takes the hook out again, also at ``with`` exit."""

    next_id = 0

    def __init__(self, hooks_dict, *, extra_dict=()):
        self.hooks_dict_ref = ref(hooks_dict)
        self.id = RemovableHandle.next_id
        RemovableHandle.next_id += 1
        extras = (extra_dict,) if isinstance(extra_dict, dict) else extra_dict
        self.extra_dict_ref = tuple(ref(d) for d in extras)

    def remove(self):
        """Takes the hook out."""
        for reference in (self.hooks_dict_ref, *self.extra_dict_ref):
            registry = reference()
            if registry is not None:
                registry.pop(self.id, None)

    def __getstate__(self):
        return self.hooks_dict_ref(), self.id, tuple(r() for r in self.extra_dict_ref)

    def __setstate__(self, state):
        registry, self.id, extras = state
        self.hooks_dict_ref = ref(OrderedDict() if registry is None else registry)
        self.extra_dict_ref = tuple(ref(d) for d in extras)
        RemovableHandle.next_id = max(RemovableHandle.next_id, self.id + 1)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()


RemovableHandle.register(_C.TensorHookHandle)
