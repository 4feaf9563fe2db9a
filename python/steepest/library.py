"""torch.library: ops that a program defines, called as torch.ops.namespace.name; see Note [Ops of a program] in _ops.py."""

import contextlib
import enum
import functools
import inspect
import re
import typing
from collections.abc import Sequence

from . import _C, _ops
from ._C import Tensor
from ._ops import OpOverload, OpOverloadPacket, op_named, packet

__all__ = [
    "CustomOpDef", "Library", "custom_op", "define", "fallthrough_kernel", "impl", "impl_abstract", "infer_schema", "opcheck",
    "register_autocast", "register_autograd", "register_fake", "register_kernel", "register_torch_dispatch", "register_vmap",
]

_TYPES = {
    Tensor: "Tensor", int: "SymInt", float: "float", bool: "bool", str: "str", complex: "complex", _C.dtype: "ScalarType",
    _C.device: "Device", int | float | bool: "Scalar",
}


def _name_of(op):
    """``namespace::name`` of an op given by its name, as CustomOpDef or as torch.ops' object."""
    if isinstance(op, CustomOpDef):
        return op._qualname
    if isinstance(op, OpOverload):
        op = op.overloadpacket
    return op._qualified_op_name if isinstance(op, OpOverloadPacket) else op


def _meant(annotation):
    """What an annotation stands for that is written as text."""
    if not isinstance(annotation, str):
        return annotation
    return {"Tensor": Tensor, "torch.Tensor": Tensor}.get(annotation) or eval(annotation, {"torch": _C, **vars(typing)})  # noqa: S307


def _type_text(annotation, what):
    """How a schema writes an annotation."""
    annotation = _meant(annotation)
    if annotation in _TYPES:
        return _TYPES[annotation]
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if type(None) in inner:
        rest = [t for t in inner if t is not type(None)]
        return _type_text(rest[0] if len(rest) == 1 else typing.Union[tuple(rest)], what) + "?"  # noqa: UP007
    if origin in (list, Sequence) and inner:
        return _type_text(inner[0], what) + "[]"
    if set(inner) == {int, float, bool}:
        return "Scalar"
    raise ValueError(
        f"infer_schema(func): {what} has unsupported type {annotation}. The valid types are: Tensor, int, float, bool, str, complex, "
        "dtype, device, Number, Optional and Sequence of these."
    )


def infer_schema(prototype_function, /, *, mutates_args, op_name=None):
    """The signature, as text, that annotations of a function tell.

    mutates_args: the names of the arguments that it writes to, or "unknown". ValueError where an annotation is missing or is of no
    type that ops take.

    >>> import steepest as torch
    >>> def scale(x: torch.Tensor, by: float = 2.0) -> torch.Tensor: ...
    >>> torch.library.infer_schema(scale, mutates_args=())
    '(Tensor x, float by=2.0) -> Tensor'
    """
    signature = inspect.signature(prototype_function)
    given, starred = [], False
    for i, (name, parameter) in enumerate(signature.parameters.items()):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ValueError(f"infer_schema(func): We do not support positional-only args, varargs, or varkwargs. Got {parameter}")
        if parameter.annotation is parameter.empty:
            raise ValueError(f"infer_schema(func): Parameter {name} must have a type annotation. Got func with signature {signature})")
        text = _type_text(parameter.annotation, f"Parameter {name}")
        if mutates_args == "unknown" or name in mutates_args:
            text = re.sub("^Tensor", f"Tensor(a{i}!)", text)
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            given.append("*")
            starred = True
        default = parameter.default
        shown = f'"{default}"' if isinstance(default, str) else str(default).removeprefix("torch.")
        given.append(f"{text} {name}" + ("" if default is parameter.empty else f"={shown}"))
    unknown = () if mutates_args == "unknown" else set(mutates_args) - set(signature.parameters)
    if unknown:
        raise ValueError(
            f"infer_schema(func): mutates_args should contain names of Tensors, but got {sorted(unknown)}, which are no parameters."
        )
    returned = signature.return_annotation
    if returned is signature.empty:
        raise ValueError(f"infer_schema(func): No return type annotation was provided. Got func with signature {signature})")
    returned = _meant(returned)
    if returned is None:
        result = "()"
    elif typing.get_origin(returned) is tuple:
        result = f"({', '.join(_type_text(t, 'Return') for t in typing.get_args(returned))})"
    else:
        result = _type_text(returned, "Return")
    return f"{op_name or ''}({', '.join(given)}) -> {result}"


class Tag(enum.Enum):
    """What may be said of an op where it is made; accepted, and not used."""

    core = 0
    cudagraph_unsafe = 1
    data_dependent_output = 2
    dynamic_output_shape = 3
    flexible_layout = 4
    generated = 5
    inplace = 6
    inplace_view = 7
    maybe_aliasing_or_mutating = 8
    needs_contiguous_strides = 9
    needs_exact_strides = 10
    needs_fixed_stride_order = 11
    nondeterministic_bitwise = 12
    nondeterministic_seeded = 13
    out = 14
    out_variant = 15
    pointwise = 16
    pt2_compliant_tag = 17
    reduction = 18
    view_copy = 19


