"""Hooks of modules: their registries, their removal, and the call that runs them."""

import inspect
import types
import warnings
from collections import OrderedDict

from ... import _C, Tensor, is_grad_enabled
from ...autograd import Function
from ...utils.hooks import RemovableHandle

# Note [Hooks cost nothing until used]
# A call of a Module looks at one list before it runs `forward` directly (csrc/bind/module_call.cpp).
# The list turns true for good as soon as any hook enters any registry of the kinds a call has to look
# at: every such registry is a HookDict, which sees to that.
ever_used = [False]


class HookDict(OrderedDict):
    """A registry of hooks that a call of a module has to look at."""

    def __setitem__(self, key, hook):
        ever_used[0] = True
        OrderedDict.__setitem__(self, key, hook)

    def __repr__(self):
        return repr(OrderedDict(self))


forward_pre = HookDict()
forward = HookDict()
backward_pre = HookDict()
backward = HookDict()
with_kwargs = OrderedDict()
always_called = OrderedDict()
parameter_registration = OrderedDict()
buffer_registration = OrderedDict()
module_registration = OrderedDict()


def register(registry, hook, prepend=False, marks=()):
    """Enter `hook` into `registry` and its id into each dict of `marks`."""
    handle = RemovableHandle(registry, extra_dict=marks)
    registry[handle.id] = hook
    for mark in marks:
        mark[handle.id] = True
    if prepend:
        registry.move_to_end(handle.id, last=False)
    return handle


def run_registration(registry, module, name, value):
    """Give every global registration hook the chance to replace `value`."""
    for hook in registry.values():
        replaced = hook(module, name, value)
        if replaced is not None:
            value = replaced
    return value


class CallSignature:
    """What `inspect.signature` takes for a module's: the call stands in C, where it cannot be read. Classes keep that of `__init__`."""

    def __get__(self, module, cls=None):
        if module is None or isinstance(cls.__call__, types.FunctionType):
            raise AttributeError("__signature__")
        return inspect.signature(lambda *args, **kwargs: None)


class BackwardHookFunction(Function):
    """The identity, which shows the gradients that pass to `seen` and hands on what that returns."""

    @staticmethod
    def forward(ctx, seen, *tensors):
        ctx.seen = seen
        ctx.set_materialize_grads(False)
        return tuple(t.view_as(t) for t in tensors)

    @staticmethod
    def backward(ctx, *grads):
        return (None, *ctx.seen(grads))


class _BackwardHooks:
    """Runs the full backward hooks of one call of a module, between a gate before and one after it."""

    def __init__(self, module, pre_hooks, hooks):
        self.module = module
        self.pre_hooks = pre_hooks
        self.hooks = hooks
        self.grad_output = None

    def _through_gate(self, values, seen):
        """Send the tensors of `values` that need gradients through a gate; (values, their places)."""
        places = [i for i, v in enumerate(values) if isinstance(v, Tensor) and v.requires_grad]
        if not places or not is_grad_enabled():
            return values, None
        values = list(values)
        for place, out in zip(places, BackwardHookFunction.apply(seen, *(values[i] for i in places))):
            values[place] = out
        return tuple(values), places

    def gate_input(self, args):
        self.n_inputs = len(args)
        args, self.input_places = self._through_gate(args, self._input_grads)
        return args

    def gate_output(self, result):
        values = result if isinstance(result, tuple) else (result,)
        self.n_outputs = len(values)
        values, self.output_places = self._through_gate(values, self._output_grads)
        return values if isinstance(result, tuple) else values[0]

    def _output_grads(self, grads):
        self.grad_output = _spread(grads, self.output_places, self.n_outputs)
        for hook in self.pre_hooks:
            replaced = hook(self.module, self.grad_output)
            if replaced is not None:
                replaced = replaced if isinstance(replaced, tuple) else (replaced,)
                if len(replaced) != self.n_outputs:
                    raise RuntimeError(
                        "Backward pre hook returned an invalid number of grad_output, "
                        f"got {len(replaced)}, but expected {self.n_outputs}"
                    )
                self.grad_output = replaced
        grad_output = self.grad_output
        if self.input_places is None:
            self._run_without_inputs()
        return tuple(grad_output[i] for i in self.output_places)

    def _run_without_inputs(self):
        warnings.warn(
            "Full backward hook is firing when gradients are computed with respect to module outputs "
            "since no inputs require gradients.",
            stacklevel=5,
        )
        for hook in self.hooks:
            returned = hook(self.module, (None,) * self.n_inputs, self.grad_output)
            if returned is not None and any(g is not None for g in returned):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always "
                    "return None or None for all gradients."
                )
        self.grad_output = None

    def _input_grads(self, grads):
        if self.grad_output is None:
            return grads
        grad_input = _spread(grads, self.input_places, self.n_inputs)
        for hook in self.hooks:
            replaced = hook(self.module, grad_input, self.grad_output)
            if replaced is not None:
                replaced = replaced if isinstance(replaced, tuple) else (replaced,)
                if len(replaced) != self.n_inputs:
                    raise RuntimeError(
                        "Backward hook returned an invalid number of grad_input, "
                        f"got {len(replaced)}, but expected {self.n_inputs}"
                    )
                grad_input = replaced
        self.grad_output = None
        return tuple(grad_input[i] for i in self.input_places)


