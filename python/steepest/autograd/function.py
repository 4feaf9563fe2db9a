"""autograd.Function: operations with a derivative of one's own."""

import functools
import inspect
import warnings

from .. import _C
from .._C import Tensor

answers = {}  # by class of tensors: f(function, args, kwargs), called in the place of apply() where an argument is of that class


class BackwardCFunction:
    """What forward leaves for backward; the grad_fn of the outputs."""

    materialize_grads = True
    needs_input_grad = ()
    to_save = ()
    dirty_tensors = ()
    non_differentiable = ()
    _node = None  # the node that owns this object, from when it is recorded until it is freed

    def save_for_backward(self, *tensors):
        """Keeps tensors; backward reads them as ctx.saved_tensors, checked to be unwritten since.

        Anything else but None is a TypeError where the call is recorded.
        """
        self.to_save = tensors

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self):
        """What save_for_backward kept: nothing before the call is recorded, as forward has it in hand."""
        return () if self._node is None else _C._function_saved(self)

    saved_variables = saved_tensors

    def mark_dirty(self, *tensors):
        """Tells that forward wrote these inputs in place; they must be outputs."""
        self.dirty_tensors = tensors

    def mark_non_differentiable(self, *tensors):
        """Tells that these outputs have no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value):
        """Whether a missing gradient comes to backward as zeros (the default) or as None."""
        self.materialize_grads = value

    def name(self):
        """The kind of node: the function's name and Backward."""
        return type(self).__name__

    @property
    def next_functions(self):
        """The nodes that made the inputs, as (node, output number)."""
        return _C._function_next(self)

    @property
    def metadata(self):
        """A dict for the user's own use."""
        return self.__dict__.setdefault("_metadata", {})

    def register_hook(self, f):
        """Calls f(grad_inputs, grad_outputs) after backward; returns a handle."""
        return _C._function_hook(self, f, False)

    def register_prehook(self, f):
        """Calls f(grad_outputs) before backward; returns a handle."""
        return _C._function_hook(self, f, True)

    def _run_backward(self, grads, wanted):
        """Calls the user's backward and gives one gradient a tensor input back; `wanted` says for which."""
        name, count = type(self).__name__, len(self._tensor_inputs)
        wanted = iter(wanted)
        self.needs_input_grad = tuple(is_tensor and next(wanted) for is_tensor in self._tensor_inputs)
        result = self._function.backward(self, *grads)
        result = result if isinstance(result, tuple) else (result,)
        if len(result) > count and all(g is None for g in result[count:]):
            result = result[:count]
        if len(result) != count:
            raise RuntimeError(
                f"function {name} returned an incorrect number of gradients (expected {count}, got {len(result)})"
            )
        for i, (g, is_tensor) in enumerate(zip(result, self._tensor_inputs, strict=True), 1):
            if g is not None and not is_tensor:
                raise RuntimeError(
                    f"function {name} returned a gradient different than None at position {i}, but "
                    "the corresponding forward input was not a Variable"
                )
            if g is not None and not isinstance(g, Tensor):
                raise RuntimeError(f"expected Variable or None (got {type(g).__name__})")
        return tuple(g for g, is_tensor in zip(result, self._tensor_inputs, strict=True) if is_tensor)


BackwardCFunction.__module__ = "torch.autograd.function"
FunctionCtx = BackwardCFunction


