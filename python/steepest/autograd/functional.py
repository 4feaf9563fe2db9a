"""Jacobians, Hessians and their products with vectors, of functions of tensors."""

from .. import _C, zeros_like
from .._C import Tensor
from . import grad as _grad
from .grad_mode import enable_grad

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


def _as_tuple(x, argument, function):
    if isinstance(x, Tensor):
        return (x,), False
    if not isinstance(x, tuple) or not all(isinstance(t, Tensor) for t in x):
        kind = type(x) if not isinstance(x, tuple) else next(type(t) for t in x if not isinstance(t, Tensor))
        raise TypeError(
            f"The {argument} given to {function} must be either a Tensor or a tuple of Tensors but the given {argument} has type {kind}."
        )
    return x, True


def _leaves(inputs, create_graph):
    """Tensors of the same values to differentiate by, still connected with the inputs where a graph is asked for."""
    return tuple(x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_() for x in inputs)


def _call(func, inputs, function):
    out = func(*inputs)
    return _as_tuple(out, "outputs of the user-provided function", function)


def _scalar(outputs, is_tuple, function):
    if is_tuple:
        raise RuntimeError(f"The function given to {function} should return a single Tensor")
    (y,) = outputs
    if y.numel() != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {function} should contain a single element")
    return y


def _vector(v, like, function, what):
    """v as a tuple of tensors shaped as `like`; where it is None, like must be one element."""
    if v is None:
        if len(like) != 1 or like[0].nelement() != 1:
            raise RuntimeError(f"The vector v can only be None if {what} a single Tensor with a single element.")
        return tuple(x.new_ones(x.shape) for x in like)
    v, _ = _as_tuple(v, "v", function)
    if len(v) != len(like):
        raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(v)}.")
    for i, (a, b) in enumerate(zip(v, like, strict=True)):
        if a.size() != b.size():
            where = f"Entry {i} in " if len(like) > 1 else ""
            raise RuntimeError(f"{where}v has invalid size: should be {b.size()} but got {a.size()}.")
    return v


