"""Parametrizations: parameters that are computed, by modules, from others that are learned."""

import collections.abc
import contextlib
from copy import deepcopy

from ..._C import Tensor
from ...autograd.grad_mode import no_grad
from ..modules import ModuleDict, ModuleList
from ..parameter import Parameter

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "transfer_parametrizations_and_params",
    "type_before_parametrizations",
]

_caching = 0
_cache = {}


@contextlib.contextmanager
def cached():
    """A block in which each parametrized tensor is computed once, however often it is read."""
    global _caching
    _caching += 1
    try:
        yield
    finally:
        _caching -= 1
        if _caching == 0:
            _cache.clear()


def _like(original, tensor):
    """`tensor` as a parameter or a buffer, as `original` is one."""
    return Parameter(tensor, tensor.requires_grad) if isinstance(original, Parameter) else tensor


def _same_kind(changed, before, what):
    if changed.dtype != before.dtype:
        raise ValueError(
            f"Registering a parametrization may not change the dtype of the tensor, unless `unsafe` flag is enabled.\n"
            f"unparametrized dtype: {before.dtype}\n{what} dtype: {changed.dtype}"
        )
    if changed.shape != before.shape:
        raise ValueError(
            f"Registering a parametrization may not change the shape of the tensor, unless `unsafe` flag is enabled.\n"
            f"unparametrized shape: {before.shape}\n{what} shape: {changed.shape}"
        )


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, in order, and what they start from: `original`, or `original0`, `original1`, ...

    There are several originals where the last right_inverse returns a sequence of tensors.
    """

    def __init__(self, modules, original, unsafe=False):
        if len(modules) == 0:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        start = original
        with no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    with contextlib.suppress(NotImplementedError):  # then it stands for the identity, as where there is none
                        start = module.right_inverse(start)
        self.is_tensor = isinstance(start, Tensor)
        if self.is_tensor:
            if isinstance(original, Parameter) and start is not original:
                with no_grad():
                    original.copy_(start)
                start = original
            self._register("original", original, start)
        elif isinstance(start, collections.abc.Sequence):
            self.ntensors = len(start)
            for i, part in enumerate(start):
                if not isinstance(part, Tensor):
                    raise ValueError(
                        f"'right_inverse' must return a Tensor or a Sequence of tensors. Got element {i} of the sequence with "
                        f"type {type(part).__name__}."
                    )
                part = part.detach().requires_grad_(original.requires_grad) if isinstance(original, Parameter) else part
                self._register(f"original{i}", original, part)
        else:
            raise ValueError(f"'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got {type(start).__name__}")
        if not unsafe:
            with no_grad():
                result = self()
            if not isinstance(result, Tensor):
                raise ValueError(f"A parametrization must return a tensor. Got {type(result).__name__}.")
            _same_kind(result, original, "parametrized")

    def _register(self, name, original, tensor):
        if isinstance(original, Parameter):
            self.register_parameter(name, _like(original, tensor))
        else:
            self.register_buffer(name, tensor)

    def _originals(self):
        return (self.original,) if self.is_tensor else tuple(getattr(self, f"original{i}") for i in range(self.ntensors))

    def right_inverse(self, value):
        """Sets the originals so that `value` is what the parametrizations give, as far as their right_inverse can."""
        with no_grad():
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(f"parametrization {type(module).__name__} does not implement right_inverse.")
                value = module.right_inverse(value)
            for original, part in zip(self._originals(), (value,) if self.is_tensor else value, strict=True):
                original.copy_(part)

    def forward(self):
        modules = list(self)
        x = modules[0](*self._originals())
        for module in modules[1:]:
            x = module(x)
        return x


def _parametrized_class(module):
    """A class of the module's own, whose name tells and which can hold properties."""
    cls = type(module)

    def __deepcopy__(self, memo):
        new = self.__new__(type(self))
        memo[id(self)] = new
        new.__dict__ = deepcopy(self.__dict__, memo)
        return new

    def __getstate__(self):
        raise RuntimeError(
            "Serialization of parametrized modules is only supported through state_dict(). See:\n"
            "https://pytorch.org/tutorials/beginner/saving_loading_models.html"
            "#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training"
        )

    members = {"__getstate__": __getstate__}
    if not hasattr(cls, "__deepcopy__"):
        members["__deepcopy__"] = __deepcopy__
    module.__class__ = type(f"Parametrized{cls.__name__}", (cls,), members)