class Function:
    """An operation with forward and backward written in Python.

    forward(ctx, *args) computes; ctx.save_for_backward keeps tensors. backward(ctx, *grads) gives one gradient for every argument of
    forward, None where there is none. Call it as Name.apply(*args). With a separate setup_context(ctx, inputs, output), forward takes
    no ctx.

    >>> import steepest as torch
    >>> class Cube(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return g * 3 * x**2
    >>> x = torch.tensor(2., requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor(12.)
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        members = {"_function": cls, "_forward_cls": cls, "__module__": "torch.autograd.function"}
        cls._backward_cls = type(f"{cls.__name__}Backward", (BackwardCFunction,), members)

    def __init__(self, *args, **kwargs):
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, "
            "so you should invoke them on the "
            "class itself. Instantiating an autograd function will raise an error in a future version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args, **kwargs):
        """RuntimeError: PyTorch before 1.5 called an instance; now the class has `apply`."""
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function with static "
            "forward method. (Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @staticmethod
    def forward(*args, **kwargs):
        """Computes the outputs; to be defined by the subclass."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        """Computes the gradients of the inputs; to be defined by the subclass."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function "
            "to use it with backward mode AD."
        )

    @staticmethod
    def jvp(ctx, *grad_inputs):
        """Computes the tangents of the outputs from those of the inputs, None for one without; to be defined for forward mode."""
        raise NotImplementedError("You must implement the jvp function for custom autograd.Function to use it with forward mode AD.")

    @staticmethod
    def vmap(info, in_dims, *args):
        """Computes for a batch: (outputs, their batch dimensions), where `in_dims` has those of the arguments; to be defined for vmap."""
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap static method or set generate_vmap_rule=True."
        )

    generate_vmap_rule = False

    @classmethod
    def apply(cls, *args, **kwargs):
        """Runs forward and records it."""
        if answers:
            for a in args:
                if type(a) in answers:
                    return answers[type(a)](cls, args, kwargs)
        return cls._run(args, kwargs)[1]

    @classmethod
    def _run(cls, args, kwargs):
        """(what backward will get, the outputs)"""
        ctx = cls._backward_cls()
        setup = getattr(cls, "setup_context", None)
        if kwargs or setup is not None:
            args = _bind(cls.forward, args if setup is not None else (ctx, *args), kwargs)[setup is None :]
        needs = tuple(isinstance(a, Tensor) and a.requires_grad for a in args)
        ctx.needs_input_grad = needs
        with _C.no_grad():
            if setup is None:
                outputs = cls.forward(ctx, *args)
            else:
                outputs = cls.forward(*args)
                setup(ctx, args, outputs)
        if not isinstance(outputs, tuple):
            return ctx, _connect(ctx, args, (outputs,), needs)[0]
        return ctx, _connect(ctx, args, outputs, needs)


def _bind(forward, args, kwargs):
    bound = inspect.signature(forward).bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.args


def _connect(ctx, args, outputs, needs):
    """The outputs, recorded where an input needs a gradient."""
    recorded = any(needs) and _C.is_grad_enabled()
    dirty = {id(t) for t in ctx.dirty_tensors}
    if not dirty <= {id(t) for t in outputs}:
        raise RuntimeError(
            "Some elements marked as dirty during the forward method were not returned as output. "
            "The inputs that are modified inplace "
            "must all be outputs of the Function."
        )
    if recorded and any(t.is_leaf and t.requires_grad for t in ctx.dirty_tensors):
        raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
    given = {id(a) for a in args if isinstance(a, Tensor)}
    plain = {id(t) for t in ctx.non_differentiable}
    differentiable = tuple(isinstance(t, Tensor) and id(t) not in plain for t in outputs)
    results = []
    for t in outputs:
        if not isinstance(t, Tensor) or id(t) in dirty:
            results.append(t)
        elif id(t) in given:  # an input that comes back unwritten is another tensor, or it would lose its own history
            results.append(t.detach().view_as(t))
        elif recorded and t.requires_grad and (t._base is None or t.grad_fn is not None):
            results.append(t.detach())  # recorded inside of forward, or a leaf of its own
        else:
            results.append(t)
    outputs = tuple(results)
    for t in ctx.dirty_tensors:
        _C._increment_version(t)  # forward may have written by other ways than ops
    if recorded:
        ctx._tensor_inputs = tuple(isinstance(a, Tensor) for a in args)
        _C._connect_function(ctx, tuple(a for a in args if isinstance(a, Tensor)), outputs, differentiable, tuple(ctx.to_save))
        ctx.to_save = ()  # the node has them now
    ctx.dirty_tensors = ctx.non_differentiable = ()
    return outputs


def once_differentiable(f):
    """For a backward that cannot be differentiated itself: a second derivative through it raises RuntimeError."""

    @functools.wraps(f)
    def wrapper(ctx, *grads):
        with _C.no_grad():
            result = f(ctx, *grads)
        if not (_C.is_grad_enabled() and any(isinstance(g, Tensor) and g.requires_grad for g in grads)):
            return result
        source = next(g for g in grads if isinstance(g, Tensor) and g.requires_grad)
        results = result if isinstance(result, tuple) else (result,)
        marked = tuple(None if r is None else _Once.apply(r.detach(), source)[0] for r in results)
        return marked if isinstance(result, tuple) else marked[0]

    return wrapper


class _Once(Function):
    @staticmethod
    def forward(ctx, *tensors):
        return tensors

    @staticmethod
    def backward(ctx, *grads):
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


_Once._backward_cls.__name__ = "Error"
