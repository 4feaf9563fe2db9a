"""LazyModuleMixin: modules that learn the sizes of their parameters from the first input."""

from ..parameter import is_lazy

__all__ = ["LazyModuleMixin"]


class LazyModuleMixin:
    """Makes a module of parameters without sizes; stands before the module's class among the bases.

    The subclass gives itself :class:`UninitializedParameter` or :class:`UninitializedBuffer` members and defines
    ``initialize_parameters(*args)``, which is called with the arguments of the first call and has to
    ``materialize`` them all. After that call the module is a ``cls_to_become``, if that is not None.

    Example::

        >>> import steepest as torch
        >>> m = torch.nn.LazyLinear(2)
        >>> m(torch.ones(5, 3)).shape
        torch.Size([5, 2])
        >>> m
        Linear(in_features=3, out_features=2, bias=True)
    """

    cls_to_become = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._load_hook = self._register_load_state_dict_pre_hook(self._lazy_load_hook)
        self._initialize_hook = self.register_forward_pre_hook(self._infer_parameters, with_kwargs=True)

    def initialize_parameters(self, *args, **kwargs):
        """Give every member without sizes its own; every subclass defines it."""
        raise NotImplementedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self):
        """Whether a parameter or buffer of this module itself has no sizes yet."""
        return any(is_lazy(t) for t in (*self._parameters.values(), *self._buffers.values()))

    def _save_to_state_dict(self, destination, prefix, keep_vars):
        # a tensor without sizes cannot be detached: it is saved as it is
        for members in (self._parameters, self._buffers):
            for name, tensor in members.items():
                if tensor is not None and name not in self._non_persistent_buffers_set:
                    destination[prefix + name] = tensor if is_lazy(tensor) or keep_vars else tensor.detach()

    def _lazy_load_hook(
        self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
    ):
        """Before loading: members take the sizes of what will be loaded into them."""
        for members in (self._parameters, self._buffers):
            for name, tensor in members.items():
                source = state_dict.get(prefix + name)
                if source is not None and is_lazy(tensor) and not is_lazy(source):
                    tensor.materialize(source.shape)

    def _infer_parameters(self, module, args, kwargs=None):
        module.initialize_parameters(*args, **(kwargs or {}))
        if module.has_uninitialized_params():
            raise RuntimeError(f"module {self._get_name()} has not been fully initialized")
        for hook in ("_initialize_hook", "_load_hook"):
            getattr(module, hook).remove()
            delattr(module, hook)
        if module.cls_to_become is not None:
            module.__class__ = module.cls_to_become
