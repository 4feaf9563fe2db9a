"""Gradients, and products of vectors and Jacobians, of functions."""

import functools

from .._C import Tensor
from ..utils._pytree import tree_flatten, tree_unflatten, treespec_pprint
from ._levels import Level, Tangents, output_and_aux, picked

__all__ = ["grad", "grad_and_value", "jvp", "linearize", "recorded_jvp", "recorded_vjp", "vjp"]


def grad(func, argnums=0, has_aux=False):
    """A function that returns the gradients of `func`, which returns a tensor of no dimensions.

    Args:
        argnums: the number of the argument to differentiate by, a tensor or a tree of them (see utils._pytree), or a tuple of numbers
        has_aux: func returns (output, aux), and the function made (gradients, aux); aux is a tree of tensors

    The gradients have the arguments' structure. Modes outside, such as ``no_grad``, do not matter; modes in func do.
    RuntimeError for an output of another kind, or for numbers that are not those of arguments.

    >>> import steepest as torch
    >>> torch.func.grad(torch.func.grad(torch.sin))(torch.tensor(1.0))
    tensor(-0.8415)
    """

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        gradients, value = _grad_and_value(func, argnums, has_aux, args, kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return wrapper


def grad_and_value(func, argnums=0, has_aux=False):
    """As :func:`grad`; the function made returns (gradients, output), or (gradients, (output, aux)).

    >>> import steepest as torch
    >>> torch.func.grad_and_value(lambda x: (x**2).sum())(torch.tensor([1.0, 2.0]))
    (tensor([2., 4.]), tensor(5.))
    """

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        return _grad_and_value(func, argnums, has_aux, args, kwargs)

    return wrapper


def _grad_and_value(func, argnums, has_aux, args, kwargs):
    where = "grad_and_value(f)(*args)"
    with Level() as level:
        result, inputs, spec = level.call(func, args, kwargs, argnums)
        output, aux = output_and_aux(result, has_aux, where)
        if not isinstance(output, Tensor):
            raise RuntimeError(f"{where}: Expected f(*args) to return a Tensor, got {type(output)}")
        if output.dim() != 0:
            raise RuntimeError(
                f"{where}: Expected f(*args) to return a scalar Tensor, got tensor with {output.dim()} dims. "
                "Maybe you wanted to use the vjp or jacrev APIs instead?"
            )
        record = level.watched((output,))
        # What aux was computed from may be shared with the output's graph.
        gradients = level.gradients((output,), inputs, None, retain_graph=record or has_aux, create_graph=record)
        gradients, output = tree_unflatten(level.leave(gradients), spec), level.leave(output)
        return gradients, (output, level.leave(aux)) if has_aux else output


def _checked_outputs(output, function):
    """The tensors of an output and its structure; RuntimeError for what is none, or no tensor."""
    flat, spec = tree_flatten(output)
    if not flat or (len(flat) == 1 and flat[0] is None):
        raise RuntimeError(f"{function}: Expected f to be a function that has non-empty output (got output = {flat})")
    for y in flat:
        if not isinstance(y, Tensor):
            raise RuntimeError(f"{function}: expected f(*primals) to return only tensors, got unsupported type {type(y)}")
    return flat, spec


def recorded_vjp(level, func, args, argnums, has_aux):
    """(outputs, their structure, inputs, their structure, aux) of a call in a level, checked for reverse mode."""
    result, inputs, spec = level.call(func, args, {}, argnums)
    output, aux = output_and_aux(result, has_aux, "vjp(f, *primals)")
    outputs, output_spec = _checked_outputs(output, "vjp(f, *primals)")
    for y in outputs:
        if not (y.is_floating_point() or y.is_complex()):
            raise RuntimeError(
                f"vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype {y.dtype}"
            )
    return outputs, output_spec, inputs, spec, level.leave(aux) if has_aux else None


def vjp(func, *primals, has_aux=False):
    """(func(*primals), vjp_fn), where vjp_fn(cotangents) returns the products of cotangents and the Jacobians, a tuple.

    primals: trees of tensors. cotangents have the structure and shapes of the output. has_aux: func returns (output, aux), and vjp
    (output, vjp_fn, aux). vjp_fn may be called many times.

    >>> import steepest as torch
    >>> output, vjp_fn = torch.func.vjp(lambda x: x**2, torch.tensor([1.0, 2.0]))
    >>> vjp_fn(torch.tensor([1.0, 10.0]))
    (tensor([ 2., 40.]),)
    """
    with Level() as level:
        outputs, output_spec, inputs, spec, aux = recorded_vjp(level, func, primals, None, has_aux)
        output = tree_unflatten(level.leave(outputs), output_spec)

    def wrapper(cotangents, retain_graph=True, create_graph=None):
        flat, cotangents_spec = tree_flatten(cotangents)
        if cotangents_spec != output_spec:
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function. "
                f"cotangents: {treespec_pprint(cotangents_spec)}, primal output: {treespec_pprint(output_spec)}"
            )
        with level:
            record = (level.outside if create_graph is None else create_graph) and (
                any(v.requires_grad for v in flat) or level.leads_elsewhere(outputs)
            )
            found = level.gradients(outputs, inputs, flat, retain_graph, record)
            return tree_unflatten(level.leave(found), spec)

    return (output, wrapper, aux) if has_aux else (output, wrapper)