def _property(name):
    def read(self):
        if not _caching:
            return self.parametrizations[name]()
        key = (id(self), name)
        if key not in _cache:
            _cache[key] = self.parametrizations[name]()
        return _cache[key]

    def write(self, value):
        self.parametrizations[name].right_inverse(value)

    return property(read, write)


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    """From now on ``module.tensor_name`` is ``parametrization`` of what it was; returns the module.

    parametrization: a Module. Its optional ``right_inverse`` gives the tensor, or tensors, to start from, and makes the attribute
    assignable. More than one may be registered: each takes what the one before gives. ValueError where the shape or dtype
    changes, unless `unsafe`.

    >>> import steepest as torch
    >>> class Positive(torch.nn.Module):
    ...     def forward(self, x):
    ...         return x.exp()
    >>> layer = torch.nn.Linear(2, 1)
    >>> layer = torch.nn.utils.parametrize.register_parametrization(layer, "weight", Positive())
    >>> bool((layer.weight > 0).all())
    True
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        entry = module.parametrizations[tensor_name]
        if not unsafe:
            before = getattr(module, tensor_name)
            with no_grad():
                _same_kind(parametrization(before), before, "parametrized")
        entry.append(parametrization)
        entry.unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        original = getattr(module, tensor_name)
        entry = ParametrizationList([parametrization], original, unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            _parametrized_class(module)
            module.parametrizations = ModuleDict()
        setattr(type(module), tensor_name, _property(tensor_name))
        module.parametrizations[tensor_name] = entry
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name '{tensor_name}'"
        )
    return module


def is_parametrized(module, tensor_name=None):
    """Whether `module` has a parametrization, or one of that tensor."""
    parametrizations = getattr(module, "parametrizations", None)
    if not isinstance(parametrizations, ModuleDict):
        return False
    return len(parametrizations) > 0 if tensor_name is None else tensor_name in parametrizations


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    """Makes ``module.tensor_name`` a plain parameter or buffer again, of its present value or, if asked, of its original's."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    entry = module.parametrizations[tensor_name]
    original = entry._originals()[0]
    if leave_parametrized:
        with no_grad():
            value = getattr(module, tensor_name).detach().clone()
        if entry.is_tensor and isinstance(original, Parameter) and original.shape == value.shape and original.dtype == value.dtype:
            with no_grad():
                original.copy_(value)
        else:
            original = _like(original, value.requires_grad_(original.requires_grad))
    elif not entry.is_tensor:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors."
        )
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    if isinstance(original, Parameter):
        module.register_parameter(tensor_name, original)
    else:
        module.register_buffer(tensor_name, original)
    if not is_parametrized(module):
        delattr(module, "parametrizations")
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module):
    """The class of the module without its parametrizations."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(from_module, to_module, tensor_name=None):
    """Gives `to_module` copies of the parametrizations of `from_module`, of one tensor or of all; returns `to_module`."""
    if not is_parametrized(from_module):
        return to_module
    for name in [tensor_name] if tensor_name is not None else list(from_module.parametrizations):
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name).detach().clone()))
        for parametrization in from_module.parametrizations[name]:
            register_parametrization(to_module, name, deepcopy(parametrization))
        with no_grad():
            pairs = zip(to_module.parametrizations[name]._originals(), from_module.parametrizations[name]._originals(), strict=True)
            for target, source in pairs:
                target.copy_(source)
    return to_module