def _spread(grads, places, size):
    spread = [None] * size
    for place, grad in zip(places, grads):
        spread[place] = grad
    return tuple(spread)


def call(module, args, kwargs):
    """Run `module.forward` with every hook that is registered on it or on all modules."""
    pending = dict(module._forward_hooks_always_called)
    pending.update(always_called)
    state = {"result": None, "args": args, "kwargs": kwargs}
    try:
        return _call(module, state, pending)
    except Exception:
        for key, hook in (*forward.items(), *module._forward_hooks.items()):
            if key in pending:
                try:
                    _run_forward_hook(module, key, hook, state)
                except Exception as error:
                    warnings.warn(
                        "module forward hook with ``always_call=True`` raised an exception that was "
                        f"silenced as another error was raised in forward: {error}",
                        stacklevel=2,
                    )
        raise


def _call(module, state, pending):
    for key, hook in (*forward_pre.items(), *module._forward_pre_hooks.items()):
        _run_forward_pre_hook(module, key, hook, state)
    pre_hooks = [*backward_pre.values(), *module._backward_pre_hooks.values()]
    hooks = [*backward.values(), *(module._backward_hooks.values() if module._is_full_backward_hook else ())]
    gates = _BackwardHooks(module, pre_hooks, hooks) if pre_hooks or hooks else None
    if gates:
        state["args"] = gates.gate_input(state["args"])
    state["result"] = module.forward(*state["args"], **state["kwargs"])
    for key, hook in (*forward.items(), *module._forward_hooks.items()):
        pending.pop(key, None)
        _run_forward_hook(module, key, hook, state)
    result = state["result"]
    if gates:
        if not isinstance(result, (Tensor, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors"
                f" but received {type(result)}",
                stacklevel=3,
            )
        result = gates.gate_output(result)
    if module._is_full_backward_hook is False and module._backward_hooks:
        _attach_to_node(module, result)
    return result


def _run_forward_pre_hook(module, key, hook, state):
    if key in module._forward_pre_hooks_with_kwargs:
        replaced = hook(module, state["args"], state["kwargs"])
        if replaced is not None:
            if not (isinstance(replaced, tuple) and len(replaced) == 2):
                raise RuntimeError(
                    "forward pre-hook must return None or a tuple of (new_args, new_kwargs), "
                    f"but got {replaced}."
                )
            state["args"], state["kwargs"] = replaced
    else:
        replaced = hook(module, state["args"])
        if replaced is not None:
            state["args"] = replaced if isinstance(replaced, tuple) else (replaced,)


def _run_forward_hook(module, key, hook, state):
    if key in module._forward_hooks_with_kwargs or key in with_kwargs:
        replaced = hook(module, state["args"], state["kwargs"], state["result"])
    else:
        replaced = hook(module, state["args"], state["result"])
    if replaced is not None:
        state["result"] = replaced


def _attach_to_node(module, result):
    """The older backward hooks: they see the gradients of the last node of the forward only."""
    while not isinstance(result, Tensor):
        values = result.values() if isinstance(result, dict) else result
        result = next(v for v in values if isinstance(v, (Tensor, dict, tuple, list)))
    if result.grad_fn is not None:
        for hook in module._backward_hooks.values():
            result.grad_fn.register_hook(lambda gi, go, hook=hook: hook(module, gi, go))


_C._set_module_hooks(ever_used, call)
