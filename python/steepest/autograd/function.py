"""autograd.Function: operations with a derivative of one's own."""

import functools

from .. import _C
from .._C import Tensor


class _Context:
    """What forward leaves for backward; the grad_fn of the outputs."""

    materialize_grads = True
    needs_input_grad = ()
    to_save = ()
    dirty_tensors = ()
    non_differentiable = ()
    _node = None

    def save_for_backward(self, *tensors):
        """Keeps tensors; backward reads them as ctx.saved_tensors, checked to be unwritten since."""
        self.to_save = tensors

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self):
        """What save_for_backward kept."""
        return self.to_save if self._node is None else _C._function_saved(self)

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
        """The nodes that made the inputs."""
        return self._next

    def _run_backward(self, grads, wanted):
        """Calls the user's backward and gives one gradient an input back."""
        name = type(self).__name__
        result = self._function.backward(self, *grads)
        result = result if isinstance(result, tuple) else (result,)
        count = len(wanted)
        if len(result) > count and all(g is None for g in result[count:]):
            result = result[:count]
        if len(result) != count:
            raise RuntimeError(f"function {name} returned an incorrect number of gradients (expected {count}, got {len(result)})")
        for i, g in enumerate(result):
            if g is not None and not isinstance(g, Tensor):
                raise TypeError(f"expected Variable or None (got {type(g).__name__})")
            if g is not None and wanted[i] and not self._inputs_require_grad[i]:
                raise RuntimeError(f"function {name} returned a gradient different from None at position {i + 1}, but the corresponding forward input was not a Variable")
        return result


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
        cls._backward_cls = type(f"{cls.__name__}Backward", (_Context,), {"_function": cls})

    def __init__(self, *args, **kwargs):
        raise RuntimeError(f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should invoke them on the class itself.")

    @staticmethod
    def forward(*args, **kwargs):
        """Computes the outputs; to be defined by the subclass."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        """Computes the gradients of the inputs; to be defined by the subclass."""
        raise NotImplementedError("You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.")

    @classmethod
    def apply(cls, *args):
        """Runs forward and records it."""
        ctx = cls._backward_cls()
        needs = tuple(isinstance(a, Tensor) and a.requires_grad for a in args)
        ctx.needs_input_grad = ctx._inputs_require_grad = needs
        setup = getattr(cls, "setup_context", None)
        with _C.no_grad():
            if setup is None:
                outputs = cls.forward(ctx, *args)
            else:
                outputs = cls.forward(*args)
                setup(ctx, args, outputs)
        single = not isinstance(outputs, tuple)
        outputs = (outputs,) if single else outputs
        recorded = _C.is_grad_enabled() and any(needs)
        dirty = {id(t) for t in ctx.dirty_tensors}
        plain = {id(t) for t in ctx.non_differentiable}
        given = {id(a) for a in args if isinstance(a, Tensor)}
        if recorded:
            for t in ctx.dirty_tensors:
                if t.is_leaf and t.requires_grad:
                    raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
        # An input that comes back unwritten is another tensor, or it would lose its own history.
        outputs = tuple(
            t.detach().view_as(t) if isinstance(t, Tensor) and id(t) in given and id(t) not in dirty else t.detach() if recorded and isinstance(t, Tensor) and t.requires_grad and id(t) not in dirty else t
            for t in outputs
        )
        if recorded:
            ctx._next = tuple((t.grad_fn, t.output_nr) if needed else (None, 0) for t, needed in zip(args, needs, strict=True))
            _C._connect_function(ctx, args, tuple(None if id(t) in plain else t for t in outputs), tuple(ctx.to_save))
        return outputs[0] if single else outputs


def once_differentiable(f):
    """For a backward that cannot be differentiated itself: a second derivative through it raises RuntimeError."""

    class _Once(Function):
        @staticmethod
        def forward(ctx, *tensors):
            return tensors

        @staticmethod
        def backward(ctx, *grads):
            raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")

    @functools.wraps(f)
    def wrapper(ctx, *grads):
        with _C.no_grad():
            result = f(ctx, *grads)
        if not (_C.is_grad_enabled() and any(isinstance(g, Tensor) and g.requires_grad for g in grads)):
            return result
        single = not isinstance(result, tuple)
        results = (result,) if single else result
        source = next(g for g in grads if isinstance(g, Tensor) and g.requires_grad)
        marked = tuple(None if r is None else _Once.apply(r, source)[0] for r in results)
        return marked[0] if single else marked

    return wrapper