class CustomOpDef:
    """An op that custom_op has made of a function: called as the function is."""

    __module__ = "torch._library.custom_ops"

    def __init__(self, namespace, name, schema, fn, tags=None):
        self._namespace, self._name, self._init_fn, self._schema = namespace, name, fn, schema
        self._op = op_named(self._qualname)
        self._op.define(schema)
        self._op.fresh_outputs = True
        self._op.kernels = {"CompositeExplicitAutograd": fn}
        functools.update_wrapper(self, fn, updated=())

    @property
    def _qualname(self):
        return f"{self._namespace}::{self._name}"

    @property
    def _opoverload(self):
        return packet(self._qualname).default

    def __call__(self, *args, **kwargs):
        return self._op(*args, **kwargs)

    def __repr__(self):
        return f"<CustomOpDef({self._qualname})>"

    def register_kernel(self, device_types, fn=None, /):
        """Sets the function for the devices named, of which only the CPU is here; a decorator without `fn`."""
        return register_kernel(self, device_types, fn)

    def register_fake(self, fn, /):
        """Accepted: shapes are not computed apart from values."""
        return fn

    def register_autograd(self, backward, /, *, setup_context=None):
        """Sets how gradients are computed: see :func:`register_autograd`."""
        register_autograd(self, backward, setup_context=setup_context)

    def register_vmap(self, func=None):
        """Sets what is called within vmap: see :func:`register_vmap`; a decorator without `func`."""
        return register_vmap(self, func)

    def register_autocast(self, device_type, cast_inputs):
        """Accepted and not used."""

    def register_torch_dispatch(self, torch_dispatch_class, fn=None, /):
        """Accepted and not used; a decorator without `fn`."""
        return _accepted(self, fn)

    def set_kernel_enabled(self, device_type, enabled=True):
        """Accepted as a block; the function for the CPU stays."""
        return contextlib.nullcontext()


def custom_op(name, fn=None, /, *, mutates_args, device_types=None, schema=None, tags=None):
    """Makes a function an op, called by its own name or as torch.ops.namespace.name; a decorator without `fn`.

    name: "namespace::name". mutates_args: the names of the arguments that the function writes to. device_types, tags: accepted.
    Gradients come from :func:`register_autograd`; RuntimeError in backward where there are none.

    >>> import steepest as torch
    >>> @torch.library.custom_op("mine::double", mutates_args=())
    ... def double(x: torch.Tensor) -> torch.Tensor:
    ...     return x + x
    >>> double.register_autograd(lambda ctx, g: g * 2)
    >>> x = torch.tensor(3., requires_grad=True)
    >>> double(x).backward()
    >>> x.grad, torch.ops.mine.double(torch.tensor(4.))
    (tensor(2.), tensor(8.))
    """

    def make(fn):
        if "::" not in name:
            raise ValueError(f"Expected name to be of the form 'namespace::name' but got {name}")
        return CustomOpDef(*name.split("::", 1), schema or infer_schema(fn, mutates_args=mutates_args), fn, tags)

    return make if fn is None else make(fn)


@functools.singledispatch
def define(qualname, schema, *, lib=None, tags=()):
    """Defines the op "namespace::name" with the signature `schema`, such as "(Tensor x) -> Tensor"; :func:`impl` gives it a function.

    ValueError where the signature is of another form.
    """
    if not re.fullmatch(r"\(.*\) -> .*", schema, re.DOTALL):
        raise ValueError(f'define(qualname, schema, ...): expected schema to look like e.g. "(Tensor x) -> Tensor" but got "{schema}"')
    op_named(qualname).define(schema)


_KEYS = {"cpu": "CPU", "default": "CompositeExplicitAutograd"}


@functools.singledispatch
def impl(qualname, types, func=None, *, lib=None):
    """Sets the function of an op that :func:`define` has defined; a decorator without `func`.

    types: "cpu", "default" for all devices, other devices, or several of these.
    """

    def register(fn):
        for kind in [types] if isinstance(types, str) else types:
            op_named(_name_of(qualname)).kernels[_KEYS.get(kind, kind)] = fn
        return fn

    return register if func is None else register(func)


def register_kernel(op, device_types, func=None, /, *, lib=None):
    """Sets the function of an op for devices, of which only the CPU is here; a decorator without `func`."""
    return impl(_name_of(op), "default" if device_types is None else device_types, func)


def register_autograd(op, backward, /, *, setup_context=None, lib=None):
    """Sets how gradients of an op are computed.

    backward(ctx, *grads) gives one gradient for every argument, None where there is none; setup_context(ctx, inputs, output) is called
    after the op has run, and keeps in ctx what backward needs.
    """
    op_named(_name_of(op)).formula(backward, setup_context)


def _accepted(op, func):
    return (lambda fn: fn) if func is None else func


def register_fake(op, func=None, /, *, lib=None, _stacklevel=1, allow_override=False):
    """Accepted: shapes are not computed apart from values. A decorator without `func`."""
    return _accepted(op, func)


