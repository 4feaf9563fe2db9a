"""Parameter and Buffer: the tensors that a Module recognises as its own, and both before their sizes are known."""

from collections import OrderedDict

from .. import _C, Tensor, empty

__all__ = [
    "Parameter",
    "UninitializedParameter",
    "is_lazy",
    "Buffer",
    "UninitializedBuffer",
    "UninitializedTensorMixin",
]


class _FlaggedInstances(type(Tensor)):
    """Lets a Tensor subclass take part in ``isinstance(x, Parameter)`` without changing its class.

    ``Parameter(subclass_tensor)`` has to stay of the subclass, so being a parameter is then an
    attribute of the tensor (``_is_param``, ``_is_buffer``) and not its type. The class prints its name in PyTorch.
    """

    def __repr__(cls):
        if cls.__module__ == __name__:
            return f"<class 'torch.nn.parameter.{cls.__name__}'>"
        return type.__repr__(cls)

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


class UninitializedTensorMixin:
    """What tensors without sizes share: :meth:`materialize` gives them some, most other methods raise ValueError."""

    def materialize(self, shape, device=None, dtype=None):
        """Become a parameter or buffer of ``shape`` with uninitialised elements."""
        data = self.data
        self.data = empty(shape, device=device or data.device, dtype=dtype or data.dtype)
        self.__class__ = self.cls_to_become

    @property
    def shape(self):
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
            "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. "
            "Call `forward` to initialize the parameters before accessing their attributes."
        )

    def share_memory_(self):
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. "
            "Call `forward` to initialize the parameters before calling `module.share_memory()`."
        )

    def __repr__(self):
        return f"<{type(self).__name__}>"

    def __reduce_ex__(self, protocol):
        return type(self), (self.requires_grad,)


# Changes of type, copies from another, and what pickling and hashing need.
_ALLOWED = {
    "as_subclass", "backward", "char", "copy_", "cpu", "cuda", "double", "float", "get_device", "half", "int",
    "is_complex", "is_floating_point", "long", "register_hook", "requires_grad_", "retain_grad", "short", "size", "to",
    "__class__", "__delattr__", "__dir__", "__format__", "__getattribute__", "__hash__", "__init__", "__init_subclass__",
    "__new__", "__reduce__", "__setattr__", "__sizeof__", "__str__", "__subclasshook__", "__deepcopy__", "__getstate__",
    "__setstate__",
}


def _refusal(name):
    def refuse(self, *args, **kwargs):
        raise ValueError(
            f"Attempted to use an uninitialized parameter in <method '{name.strip('_')}' of 'torch._C.TensorBase' objects>. "
            f"This error happens when you are using a `LazyModule` or explicitly manipulating "
            f"`torch.nn.parameter.{type(self).__name__}` objects. When using LazyModules Call `forward` with a dummy "
            "batch to initialize the parameters before calling torch functions"
        )

    refuse.__name__ = name
    return refuse


for _name in dir(Tensor):
    _private = _name.startswith("_") and not _name.startswith("__")
    if callable(getattr(Tensor, _name)) and not (
        _private or _name in _ALLOWED or _name in vars(UninitializedTensorMixin)
    ):
        setattr(UninitializedTensorMixin, _name, _refusal(_name))


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """A :class:`Parameter` whose sizes are not known yet, as lazy modules have them.

    It can change its dtype; :meth:`materialize` turns it into a Parameter.

    Example::

        >>> import steepest as torch
        >>> p = torch.nn.UninitializedParameter()
        >>> p.materialize((2, 3))
        >>> type(p).__name__, p.shape
        ('Parameter', torch.Size([2, 3]))
    """

    cls_to_become = Parameter

    def __new__(cls, requires_grad=True, device=None, dtype=None):
        return Tensor._make_subclass(cls, empty(0, device=device, dtype=dtype), requires_grad)

    def __deepcopy__(self, memo):
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.requires_grad, self.data.device, self.data.dtype)
        return memo[id(self)]


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    """A :class:`Buffer` whose sizes are not known yet; :meth:`materialize` turns it into a Tensor."""

    cls_to_become = Tensor

    def __new__(cls, requires_grad=False, device=None, dtype=None, persistent=True):
        buffer = Tensor._make_subclass(cls, empty(0, device=device, dtype=dtype), requires_grad)
        buffer.persistent = persistent
        buffer._is_buffer = True
        return buffer

    def __deepcopy__(self, memo):
        if id(self) not in memo:
            data = self.data
            memo[id(self)] = type(self)(self.requires_grad, data.device, data.dtype, self.persistent)
        return memo[id(self)]


def _conversion(name):
    def convert(self, *args, **kwargs):
        with _C.DisableTorchFunctionSubclass():  # a plain tensor, of which type and device are read
            made = getattr(Tensor, name)(self, *args, **kwargs)
        return type(self)(self.requires_grad, made.device, made.dtype, self.persistent)

    convert.__name__ = name
    return convert


# A module keeps what conversion makes of its buffers: that has no sizes either.
for _name in ("cpu", "double", "float", "half", "to"):
    setattr(UninitializedBuffer, _name, _conversion(_name))


def is_lazy(param):
    """Whether a tensor is a parameter or buffer without sizes."""
    return isinstance(param, UninitializedTensorMixin)


# Operations on parameters give plain tensors, and take the short way for tensors.
_C._set_parameter_type(Parameter)
