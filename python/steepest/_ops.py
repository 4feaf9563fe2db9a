"""The objects behind torch.ops.namespace.name: namespaces, ops with several signatures, and one signature of an op.

Note [Ops of a program]
    PyTorch registers a program's ops with a dispatcher, so that its compiler and its devices know them. Here they are Python
    functions: the one for the CPU, or for all devices, is called without being recorded, and the formula given for backward is
    recorded as an autograd.Function is. Within vmap the rule given for it is asked, or the op is called for each element. What
    is told for devices that are not here and for shapes alone is accepted and not used. Names that are told of before they are
    defined are no error: packages register what their compiled parts, built for PyTorch, would have defined.
"""

import ast
import inspect
import re
import types

from . import _C
from ._C import Tensor, is_grad_enabled
from ._lazy import absent
from .autograd import open_maps
from .dispatch import below_autograd

_ANYWHERE = ("CompositeImplicitAutograd",)  # called as it is: what it does is recorded
_RECORDS = ("AutogradCPU", "Autograd")  # the same, except where a function of these kinds asks for what is below it
_COMPUTES = ("CPU", "CompositeExplicitAutograd", "BackendSelect")


class OpOverload:
    """One signature of an op, such as torch.ops.aten.add.Tensor: a callable."""

    def __init__(self, packet, overload):
        self._overloadpacket, self._overloadname = packet, overload
        self.namespace = packet.namespace
        self.__name__ = self.__qualname__ = f"{packet.__name__}.{overload}"

    __module__ = "torch._ops"

    @property
    def overloadpacket(self):
        """The op with all its signatures."""
        return self._overloadpacket

    @property
    def _schema(self):
        return self._overloadpacket.schema

    def name(self):
        """``namespace::op.overload``, without ``.default``."""
        suffix = "" if self._overloadname == "default" else f".{self._overloadname}"
        return self._overloadpacket._qualified_op_name + suffix

    def __call__(self, /, *args, **kwargs):
        return self._overloadpacket(*args, **kwargs)

    def __str__(self):
        return f"{self._overloadpacket}.{self._overloadname}"

    def __repr__(self):
        return f"<OpOverload(op='{self._overloadpacket}', overload='{self._overloadname}')>"


class OpOverloadPacket:
    """An op with all its signatures, such as torch.ops.aten.add: a callable."""

    __module__ = "torch._ops"

    def __init__(self, namespace, name, function):
        self.namespace, self.__name__, self._op = namespace, name, function
        self._qualified_op_name = f"{namespace}::{name}"
        self.__qualname__ = name

    @property
    def op(self):
        """The function that is called."""
        return self._op

    @property
    def schema(self):
        """The text of the signature, where a program has given one."""
        return getattr(self._op, "schema", None) or f"{self._qualified_op_name}(...) -> Tensor"

    def overloads(self):
        """The names of the signatures."""
        return ["default"]

    def __call__(self, /, *args, **kwargs):
        return self._op(*args, **kwargs)

    def __getattr__(self, overload):
        if overload.startswith("__"):
            raise AttributeError(overload)
        if isinstance(self._op, ProgramOp) and overload not in self.overloads():
            raise AttributeError(f"The underlying op of '{self}' has no overload name '{overload}'")
        found = self.__dict__[overload] = OpOverload(self, overload)
        return found

    def __str__(self):
        return f"{self.namespace}.{self.__name__}"

    def __repr__(self):
        return f"<OpOverloadPacket(op='{self}')>"


class _OpNamespace(types.ModuleType):
    """The ops of one namespace, as attributes."""

    __file__ = "torch.ops"

    def __init__(self, name):
        super().__init__(f"torch.ops.{name}")
        self._name = name

    def __getattr__(self, name):
        function = None if name.startswith("__") else own(name) if self._name in ("aten", "prims") else program_op(self._name, name)
        if function is None:
            raise AttributeError(f"'_OpNamespace' '{self.__dict__['_name']}' object has no attribute '{name}'")
        packet = self.__dict__[name] = OpOverloadPacket(self._name, name, function)
        return packet


def _slice(self, dim=0, start=None, end=None, step=1):
    return self[(slice(None),) * (dim % self.dim()) + (slice(start, end, step),)]


def _index(self, indices):
    return self[tuple(slice(None) if index is None else index for index in indices)]


