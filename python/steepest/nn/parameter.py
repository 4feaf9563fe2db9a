"""Parameter and Buffer: the tensors that a Module recognises as its own."""

from collections import OrderedDict

from .. import _C, Tensor, empty

__all__ = ["Parameter", "Buffer"]


class _FlaggedInstances(type(Tensor)):
    """Lets a Tensor subclass take part in ``isinstance(x, Parameter)`` without changing its class.

    ``Parameter(subclass_tensor)`` has to stay of the subclass, so being a parameter is then an
    attribute of the tensor (``_is_param``, ``_is_buffer``) and not its type.
    """

    def __instancecheck__(cls, instance):
        if type.__instancecheck__(cls, instance):
            return True
        flag = cls.__dict__.get("_flag")
        return flag is not None and isinstance(instance, Tensor) and getattr(instance, flag, False)


class Parameter(Tensor, metaclass=_FlaggedInstances):
    """A tensor that a :class:`Module` counts among its parameters when it is assigned to it.

    ``data`` keeps its shape and dtype and shares memory with the parameter; without it the
    parameter is empty, of shape ``(0,)``. Gradients are required unless ``requires_grad=False``,
    also inside ``no_grad``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Parameter(torch.ones(2))
        Parameter containing:
        tensor([1., 1.], requires_grad=True)
    """

    _flag = "_is_param"

    def __new__(cls, data=None, requires_grad=True):
        if data is None:
            data = empty(0)
        if type(data) is Tensor or type(data) is Parameter:
            return Tensor._make_subclass(cls, data, requires_grad)
        marked = data.detach().requires_grad_(requires_grad)
        if type(marked) is not type(data):
            raise RuntimeError(
                f"Creating a Parameter from an instance of type {type(data).__name__} requires that "
                f"detach() returns an instance of the same type, but return type "
                f"{type(marked).__name__} was found instead."
            )
        marked._is_param = True
        return marked

    def __deepcopy__(self, memo):
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.data.clone(), self.requires_grad)
        return memo[id(self)]

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()

    def __reduce_ex__(self, protocol):
        # hooks are closures of the running program: they are not saved
        attributes = dict(getattr(self, "__dict__", None) or {})
        return _rebuild_parameter, (self.data, self.requires_grad, OrderedDict(), attributes)


def _rebuild_parameter(data, requires_grad, hooks, attributes=None):
    """Unpickle a Parameter; ``hooks`` is always empty and is there to fit PyTorch's argument order."""
    parameter = Parameter(data, requires_grad)
    for name, value in (attributes or {}).items():
        setattr(parameter, name, value)
    return parameter


class Buffer(Tensor, metaclass=_FlaggedInstances):
    """A tensor that a :class:`Module` keeps as state, without counting it among its parameters.

    Assigning it registers it as with :meth:`Module.register_buffer`; ``persistent=False`` leaves
    it out of ``state_dict()``. The result is a plain Tensor that shares memory with ``data``.

    Example::

        >>> import steepest as torch
        >>> m = torch.nn.Module()
        >>> m.count = torch.nn.Buffer(torch.zeros(2))
        >>> list(m.state_dict())
        ['count']
    """

    _flag = "_is_buffer"

    def __new__(cls, data=None, *, persistent=True):
        if data is None:
            data = empty(0)
        marked = data.detach().requires_grad_(data.requires_grad)
        marked.persistent = persistent
        marked._is_buffer = True
        return marked


# Operations on parameters give plain tensors, and take the short way for tensors.
_C._set_parameter_type(Parameter)