def impl_abstract(qualname, func=None, *, lib=None, _stacklevel=1):
    """The older name of :func:`register_fake`."""
    return _accepted(qualname, func)


def register_vmap(op, func=None, /, *, lib=None):
    """Sets what is called in the place of an op within vmap; without `func` a decorator, which gives None back, as PyTorch's does.

    Where none is set the op is called for each element.

    func(info, in_dims, *args, **kwargs) gives (outputs, their batch dimensions): info has batch_size and randomness, in_dims has the
    arguments' structure and None for those that are not batched.

    >>> import steepest as torch
    >>> @torch.library.custom_op("mine::triple", mutates_args=())
    ... def triple(x: torch.Tensor) -> torch.Tensor:
    ...     return 3 * x
    >>> torch.library.register_vmap("mine::triple", lambda info, in_dims, x: (3 * x, in_dims[0]))
    >>> torch.vmap(triple)(torch.tensor([1.0, 2.0]))
    tensor([3., 6.])
    """

    def register(f):
        op_named(_name_of(op)).vmap = f

    return register if func is None else register(func)


def register_torch_dispatch(op, torch_dispatch_class, func=None, /, *, lib=None, allow_override=False):
    """Accepted and not used; a decorator without `func`."""
    return _accepted(op, func)


def register_autocast(op, device_type, cast_inputs, /, *, lib=None):
    """Accepted and not used."""


def fallthrough_kernel():
    """NotImplementedError: a mark for Library.impl, not a function to call."""
    raise NotImplementedError("fallthrough_kernel() should never be called.")


class Library:
    """Ops of a namespace: kind "DEF" or "FRAGMENT" to define some, "IMPL" to give functions to those defined elsewhere.

    >>> import steepest as torch
    >>> lib = torch.library.Library("shop", "DEF")
    >>> lib.define("price(Tensor x, float tax) -> Tensor")
    'price'
    >>> lib.impl("price", lambda x, tax: x * tax, "CPU")
    >>> torch.ops.shop.price(torch.tensor(2.), 1.5)
    tensor(3.)
    """

    def __init__(self, ns, kind, dispatch_key=""):
        if kind not in ("IMPL", "DEF", "FRAGMENT"):
            raise ValueError(f"Unsupported kind: {kind}")
        self.ns, self.kind, self.dispatch_key, self._names = ns, kind, dispatch_key, []

    def define(self, schema, alias_analysis="", *, tags=()):
        """Defines an op by "name(arguments) -> results"; returns its name as it stands there."""
        given, parenthesis, rest = schema.partition("(")
        name = given.strip().rpartition("::")[2]
        op_named(f"{self.ns}::{name}").define(parenthesis + rest)
        self._names.append(name)
        return given.strip()

    def impl(self, op_name, fn, dispatch_key="", *, with_keyset=False, allow_override=False):
        """Sets the function of an op for a dispatch key: "CPU", "CompositeExplicitAutograd", "CompositeImplicitAutograd", "Autograd"."""
        if not callable(fn):
            raise TypeError(f"Input function is required to be a callable but found type {type(fn)}")
        name = (op_name.name() if isinstance(op_name, OpOverload) else op_name).rpartition("::")[2]
        if fn is not fallthrough_kernel:
            op_named(f"{self.ns}::{name}").kernels[dispatch_key or self.dispatch_key or "CompositeImplicitAutograd"] = fn

    def _register_fake(self, op_name, fn, _stacklevel=1, *, allow_override=False):
        return fn

    def fallback(self, fn, dispatch_key="", *, with_keyset=False):
        """Accepted and not used."""

    def _destroy(self):
        for name in self._names:
            _ops.forget(f"{self.ns}::{name}")


@define.register
def _define_in(lib: Library, schema, alias_analysis=""):
    """The older form: a decorator that defines "name(arguments) -> results" in a Library, and gives it a function."""

    def register(fn):
        lib.impl(lib.define(schema, alias_analysis), fn)
        return fn

    return register


@impl.register
def _impl_in(lib: Library, name, dispatch_key=""):
    """The older form: a decorator that sets the function of an op for a dispatch key, as Library.impl does."""

    def register(fn):
        lib.impl(name, fn, dispatch_key)
        return fn

    return register


_TESTS = ("test_schema", "test_autograd_registration", "test_faketensor", "test_aot_dispatch_dynamic")


def opcheck(op, args, kwargs=None, *, test_utils=_TESTS, raise_exception=True, atol=None, rtol=None):
    """Calls an op; {name: "SUCCESS"} for each of `test_utils` where it leaves the arguments alone that its signature does not say it
    writes to. AssertionError where it does not."""
    name = _name_of(op)
    program_op = op_named(name)
    before = [x.detach().clone() for x in _ops.tensors_in(args)]
    program_op(*args, **(kwargs or {}))
    if "!" not in program_op.signature and not all(
        x.detach().equal(y) for x, y in zip(_ops.tensors_in(args), before, strict=True)
    ):
        raise AssertionError(f"opcheck(op, ...): test_schema failed with {name} writes to an argument, which its signature does not say")
    return dict.fromkeys([test_utils] if isinstance(test_utils, str) else test_utils, "SUCCESS")
