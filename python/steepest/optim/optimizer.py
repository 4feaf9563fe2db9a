"""Optimizer: parameter groups, state, hooks and state_dict, which all optimizers share."""

import functools
import math
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from copy import deepcopy
from itertools import chain
from typing import Any, TypeAlias

from .. import _C, Tensor, float32, float64, get_default_dtype, is_grad_enabled, set_grad_enabled, view_as_real
from ..nn._typename import typename
from ..nn.modules._convert import drop_grad
from ..nn.modules._hooks import register

__all__ = ["Optimizer", "register_optimizer_step_post_hook", "register_optimizer_step_pre_hook"]


class _Required:
    """The default of an option that every parameter group has to give."""

    def __repr__(self):
        return "<required parameter>"


required = _Required()

_REGISTRIES = tuple(
    f"_optimizer_{event}_{when}_hooks"
    for event in ("step", "state_dict", "load_state_dict")
    for when in ("pre", "post")
)
_all_step_pre_hooks = OrderedDict()
_all_step_post_hooks = OrderedDict()


def register_optimizer_step_pre_hook(hook):
    """Run ``hook(optimizer, args, kwargs)`` before every step of every optimizer."""
    _C._optim_hooks_on_all()
    return register(_all_step_pre_hooks, hook)


def register_optimizer_step_post_hook(hook):
    """Run ``hook(optimizer, args, kwargs)`` after every step of every optimizer."""
    _C._optim_hooks_on_all()
    return register(_all_step_post_hooks, hook)


def run_step(step, self, *args, **kwargs):
    """Call `step(self, ...)` between its hooks; the hooks see `self` among the arguments."""
    args = (self, *args)
    for hook in chain(_all_step_pre_hooks.values(), self._optimizer_step_pre_hooks.values()):
        replaced = hook(self, args, kwargs)
        if replaced is not None:
            if not (isinstance(replaced, tuple) and len(replaced) == 2):
                raise RuntimeError(
                    f"{step} must return None or a tuple of (new_args, new_kwargs), but got {replaced}."
                )
            args, kwargs = replaced
    result = step(*args, **kwargs)
    for hook in chain(self._optimizer_step_post_hooks.values(), _all_step_post_hooks.values()):
        hook(self, args, kwargs)
    return result