def _gradients(outputs, inputs, vectors=None, create_graph=False):
    """Sums of gradients; None where nothing depends on an input."""
    pairs = [(y, None if vectors is None else v) for y, v in zip(outputs, vectors or outputs, strict=True) if y.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    ys, vs = zip(*pairs, strict=True)
    return _grad(ys, inputs, None if vectors is None else vs, retain_graph=True, create_graph=create_graph, allow_unused=True)


def _filled(grads, inputs, strict, message):
    if strict and any(g is None for g in grads):
        i = next(i for i, g in enumerate(grads) if g is None)
        raise RuntimeError(message.format(i=i))
    return tuple(zeros_like(x) if g is None else g for g, x in zip(grads, inputs, strict=True))


_INDEPENDENT = "Output 0 of the user-provided function is independent of input {i}. This is not allowed in strict mode."


def _finish(results, is_tuple, create_graph):
    results = tuple(r if create_graph else r.detach() for r in results)
    return results if is_tuple else results[0]


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """The Jacobian of ``func(*inputs)``.

    inputs: a tensor or a tuple of them. Returns for one input and one output a tensor of the output's shape followed by the
    input's, else tuples of such, over outputs and then inputs. With create_graph it can be differentiated again.

    >>> import steepest as torch
    >>> torch.autograd.functional.jacobian(lambda x: x**2, torch.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    from ..func._jacobians import together, units

    inputs, is_tuple = _as_tuple(inputs, "inputs", "jacobian")
    with enable_grad():
        xs = _leaves(inputs, create_graph)
        outputs, outputs_tuple = _call(func, xs, "jacobian")
        rows = []
        for o, y in enumerate(outputs):
            if strict and not y.requires_grad:
                raise RuntimeError(
                    f"Output {o} of the user-provided function does not require gradients. The outputs must be computed in a "
                    "differentiable manner from the input when running in strict mode."
                )
            batches = [_C._grad_rows((y,), xs, (unit,), create_graph) for unit in units(y)] if y.requires_grad else []
            columns = list(zip(*batches, strict=True)) if batches else [(None,)] * len(xs)
            if y.numel():
                _filled([part[0] for part in columns], xs, strict, _INDEPENDENT)
            rows.append(tuple(together(part, x, (*y.shape, *x.shape)) for part, x in zip(columns, xs, strict=True)))
    if not create_graph:
        rows = [tuple(j.detach() for j in row) for row in rows]
    if outputs_tuple:
        return tuple(row if is_tuple else row[0] for row in rows)
    return rows[0] if is_tuple else rows[0][0]


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    """The Hessian of ``func(*inputs)``, a tensor of one element.

    Returns for one input a tensor of its shape twice, for several a tuple of tuples of them.

    >>> import steepest as torch
    >>> torch.autograd.functional.hessian(lambda x: (x**3).sum(), torch.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    inputs, is_tuple = _as_tuple(inputs, "inputs", "hessian")

    def gradient(*xs):
        outputs, outputs_tuple = _call(func, xs, "hessian")
        y = _scalar(outputs, outputs_tuple, "hessian")
        return _filled(_gradients((y,), xs, create_graph=True), xs, strict, _INDEPENDENT)

    result = jacobian(gradient, inputs, create_graph=create_graph, strict=strict)
    return result if is_tuple else result[0][0]


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """(outputs, v J): the product of a vector of the outputs' shape and the Jacobian of ``func(*inputs)``.

    v may be None where the output is a single element.
    """
    with enable_grad():
        inputs, is_tuple = _as_tuple(inputs, "inputs", "vjp")
        xs = _leaves(inputs, create_graph)
        outputs, outputs_tuple = _call(func, xs, "vjp")
        vs = _vector(v, outputs, "vjp", "the user-provided function returns")
        grads = _filled(_gradients(outputs, xs, vs, create_graph), xs, strict, _INDEPENDENT)
    return _finish(outputs, outputs_tuple, create_graph), _finish(grads, is_tuple, create_graph)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """(outputs, J v): the product of the Jacobian of ``func(*inputs)`` and a vector of the inputs' shape, by backward twice."""
    with enable_grad():
        inputs, _ = _as_tuple(inputs, "inputs", "jvp")
        xs = _leaves(inputs, create_graph)
        vs = _vector(v, xs, "jvp", "the input to the user-provided function is")
        outputs, outputs_tuple = _call(func, xs, "jvp")
        ones = tuple(zeros_like(y).requires_grad_() for y in outputs)
        grads = _filled(_gradients(outputs, xs, ones, create_graph=True), xs, strict, _INDEPENDENT)
        products = _filled(_gradients(grads, ones, vs, create_graph), outputs, False, "")
    return _finish(outputs, outputs_tuple, create_graph), _finish(products, outputs_tuple, create_graph)


def _second(func, inputs, v, create_graph, strict, function):
    inputs, is_tuple = _as_tuple(inputs, "inputs", function)
    xs = _leaves(inputs, create_graph)
    vs = _vector(v, xs, function, "the input to the user-provided function is")
    outputs, outputs_tuple = _call(func, xs, function)
    y = _scalar(outputs, outputs_tuple, function)
    grads = _filled(_gradients((y,), xs, create_graph=True), xs, strict, _INDEPENDENT)
    return y, xs, vs, grads, is_tuple


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """(output, v H): the product of a vector of the inputs' shape and the Hessian of ``func(*inputs)``, which is one element."""
    with enable_grad():
        y, xs, vs, grads, is_tuple = _second(func, inputs, v, create_graph, strict, "vhp")
        products = _filled(_gradients(grads, xs, vs, create_graph), xs, strict, _INDEPENDENT)
    return _finish((y,), False, create_graph), _finish(products, is_tuple, create_graph)


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """(output, H v): as vhp, which costs less and is equal where the Hessian is symmetric."""
    with enable_grad():
        y, xs, vs, grads, is_tuple = _second(func, inputs, v, create_graph, strict, "hvp")
        ones = tuple(zeros_like(x).requires_grad_() for x in xs)
        doubles = _filled(_gradients(grads, xs, ones, create_graph=True), xs, strict, _INDEPENDENT)
        products = _filled(_gradients(doubles, ones, vs, create_graph), xs, strict, _INDEPENDENT)
    return _finish((y,), False, create_graph), _finish(products, is_tuple, create_graph)
