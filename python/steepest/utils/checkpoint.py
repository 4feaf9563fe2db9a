"""Checkpoints: computing a part of a model again in backward instead of keeping what it saves."""

import contextlib
import enum
import warnings

from .._C import Tensor
from .._ops import OpOverload
from ..autograd import Function, backward
from ..autograd.grad_mode import enable_grad, no_grad
from ..autograd.graph import saved_tensors_hooks
from ..random import get_rng_state, set_rng_state

__all__ = [
    "CheckpointError", "CheckpointFunction", "CheckpointPolicy", "SelectiveCheckpointContext", "checkpoint", "checkpoint_sequential",
    "create_selective_checkpoint_contexts", "noop_context_fn",
]


class CheckpointError(RuntimeError):
    """The second run of a checkpointed function did not save what the first one did."""


def get_device_states(*args):
    """([], []): the generators of the devices that the tensors among `args` are on, beside the CPU's."""
    return [], []


def set_device_states(devices, states, *, device_type=None):
    """Nothing: there is no device beside the CPU."""


@contextlib.contextmanager
def _random_state(state):
    """The generator as it was, for a block; `state` None leaves it alone."""
    if state is None:
        yield
        return
    before = get_rng_state()
    set_rng_state(state)
    try:
        yield
    finally:
        set_rng_state(before)


class CheckpointFunction(Function):
    """Runs a function without a record, and again with one when backward comes."""

    @staticmethod
    def forward(ctx, function, preserve_rng_state, *args):
        ctx.function = function
        ctx.state = get_rng_state() if preserve_rng_state else None
        ctx.args = [None if isinstance(x, Tensor) else x for x in args]
        ctx.places = [i for i, x in enumerate(args) if isinstance(x, Tensor)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        with no_grad():
            return function(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, x in zip(ctx.places, ctx.saved_tensors, strict=True):
            args[i] = x.detach().requires_grad_(x.requires_grad)
        with _random_state(ctx.state), enable_grad():
            outputs = ctx.function(*args)
        outputs = (outputs,) if isinstance(outputs, Tensor) else outputs
        pairs = [(y, g) for y, g in zip(outputs, grads, strict=True) if isinstance(y, Tensor) and y.requires_grad]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([y for y, _ in pairs], [g for _, g in pairs])
        return None, None, *(x.grad if isinstance(x, Tensor) else None for x in args)


class _Frame:
    """One checkpointed call: how to run it again, and what that saves."""

    def __init__(self, run, early_stop):
        self.run, self.early_stop = run, early_stop
        self.saved = 0  # tensors that the first run has saved
        self.again = {}  # those of the second run, by number

    def pack(self, _):
        self.saved += 1
        return self.saved - 1

    def unpack(self, number):
        if number not in self.again:
            self.recompute()
        if number not in self.again:
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and recomputation.\n"
                f"Number of tensors saved during forward: {self.saved}\n"
                f"Number of tensors saved during recomputation: {len(self.again)}."
            )
        return self.again.pop(number)

    def recompute(self):
        class Enough(Exception):
            pass

        self.again = {}

        def keep(x):
            self.again[len(self.again)] = x.detach()
            if self.early_stop and len(self.again) == self.saved:
                raise Enough
            return x.detach()

        with contextlib.suppress(Enough), saved_tensors_hooks(keep, lambda x: x), enable_grad():
            self.run()


def _without_reentry(function, args, kwargs, preserve_rng_state, context_fn, early_stop):
    state = get_rng_state() if preserve_rng_state else None
    first, second = context_fn()

    def again():
        with _random_state(state), second:
            function(*args, **kwargs)

    frame = _Frame(again, early_stop)
    with saved_tensors_hooks(frame.pack, frame.unpack), first:
        return function(*args, **kwargs)


def noop_context_fn():
    """Two contexts that do nothing, for the two runs of a checkpointed function."""
    return contextlib.nullcontext(), contextlib.nullcontext()


class CheckpointPolicy(enum.Enum):
    """What a program wants done with the result of an op: kept, or computed again."""

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3
    MUST_CPU_OFFLOAD = 4
    PREFER_CPU_OFFLOAD = 5


class SelectiveCheckpointContext:
    """What a policy is told of the run in which it is asked."""

    def __init__(self, *, is_recompute):
        self.is_recompute = is_recompute


def create_selective_checkpoint_contexts(policy_fn_or_list, allow_cache_entry_mutation=False):
    """Contexts for :func:`checkpoint`'s `context_fn`, from a function that names a :class:`CheckpointPolicy` for each op, or the list of
    ops whose results are to be kept. Results and gradients do not depend on it, and here all is computed again: the function is not asked.

    TypeError for anything else, ValueError for a list with something that is no op.
    """
    if isinstance(policy_fn_or_list, list):
        for op in policy_fn_or_list:
            if not isinstance(op, OpOverload):
                raise ValueError(f"Expected op in `op_list` to be an OpOverload but got: {op} of type {type(op)}.")
    elif not callable(policy_fn_or_list):
        raise TypeError("policy_fn_or_list must be either a function or a list of ops.")
    return noop_context_fn()


def checkpoint(
    function,
    *args,
    use_reentrant=None,
    context_fn=noop_context_fn,
    determinism_check="default",
    debug=False,
    early_stop=True,
    **kwargs,
):
    """``function(*args, **kwargs)``, run a second time in backward instead of keeping what its ops save.

    use_reentrant: True runs backward inside of backward, and needs a tensor argument that requires grad; False hooks into what is
    saved, and works with everything that backward does. preserve_rng_state=True draws the same random numbers both times.

    >>> import steepest as torch
    >>> from steepest.utils.checkpoint import checkpoint
    >>> x = torch.tensor(2.0, requires_grad=True)
    >>> checkpoint(lambda x: x.exp().sin(), x, use_reentrant=False).backward()
    >>> x.grad
    tensor(3.3129)
    """
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, calling "
            "checkpoint without use_reentrant will raise an exception. use_reentrant=False is recommended, but if you need to "
            "preserve the current default behavior, you can pass use_reentrant=True. Refer to docs for more details on the "
            "differences between the two variants.",
            stacklevel=2,
        )
        use_reentrant = True
    preserve_rng_state = kwargs.pop("preserve_rng_state", True)
    if not use_reentrant:
        return _without_reentry(function, args, kwargs, preserve_rng_state, context_fn, early_stop)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    if not any(isinstance(x, Tensor) and x.requires_grad for x in args):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)
    return CheckpointFunction.apply(function, preserve_rng_state, *args)


def checkpoint_sequential(functions, segments, input, use_reentrant=None, **kwargs):
    """Runs a Sequential, or a list of modules, in `segments` parts of which all but the last are checkpointed.

    input: what the first of them takes. Returns what the last one gives.
    """
    functions = list(functions.children()) if hasattr(functions, "children") else list(functions)
    size = len(functions) // segments

    def run(start, end):
        def part(x):
            for function in functions[start:end]:
                x = function(x)
            return x

        return part

    end = 0
    for start in range(0, size * (segments - 1), size):
        end = start + size
        input = checkpoint(run(start, end), input, use_reentrant=use_reentrant, **kwargs)
    return run(end, len(functions))(input)