class Optimizer:
    """Base class of optimizers.

    ``params`` is an iterable of tensors, of (name, tensor) pairs or of dicts, each a parameter group
    with ``"params"`` and options of its own; ``defaults`` are the options of groups that do not give
    them. Subclasses define ``step``.

    Raises TypeError for parameters that are no tensors or have no order, ValueError for an empty
    list, tensors that are not leaves, and tensors in two groups.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        step = cls.__dict__.get("step")
        if step is not None and not getattr(step, "hooked", False):

            @functools.wraps(step)
            def hooked(self, *args, **kwargs):
                if _REGISTRIES[0] not in self.__dict__:  # a wrapper of another optimizer that does not call __init__
                    return step(self, *args, **kwargs)
                return run_step(step, self, *args, **kwargs)

            hooked.hooked = True
            cls.step = hooked

    def __init__(self, params, defaults):
        self.defaults = defaults
        for registry in _REGISTRIES:
            setattr(self, registry, OrderedDict())
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got {typename(params)}"
            )
        self.state = defaultdict(dict)
        self.param_groups = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def __getstate__(self):
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state):
        self.__dict__.update(state)
        for registry in _REGISTRIES:
            self.__dict__.setdefault(registry, OrderedDict())
        self.defaults.setdefault("differentiable", False)
        for group in self.param_groups:  # saved by a version that had fewer options
            for name, value in self.defaults.items():
                group.setdefault(name, value)

    @staticmethod
    def _group_tensors_by_device_and_dtype(tensorlistlist, with_indices=False):
        """The lists split by the first list's devices and dtypes: {(device, dtype): (lists, places where asked for)}."""
        groups = {}
        for i, row in enumerate(zip(*tensorlistlist, strict=True)):
            lists, places = groups.setdefault((row[0].device, row[0].dtype), ([[] for _ in tensorlistlist], []))
            for column, value in zip(lists, row, strict=True):
                column.append(value)
            if with_indices:
                places.append(i)
        return groups

    def __repr__(self):
        lines = []
        for number, group in enumerate(self.param_groups):
            lines.append(f"\nParameter Group {number}\n")
            lines.extend(f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params")
        return f"{type(self).__name__} ({''.join(lines)})"

    def register_step_pre_hook(self, hook):
        """Run ``hook(optimizer, args, kwargs)`` before each step; it may return new (args, kwargs)."""
        return register(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook):
        """Run ``hook(optimizer, args, kwargs)`` after each step."""
        return register(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook, prepend=False):
        """Run ``hook(optimizer)`` before ``state_dict()``."""
        return register(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook, prepend=False):
        """Run ``hook(optimizer, state_dict)`` after ``state_dict()``; it may return another one."""
        return register(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook, prepend=False):
        """Run ``hook(optimizer, state_dict)`` before loading; it may return another state_dict."""
        return register(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook, prepend=False):
        """Run ``hook(optimizer)`` after loading."""
        return register(self._optimizer_load_state_dict_post_hooks, hook, prepend)

    zero_grad = _C._optim_zero_grad

    def _zero_in_place(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                drop_grad(parameter, False)

    def step(self, closure=None):
        """Update the parameters; every subclass defines its own."""
        raise NotImplementedError

    def state_dict(self):
        """``{"state": ..., "param_groups": ...}`` in which numbers stand for the parameters."""
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        numbers, groups, start = {}, [], 0
        for group in self.param_groups:
            for number, parameter in enumerate(group["params"], start):
                numbers.setdefault(id(parameter), number)
            start += len(group["params"])
            packed = {key: value for key, value in group.items() if key != "params"}
            packed["params"] = [numbers[id(p)] for p in group["params"]]
            groups.append(packed)
        state = {numbers[id(k)] if isinstance(k, Tensor) else k: v for k, v in self.state.items()}
        packed = {"state": state, "param_groups": groups}
        for hook in self._optimizer_state_dict_post_hooks.values():
            replaced = hook(self, packed)
            packed = packed if replaced is None else replaced
        return packed

    def load_state_dict(self, state_dict):
        """Take over state and options of a ``state_dict()`` with groups of the same sizes.

        ValueError where the groups do not match. Tensors take the dtype of their parameter.
        """
        state_dict = state_dict.copy()
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            replaced = hook(self, state_dict)
            state_dict = state_dict if replaced is None else replaced
        saved = deepcopy(state_dict["param_groups"])
        if len(saved) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(saved, self.param_groups)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        parameters = {}  # number in the state_dict -> (parameter, whether its steps are float32)
        for old, group in zip(saved, self.param_groups):
            fixed = bool(old.get("fused") or old.get("capturable"))
            parameters.update({n: (p, fixed) for n, p in zip(old["params"], group["params"])})
        state = defaultdict(dict)
        for number, value in state_dict["state"].items():
            if number in parameters:
                parameter, fixed = parameters[number]
                state[parameter] = _fit(value, parameter, fixed)
            else:
                state[number] = value
        for old, group in zip(saved, self.param_groups):
            old["params"] = group["params"]
            if "param_names" in group:
                old.setdefault("param_names", group["param_names"])
        self.__setstate__({"state": state, "param_groups": saved})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)

    def add_param_group(self, param_group):
        """Add a group: a dict with ``"params"`` and any options that differ from the defaults."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of "
                "tensors in sets will change between runs. Please use a list instead."
            )
        params = [params] if isinstance(params, Tensor) else list(params)
        names = [p[0] for p in params if isinstance(p, tuple)]
        params = [p[1] if isinstance(p, tuple) else p for p in params]
        param_group["params"] = params
        if names:
            if len(names) != len(params):
                raise ValueError(
                    "all optimizer params should be with/without names. Some param names are missing"
                )
            param_group["param_names"] = names
        for parameter in params:
            self._check_parameter(parameter)
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(
                    f"parameter group didn't specify a value of required optimization parameter {name}"
                )
            param_group.setdefault(name, default)
        own = {id(p) for p in params}
        if len(own) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will "
                "cause an error; see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        for group in self.param_groups:
            if ("param_names" in param_group) != ("param_names" in group):
                which = "with names" if "param_names" in param_group else "without names"
                raise ValueError(
                    "all optimizer param groups should be with/without names. "
                    f"cannot add param group {which} to the optimizer"
                )
        if any(id(p) in own for group in self.param_groups for p in group["params"]):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    def _check_parameter(self, parameter):
        if not isinstance(parameter, Tensor):
            raise TypeError(
                f"optimizer can only optimize Tensors, but one of the params is {typename(parameter)}"
            )
        if not (self.defaults.get("differentiable") or parameter.is_leaf or parameter.retains_grad):
            raise ValueError("can't optimize a non-leaf Tensor")
        if parameter.is_sparse:
            raise NotImplementedError("optimizers change dense parameters alone: optimize the values that a sparse tensor is made of")


def _fit(value, parameter, float_steps, key=None):
    """A loaded piece of state in the dtype of its parameter; ``step`` keeps its own."""
    if isinstance(value, Tensor):
        if key == "step":
            return value.to(dtype=float32) if float_steps else value
        return value.to(dtype=parameter.dtype) if parameter.is_floating_point() else value
    if isinstance(value, dict):
        return {k: _fit(v, parameter, float_steps, k) for k, v in value.items()}
    if isinstance(value, (list, tuple, set)):
        return type(value)(_fit(v, parameter, float_steps) for v in value)
    return value


ParamsT: TypeAlias = Iterable[Tensor] | Iterable[dict[str, Any]] | Iterable[tuple[str, Tensor]]
_params_t = ParamsT
_params_doc = "params (iterable): tensors, (name, tensor) pairs, or dicts with groups of them"
_foreach_doc = _fused_doc = _capturable_doc = _maximize_doc = _differentiable_doc = ""


def _use_grad_for_differentiable(func):
    """A decorator of step functions that are not recorded unless the optimizer's option `differentiable` is set."""

    @functools.wraps(func)
    def step(self, *args, **kwargs):
        with set_grad_enabled(self.defaults.get("differentiable", False) and is_grad_enabled()):
            return func(self, *args, **kwargs)

    return step


def _get_value(x):
    """The number in a tensor, or the number itself."""
    return x.item() if isinstance(x, Tensor) else x


_to_scalar = _get_value


def _stack_if_compiling(x):
    """`x`: nothing is compiled."""
    return x


def _dispatch_sqrt(x):
    """The square root of a number or tensor."""
    return x.sqrt() if isinstance(x, Tensor) else math.sqrt(x)


def _default_to_fused_or_foreach(params, differentiable, use_fused=False):
    """(False, False): whether to step with fused kernels, and with lists of tensors, where nobody has chosen."""
    return False, False


def _get_scalar_dtype(is_fused=None):
    """The dtype of step counters: float64 where that is the default dtype, else float32."""
    return float64 if get_default_dtype() is float64 else float32


def _get_capturable_supported_devices(supports_xla=True):
    """The kinds of devices whose steps PyTorch can record in a graph: none is here."""
    return ["cuda", "xpu", "hpu", "privateuseone"] + ["xla"] * supports_xla


def _disable_dynamo_if_unsupported(single_tensor_fn=None):
    """A decorator that changes nothing."""
    return lambda fn: fn


def _view_as_real(params, *state_and_grads):
    """Puts views of real numbers in the place of complex tensors, in these lists."""
    for i, p in enumerate(params):
        if p.is_complex():
            for tensors in (params, *state_and_grads):
                tensors[i] = view_as_real(tensors[i])
