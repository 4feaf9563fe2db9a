"""Module: the base class of all layers and models."""

import types
from collections import OrderedDict

from ... import _C, Tensor
from .._typename import typename
from ..parameter import Buffer, Parameter
from . import _hooks, _members
from ._convert import Conversions
from ._members import _ABSENT, KINDS, Members, MemberSlot, lookup, without_mirrors
from ._registration import HookRegistration, global_registrations
from ._state import EXTRA_STATE as _EXTRA_STATE_KEY_SUFFIX  # noqa: F401
from ._state import StateDict, _IncompatibleKeys  # noqa: F401
from ._traverse import Traversal
from ._traverse import indent as _addindent  # noqa: F401

globals().update(global_registrations)
__all__ = ["Module", *global_registrations]

_CALL_HOOKS = ("_backward_pre_hooks", "_backward_hooks", "_forward_hooks", "_forward_pre_hooks")
_OTHER_HOOKS = (
    "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_forward_pre_hooks_with_kwargs",
    "_state_dict_hooks",
    "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)


class Module(Conversions, HookRegistration, StateDict, Traversal, _C._Callable):
    """Base class of layers and models: a function with parameters, buffers and children.

    Subclass it, call ``super().__init__()``, assign :class:`Parameter`, :class:`Buffer` and Module
    objects as attributes, and define ``forward``. Calling the module runs ``forward`` and the hooks.

    Example::

        >>> import steepest as torch
        >>> class Affine(torch.nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.scale = torch.nn.Parameter(torch.ones(1))
        ...         self.shift = torch.nn.Parameter(torch.zeros(1))
        ...     def forward(self, x):
        ...         return x * self.scale + self.shift
        >>> m = Affine()
        >>> [name for name, p in m.named_parameters()]
        ['scale', 'shift']
        >>> m(torch.tensor([3.0])).item()
        3.0
    """

    call_super_init = False
    dump_patches = False
    training: bool

    _parameters = MemberSlot("_parameters")
    _buffers = MemberSlot("_buffers")
    _modules = MemberSlot("_modules")
    __signature__ = _hooks.CallSignature()

    def __init__(self, *args, **kwargs):
        if not self.call_super_init:
            name = f"{type(self).__name__}.__init__()"
            if kwargs:
                raise TypeError(f"{name} got an unexpected keyword argument '{next(iter(kwargs))}'")
            if args:
                raise TypeError(f"{name} takes 1 positional argument but {len(args) + 1} were given")
        attributes = self.__dict__
        attributes["training"] = True
        for kind in KINDS:
            if kind in attributes:  # called a second time, it starts anew
                object.__setattr__(self, kind, {})
            else:
                attributes[kind] = Members((), self)
        attributes["_non_persistent_buffers_set"] = set()
        attributes["_is_full_backward_hook"] = None
        for registry in _CALL_HOOKS:
            attributes[registry] = _hooks.HookDict()
        for registry in _OTHER_HOOKS:
            attributes[registry] = OrderedDict()
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def forward(self, *input):
        """What the module computes; every subclass defines its own."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    # -- members ------------------------------------------------------------------------------

    def __getattr__(self, name):
        member = lookup(self, name)
        if member is _ABSENT:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        return member

    def __setattr__(self, name, value):
        attributes = self.__dict__
        is_tensor = isinstance(value, Tensor)
        if is_tensor and isinstance(value, Parameter):
            if "_parameters" not in attributes:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._forget(name, "_parameters")
            self.register_parameter(name, value)
        elif name in attributes.get("_parameters", ()):
            if value is not None:
                raise TypeError(
                    f"cannot assign '{typename(value)}' as parameter '{name}' "
                    "(torch.nn.Parameter or None expected)"
                )
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            if "_modules" not in attributes:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self._forget(name, "_modules")
            self._modules[name] = _hooks.run_registration(_hooks.module_registration, self, name, value)
        elif name in attributes.get("_modules", ()):
            if value is not None:
                raise TypeError(
                    f"cannot assign '{typename(value)}' as child module '{name}' "
                    "(torch.nn.Module or None expected)"
                )
            self._modules[name] = _hooks.run_registration(_hooks.module_registration, self, name, value)
        elif name in attributes.get("_buffers", ()) or (is_tensor and isinstance(value, Buffer)):
            if not (value is None or is_tensor):
                raise TypeError(
                    f"cannot assign '{typename(value)}' as buffer '{name}' "
                    "(torch.nn.Buffer, torch.Tensor or None expected)"
                )
            persistent = getattr(value, "persistent", None) if isinstance(value, Buffer) else None
            if persistent is None:
                persistent = name not in self._non_persistent_buffers_set
            # subclasses may have a register_buffer of their own, without `persistent`
            self.register_buffer(name, value, *(() if persistent else (False,)))
        else:
            super().__setattr__(name, value)
            if name == "__class__":
                _members.refresh_all(self)

    def _forget(self, name, keep):
        """Remove `name` as plain attribute and as member of any kind but `keep`."""
        for kind in KINDS:
            if kind != keep and name in self.__dict__[kind]:
                del getattr(self, kind)[name]
        if name not in self.__dict__[keep]:
            self.__dict__.pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def __delattr__(self, name):
        for kind in KINDS:
            members = getattr(self, kind)
            if name in members:
                del members[name]
                if kind == "_buffers":
                    self._non_persistent_buffers_set.discard(name)
                return
        super().__delattr__(name)

    def __dir__(self):
        names = [*dir(type(self)), *without_mirrors(self)]
        for kind in KINDS:
            names.extend(getattr(self, kind))
        return sorted(name for name in names if not name[:1].isdigit())

    def __getstate__(self):
        return without_mirrors(self)

    def __setstate__(self, state):
        attributes = self.__dict__
        attributes.update(state)
        for registry in _CALL_HOOKS:
            if type(attributes.get(registry)) is not _hooks.HookDict:
                attributes[registry] = _hooks.HookDict(attributes.get(registry, ()))
        for registry in _OTHER_HOOKS:
            attributes.setdefault(registry, OrderedDict())
        attributes.setdefault("_non_persistent_buffers_set", set())
        attributes.setdefault("_is_full_backward_hook", None)
        for kind in KINDS:
            if kind in attributes:
                getattr(self, kind)  # adopts the dict

    def _check_new(self, kind, name, members):
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {typename(name)}")
        if "." in name:
            got = f", got: {name}" if kind == "module" else ""
            raise KeyError(f'{kind} name can\'t contain "."{got}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if name not in members and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")

    def register_buffer(self, name, tensor, persistent=True):
        """Add a tensor (or None) that is part of the module's state without being a parameter."""
        if "_buffers" not in self.__dict__:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        self._check_new("buffer", name, self._buffers)
        if not (tensor is None or isinstance(tensor, Tensor)):
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' "
                "(torch Tensor or None required)"
            )
        self._buffers[name] = _hooks.run_registration(_hooks.buffer_registration, self, name, tensor)
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_parameter(self, name, param):
        """Add a parameter (or None, to state that the module has no parameter of this name)."""
        if "_parameters" not in self.__dict__:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        self._check_new("parameter", name, self._parameters)
        if param is not None:
            if not isinstance(param, Parameter):
                raise TypeError(
                    f"cannot assign '{typename(param)}' object to parameter '{name}' "
                    "(torch.nn.Parameter or None required)"
                )
            if param.grad_fn is not None:
                raise ValueError(
                    f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be "
                    f"created explicitly. To express '{name}' as a function of another Tensor, compute "
                    "the value in the forward() method."
                )
            param = _hooks.run_registration(_hooks.parameter_registration, self, name, param)
        self._parameters[name] = param

    def add_module(self, name, module):
        """Add a child module (or None) under ``name``."""
        if not (module is None or isinstance(module, Module)):
            raise TypeError(f"{typename(module)} is not a Module subclass")
        self._check_new("module", name, self._modules)
        self._modules[name] = _hooks.run_registration(_hooks.module_registration, self, name, module)

    def register_module(self, name, module):
        """The same as :meth:`add_module`."""
        self.add_module(name, module)

    def _member_by_path(self, target):
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
        return module, name, getattr(module, name)

    def get_submodule(self, target):
        """The module below this one with the dotted name ``target``; AttributeError if there is none."""
        module = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module

    def set_submodule(self, target, module, strict=False):
        """Put ``module`` at the dotted name ``target``; with ``strict`` only in place of another module."""
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if hasattr(parent, name):
            if not isinstance(getattr(parent, name), Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        elif strict:
            raise AttributeError(f"{parent._get_name()} has no attribute `{name}`")
        setattr(parent, name, module)

    def get_parameter(self, target):
        """The parameter with the dotted name ``target``; AttributeError if there is none."""
        _, name, parameter = self._member_by_path(target)
        if not isinstance(parameter, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return parameter

    def get_buffer(self, target):
        """The buffer with the dotted name ``target``; AttributeError if there is none."""
        module, name, buffer = self._member_by_path(target)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return buffer


_members.plain_getattr = Module.__getattr__

for _part in Module.__bases__:  # methods say whose they are where they are printed, as the generator of parameters() is
    for _method in vars(_part).values():
        if isinstance(_method, types.FunctionType):
            _method.__qualname__ = f"Module.{_method.__name__}"