# PyTorch's ops whose functions have other names here.
_OTHER_NAMES = {
    "_pin_memory": Tensor.pin_memory, "_reshape_alias": Tensor.as_strided, "_to_copy": Tensor.to, "_unsafe_view": Tensor.view,
    "alias": lambda self: self.view_as(self), "index": _index, "slice": _slice,
}
_namespaces = {}
_program_ops = {}


def namespace(name):
    """The namespace of this name; it need not have ops."""
    if name not in _namespaces:
        _namespaces[name] = _OpNamespace(name)
    return _namespaces[name]


def program_op(space, name):
    """The op that a program has defined, or None."""
    found = _program_ops.get(f"{space}::{name}")
    return found if found is not None and found.defined else None


def op_named(qualname):
    """The op of a program that is called ``namespace::name``, made where it is not there yet."""
    qualname = qualname.removesuffix(".default")
    if qualname not in _program_ops:
        _program_ops[qualname] = ProgramOp(qualname)
    return _program_ops[qualname]


def own(name):
    """The library's function for an op of PyTorch's own namespace, or None."""
    from . import fft, linalg, special
    from .nn import functional

    for prefix, module in (("linalg_", linalg), ("special_", special), ("fft_", fft)):
        if name.startswith(prefix):
            return getattr(module, name if name.startswith("fft_") and hasattr(module, name) else name.removeprefix(prefix), None)
    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    for place in (_C, Tensor, functional):
        found = getattr(place, name, None)
        if found is not None:
            return found
    # What packages name to attach rules of their own to; a public name that is not here is not in PyTorch either, or is missed.
    return absent(f"torch.ops.aten.{name}") if name.startswith("_") else None


def packet(qualname):
    """torch.ops.namespace.name"""
    space, _, name = qualname.partition("::")
    return getattr(namespace(space), name)


def forget(qualname):
    """Takes an op of a program away."""
    space, _, name = qualname.partition("::")
    _program_ops.pop(qualname, None)
    namespace(space).__dict__.pop(name, None)


# One parameter of a signature: its name and, as text, its default. The type is not looked at, save that it may hold an arrow.
_PARAMETER = re.compile(r"""(?:(\*)|\S+(?: -> \S+)?\s+(\w+)(?:=("[^"]*"|'[^']*'|\[[^]]*\]|[^,\s]*))?)\s*(?:,\s*|$)""")


def _default(text):
    try:
        return ast.literal_eval(text)
    except ValueError:
        return getattr(_C, text, text)  # of a type that Python cannot write, such as float32


def _parameters(signature):
    """The inspect.Signature of what stands in front of the arrow in ``"(Tensor x, float by=2.0) -> Tensor"``."""
    given, kind = [], inspect.Parameter.POSITIONAL_OR_KEYWORD
    between = re.match(r"\((.*)\)\s*->", signature, re.DOTALL)
    if between is None:
        raise RuntimeError(f'Expected a signature such as "(Tensor x) -> Tensor" but got "{signature}"')
    for star, name, default in _PARAMETER.findall(between[1]):
        if star:
            kind = inspect.Parameter.KEYWORD_ONLY
        else:
            given.append(inspect.Parameter(name, kind, default=_default(default) if default else inspect.Parameter.empty))
    return inspect.Signature(given)