_JVP = "jvp(f, primals, tangents)"


def _checked_primals(flat, name):
    if not flat:
        raise RuntimeError(f"{_JVP}: Expected {name} to contain at least one Tensor.")
    for x in flat:
        if not isinstance(x, Tensor):
            raise RuntimeError(f"{_JVP}: Expected {name} to only contain Tensors, got {type(x)}")


def recorded_jvp(level, func, args, argnums, has_aux, strict=False, vectors=()):
    """(outputs, their structure, Tangents, aux) of a call in a level, checked for forward mode."""
    flat, _ = tree_flatten(args if argnums is None else picked(args, argnums))
    _checked_primals(flat, "primals")
    for x in flat:
        if not (x.is_floating_point() or x.is_complex()):
            raise ValueError(f"Expected primal to be floating point or complex, but got: {x.dtype}")
    result, inputs, _ = level.call(func, args, {}, argnums, vectors)
    output, aux = output_and_aux(result, has_aux, _JVP)
    outputs, spec = _checked_outputs(output, _JVP)
    if strict and not all(y.requires_grad for y in outputs):
        raise RuntimeError(
            "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. "
            "This is not allowed with strict=True."
        )
    return outputs, spec, Tangents(level, outputs, inputs), level.leave(aux) if has_aux else None


def jvp(func, primals, tangents, *, strict=False, has_aux=False):
    """(func(*primals), the products of the Jacobians and tangents), or (output, products, aux) with has_aux.

    primals: a tuple of trees of tensors; tangents: the same structure and shapes. strict: RuntimeError for an output that does not
    depend on the primals, whose product is zero otherwise. Computed by two reverse passes: what is hidden from recording by ``no_grad``
    counts as constant.

    >>> import steepest as torch
    >>> torch.func.jvp(lambda x: x**2, (torch.tensor([1.0, 2.0]),), (torch.tensor([1.0, 10.0]),))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    if not isinstance(primals, tuple):
        raise RuntimeError(f"{_JVP}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals).")
    (flat, spec), (vectors, vectors_spec) = tree_flatten(primals), tree_flatten(tangents)
    if spec != vectors_spec:
        raise RuntimeError(
            f"{_JVP}: Expected primals and tangents to have the same python structure. For example, if primals is a tuple of 3 tensors, "
            f"tangents also must be. Got primals with structure {spec} and tangents with structure {vectors_spec}"
        )
    _checked_primals(flat, "primals")
    _checked_primals(vectors, "tangents")
    for x, v in zip(flat, vectors, strict=True):
        if x.shape != v.shape:
            raise RuntimeError(
                "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. "
                f"Tensor is of size {list(x.shape)} while the given forward gradient is of size {list(v.shape)}."
            )
    with Level() as level:
        outputs, output_spec, tangents, aux = recorded_jvp(level, func, primals, None, has_aux, strict, vectors)
        products = level.leave(tangents.along(vectors))
        output, products = (tree_unflatten(part, output_spec) for part in (level.leave(outputs), products))
    return (output, products, aux) if has_aux else (output, products)


def linearize(func, *primals):
    """(func(*primals), jvp_fn), where jvp_fn(*tangents) returns the products of the Jacobians at primals and tangents.

    What func recorded is kept, so that jvp_fn costs one reverse pass. RuntimeError for tangents of another structure, shape or dtype.

    >>> import steepest as torch
    >>> output, jvp_fn = torch.func.linearize(torch.sin, torch.zeros(2))
    >>> jvp_fn(torch.tensor([1.0, 2.0]))
    tensor([1., 2.])
    """
    flat, spec = tree_flatten(primals)
    with Level() as level:
        outputs, output_spec, tangents, _ = recorded_jvp(level, func, primals, None, False)
        output = tree_unflatten(level.leave(outputs), output_spec)

    def jvp_fn(*vectors):
        given, given_spec = tree_flatten(vectors)
        if given_spec != spec:
            raise RuntimeError(f"Expected the tangents {given_spec} to have the same argspec as the primals {spec}")
        for i, (x, v) in enumerate(zip(flat, given, strict=True)):
            for what in ("shape", "dtype"):
                if getattr(x, what) != getattr(v, what):
                    raise RuntimeError(
                        f"tangent:{i} with {what} {getattr(v, what)} in flattened pytree doesn't match the {what} "
                        f"{getattr(x, what)} of the corresponding primal."
                    )
        with level:
            return tree_unflatten(level.leave(tangents.along(given)), output_spec)

    return output, jvp_fn