class ProgramOp:
    """What a program has told of an op: its signature, functions by device or kind, and the formula for backward."""

    def __init__(self, qualname):
        self.qualname, self.signature, self.defined = qualname, "", False
        self.kernels, self.backward, self.setup_context, self.vmap = {}, None, None, None
        self.fresh_outputs = False  # whether results may not share memory with arguments
        self._function = None
        self._parameters = inspect.signature(lambda *args, **kwargs: None)

    @property
    def schema(self):
        """The whole signature, as text."""
        return f"{self.qualname}{self.signature}"

    def define(self, signature):
        """Gives the op its signature, as ``"(Tensor x) -> Tensor"``."""
        self.signature, self.defined, self._parameters = signature, True, _parameters(signature)

    def formula(self, backward, setup_context):
        """Sets how gradients are computed."""
        self.backward, self.setup_context, self._function = backward, setup_context, None

    def kernel(self, keys):
        """The first function there is for one of these keys, or None."""
        return next((self.kernels[key] for key in keys if key in self.kernels), None)

    def _bound(self, args, kwargs):
        """All arguments, defaults among them: by place, and by name those that have no place."""
        try:
            bound = self._parameters.bind(*args, **kwargs)
        except TypeError as error:
            raise RuntimeError(f"{self.qualname}(): {error}. Declaration: {self.schema}") from None
        bound.apply_defaults()
        return bound.args, bound.kwargs

    def __call__(self, /, *args, **kwargs):
        args, kwargs = self._bound(args, kwargs)
        recorded = self.kernel(_ANYWHERE if below_autograd.depth else _ANYWHERE + _RECORDS)
        if recorded is not None:
            return recorded(*args, **kwargs)
        if open_maps.list:
            from .func._batch_functions import program_op

            m, answer = program_op(self, args, kwargs)
            if m is not None:
                return answer
        compute = self.kernel(_COMPUTES)
        if compute is None:
            raise NotImplementedError(
                f"Could not run '{self.qualname}' with arguments from the 'CPU' backend: no function for it was registered."
            )
        if is_grad_enabled() and not below_autograd.depth and any(x.requires_grad for x in tensors_in((args, kwargs))):
            return self._recorded(args, kwargs)
        return self._compute(args, kwargs)

    def _compute(self, args, kwargs):
        from .autograd.grad_mode import no_grad

        with no_grad():
            result = self.kernel(_COMPUTES)(*args, **kwargs)
        if self.fresh_outputs:
            self._check_fresh(result, (args, kwargs))
        return result

    def _check_fresh(self, result, arguments):
        given = {x.data_ptr() for x in tensors_in(arguments) if x.numel()}
        if any(y.data_ptr() in given for y in tensors_in(result) if y.numel()):
            raise RuntimeError(
                f"{self.qualname}: The output of this custom operator (1) must not also be an input to this custom operator and (2) may "
                "not alias any inputs to this custom operator or other returns. The most common way to trigger this error is if we have "
                "y = custom_op(x) and y and x are the same Tensor. Please instead return a clone of the offending output tensor(s) "
                "(e.g. return x.clone()) or refactor the custom operator to not return y."
            )

    def _recorded(self, args, kwargs):
        if self._function is None:
            self._function = _function_of(self)
        flat, places = _spread(args)
        result = self._function.apply(places, kwargs, *flat)
        return list(result) if self.signature.endswith("[]") and isinstance(result, tuple) else result


def tensors_in(values):
    """The tensors in nested tuples, lists and dicts."""
    for value in values.values() if isinstance(values, dict) else values if isinstance(values, tuple | list) else (values,):
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, tuple | list | dict):
            yield from tensors_in(value)


def _spread(args):
    """The arguments with lists of tensors laid out flat, and for each argument how many it has become; None for one that is no list."""
    flat, places = [], []
    for arg in args:
        listed = isinstance(arg, tuple | list) and any(isinstance(x, Tensor) for x in arg)
        places.append(len(arg) if listed else None)
        flat.extend(arg if listed else (arg,))
    return flat, places


def _gathered(flat, places):
    flat = iter(flat)
    return tuple(next(flat) if count is None else [next(flat) for _ in range(count)] for count in places)


def _function_of(op):
    """The autograd.Function that records calls of an op."""
    from .autograd.function import Function

    def forward(ctx, places, kwargs, *flat):
        args = _gathered(flat, places)
        result = op._compute(args, kwargs)
        ctx.op_places = places
        if op.setup_context is not None:
            op.setup_context(ctx=ctx, inputs=args, output=result, **({"keyword_only_inputs": kwargs} if kwargs else {}))
        return tuple(result) if isinstance(result, list) else result

    def backward(ctx, *grads):
        if op.backward is None:
            raise RuntimeError(
                f"Trying to backward through {op.qualname.replace('::', '.')}.default but no autograd formula was registered. "
                "Please use register_autograd to add one."
            )
        result = op.backward(ctx, list(grads)) if op.signature.endswith("[]") else op.backward(ctx, *grads)
        result = result if isinstance(result, tuple) else (result,)
        flat = []
        for grad, count in zip(result, ctx.op_places, strict=False):
            flat.extend((grad,) if count is None else grad if grad is not None else [None] * count)
        return (None, None, *flat)

    name = f"GeneratedBackwardFor_{op.qualname.replace('::', '_')}_default"
    return type(name, (Function,), {"forward": staticmethod(forward), "backward": staticmethod(backward)})
