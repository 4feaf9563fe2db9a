"""gradcheck and gradgradcheck: derivatives from backward against central differences of the function itself."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

import steepest as st

from . import forward_ad
from ._differences import elements_of, numerical_jacobians, slopes_along

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


class GradcheckError(RuntimeError):
    """A gradient that gradcheck or gradgradcheck found to be wrong."""


def gradcheck(
    func,
    inputs,
    *,
    eps=1e-6,
    atol=1e-5,
    rtol=1e-3,
    raise_exception=True,
    nondet_tol=0.0,
    check_undefined_grad=True,
    check_grad_dtypes=False,
    check_batched_grad=False,
    check_batched_forward_grad=False,
    check_forward_ad=False,
    check_backward_ad=True,
    fast_mode=False,
    masked=None,
):
    """Check the gradients of ``func`` at ``inputs`` against ``(func(x + eps) - func(x - eps)) / (2 eps)``.

    Args:
        func: a function of tensors that returns a tensor or a tuple of tensors, without random parts.
        inputs: a tensor or a tuple of them; those with ``requires_grad`` are checked, and should be float64.
        eps: size of the perturbation.
        atol, rtol: allowed is ``|analytical - numerical| <= atol + rtol * |numerical|`` for each element.
        raise_exception: raise GradcheckError, or else return False.
        nondet_tol: by how much two runs of the same backward may differ.
        check_undefined_grad: also check that an output gradient that is not there counts as zero.
        check_grad_dtypes: also check that gradients have their input's dtype.
        fast_mode: compare ``v^T J u`` for one random pair ``u``, ``v`` in place of the whole Jacobian ``J``.
        masked: compare with zero to within tolerances, not exactly, where output gradients are zero.
        check_forward_ad, check_backward_ad: whether tangents (see autograd.forward_ad) and gradients are checked; fast_mode checks
            tangents as a whole, too.
        check_batched_grad, check_batched_forward_grad: not available, must be False.

    Returns True where all gradients are right.

    Raises:
        GradcheckError: where one is wrong; shows both Jacobians, of shape (input elements, output elements).
        ValueError: where no input requires grad.
        RuntimeError: for an input whose elements share memory.
        NotImplementedError: for complex tensors and the checks named above.

    Example:
        >>> import steepest as torch
        >>> x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
        >>> torch.autograd.gradcheck(torch.log1p, x)
        True
    """
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    _refuse("gradcheck", check_batched_grad=check_batched_grad, check_batched_forward_grad=check_batched_forward_grad)
    modes = (check_forward_ad, check_backward_ad)
    problem = _Problem(func, _as_tuple(inputs), eps, atol, rtol, nondet_tol, check_grad_dtypes, masked, *modes)
    return _verdict(problem, fast_mode, check_undefined_grad, raise_exception)


def gradgradcheck(
    func,
    inputs,
    grad_outputs=None,
    *,
    eps=1e-6,
    atol=1e-5,
    rtol=1e-3,
    gen_non_contig_grad_outputs=False,
    raise_exception=True,
    nondet_tol=0.0,
    check_undefined_grad=True,
    check_grad_dtypes=False,
    check_batched_grad=False,
    check_fwd_over_rev=False,
    check_rev_over_rev=True,
    fast_mode=False,
    masked=False,
):
    """Check second derivatives: :func:`gradcheck` of the gradients of ``func``, in inputs and output gradients.

    Args:
        grad_outputs: gradients of the outputs that require grad; drawn from [-1, 1) by default.
        gen_non_contig_grad_outputs: draw them non-contiguous.
        check_fwd_over_rev, check_batched_grad: not available, must be False.
        check_rev_over_rev: must be True.

    The other arguments, the result and the errors are those of :func:`gradcheck`.

    Example:
        >>> import steepest as torch
        >>> x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
        >>> torch.autograd.gradgradcheck(torch.log1p, x)
        True
    """
    if not (check_fwd_over_rev or check_rev_over_rev):
        raise AssertionError("Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True")
    _refuse("gradgradcheck", check_fwd_over_rev=check_fwd_over_rev, check_batched_grad=check_batched_grad)
    inputs = _as_tuple(inputs)
    if grad_outputs is None:
        from ..testing import make_tensor

        options = {"low": -1, "high": 1, "requires_grad": True, "noncontiguous": gen_non_contig_grad_outputs}
        outputs = _differentiable(func(*inputs))
        if not outputs and _differentiable(inputs):
            raise ValueError("gradgradcheck: expected at least one output that requires grad, got none")
        grad_outputs = [make_tensor(y.shape, dtype=y.dtype, device=y.device, **options) for y in outputs]
    grad_outputs = _as_tuple(grad_outputs)

    def gradients(*arguments):
        xs, gs = arguments[: len(inputs)], arguments[len(inputs) :]
        ys = _differentiable(func(*xs))
        grads = st.autograd.grad(ys, _differentiable(xs), gs, create_graph=True, allow_unused=True)
        return tuple(grad for grad in grads if grad is not None)

    arguments = inputs + grad_outputs
    problem = _Problem(gradients, arguments, eps, atol, rtol, nondet_tol, check_grad_dtypes, masked)
    return _verdict(problem, fast_mode, check_undefined_grad, raise_exception)


class _Problem(NamedTuple):
    """What is checked, and how closely."""

    func: object
    inputs: tuple
    eps: float
    atol: float
    rtol: float
    nondet_tol: float
    check_grad_dtypes: bool
    masked: bool
    forward: bool = False
    backward: bool = True

    def outputs(self):
        return _as_tuple(self.func(*self.inputs))

    def variables(self):
        return _differentiable(self.inputs)


def _as_tuple(x):
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def _differentiable(tensors):
    return tuple(x for x in _as_tuple(tensors) if isinstance(x, st.Tensor) and x.requires_grad)


def _refuse(name, **options):
    for option, wanted in options.items():
        if wanted:
            raise NotImplementedError(f"{name}: {option}=True is not available")


def _verdict(problem, fast_mode, check_undefined_grad, raise_exception):
    try:
        _check(problem, fast_mode, check_undefined_grad)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check(problem, fast_mode, check_undefined_grad):
    _check_inputs(problem.inputs)
    results = problem.outputs()
    tensors = {i: y for i, y in enumerate(results) if isinstance(y, st.Tensor)}
    if any(x.is_complex() for x in (*problem.variables(), *tensors.values())):
        raise NotImplementedError("gradcheck: expected real inputs and outputs, got a complex tensor")
    outputs = _differentiable(results)
    if not outputs:
        _check_constant(problem, [i for i, y in tensors.items() if y.is_floating_point()], fast_mode)
        return
    positions = [i for i, y in tensors.items() if y.requires_grad]
    if problem.forward:
        _check_tangents(problem, positions)
    if not problem.backward:
        return
    (_check_directions if fast_mode else _check_jacobians)(problem, positions, outputs)
    _check_zero_seed(problem, outputs)
    if check_undefined_grad:
        _check_missing_seeds(problem)


def _check_inputs(inputs):
    for position, x in enumerate(inputs):
        if not isinstance(x, st.Tensor) or not x.requires_grad:
            continue
        if str(x.dtype) not in ("torch.float64", "torch.complex128"):
            warnings.warn(
                f"Input #{position} requires gradient and is not a double precision floating point or complex. "
                "This check will likely fail if all the inputs are not of double precision floating point or "
                "complex. ",
                stacklevel=5,
            )
        if any(stride == 0 and size > 1 for stride, size in zip(x.stride(), x.shape)):
            raise RuntimeError(
                f"The {position}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                "non-overlapping to be able to compute the numerical gradients correctly. You should call "
                ".contiguous on the input before passing it to gradcheck."
            )
    if not _differentiable(inputs):
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )


def _analytical(problem, output, seeds):
    """Gradients of one output by every input: numpy arrays (input elements, number of seeds)."""
    variables = problem.variables()
    jacobians = [np.zeros((x.numel(), len(seeds)), elements_of(x).dtype) for x in variables]
    for column, seed in enumerate(seeds):
        grads = st.autograd.grad(output, variables, seed, retain_graph=True, allow_unused=True)
        for jacobian, grad, x in zip(jacobians, grads, variables):
            if grad is None:
                continue
            if grad.shape != x.shape:
                raise GradcheckError("Analytical gradient has incorrect size")
            if problem.check_grad_dtypes and grad.dtype != x.dtype:
                raise GradcheckError("Gradient has dtype mismatch")
            jacobian[:, column] = elements_of(grad)
    return jacobians


def _unit_seeds(output):
    return st.eye(output.numel(), dtype=output.dtype).reshape(-1 if output.numel() else 0, *output.shape)


def _analytical_twice(problem, output, seeds):
    first, second = (_analytical(problem, output, seeds) for _ in range(2))
    for one, other in zip(first, second):
        if one.size and abs(one - other).max() > problem.nondet_tol:
            raise GradcheckError(
                "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times "
                "gives different values, although analytical gradient matches numerical gradient."
                f"The tolerance for nondeterminism was {problem.nondet_tol}."
            )
    return first


def _check_jacobians(problem, positions, outputs):
    numerical = [numerical_jacobians(problem, positions, x) for x in problem.variables()]
    for i, output in enumerate(outputs):
        analytical = _analytical_twice(problem, output, _unit_seeds(output))
        for j, (a, by_output) in enumerate(zip(analytical, numerical)):
            n = by_output[i] if by_output else np.zeros_like(a)
            if not np.allclose(a, n, problem.rtol, problem.atol):
                raise GradcheckError(_mismatch(i, j, st.from_numpy(n), st.from_numpy(a)))


def _check_tangents(problem, positions):
    """Compares the Jacobians' columns, as dual tensors carry them through the function, with the numerical ones."""
    for j, x in enumerate(problem.variables()):
        columns = []
        for seed in _unit_seeds(x):
            with forward_ad.dual_level():
                results = _as_tuple(problem.func(*(forward_ad.make_dual(y, seed) if y is x else y for y in problem.inputs)))
                parts = [forward_ad.unpack_dual(results[i]) for i in positions]
                columns.append([elements_of(primal * 0 if tangent is None else tangent) for primal, tangent in parts])
        for i, (a, n) in enumerate(zip(map(np.stack, zip(*columns)), numerical_jacobians(problem, positions, x))):
            if not np.allclose(a, n, problem.rtol, problem.atol):
                raise GradcheckError(_mismatch(i, j, st.from_numpy(n), st.from_numpy(a), " computed with forward mode"))


def _mismatch(output, variable, numerical, analytical, how=""):
    return (
        f"Jacobian{how} mismatch for output {output} with respect to input {variable},\n"
        f"numerical:{numerical}\nanalytical:{analytical}\n"
    )


def _directions(tensors, generator):
    """A random unit vector without negative entries for each tensor, so that errors cannot cancel."""
    vectors = [st.rand(x.numel(), generator=generator).to(st.float64).numpy() for x in tensors]
    return [vector / (np.linalg.norm(vector) or 1.0) for vector in vectors]


def _check_directions(problem, positions, outputs):
    # A generator of its own leaves the caller's random numbers as they were.
    generator = st.Generator()
    us, vs = _directions(problem.variables(), generator), _directions(outputs, generator)
    analytical = []
    for output, v in zip(outputs, vs):
        seed = st.from_numpy(v).to(output.dtype).reshape(output.shape)
        analytical.append([float(u @ vJ[:, 0]) for u, vJ in zip(us, _analytical_twice(problem, output, [seed]))])
    for j, (x, u) in enumerate(zip(problem.variables(), us)):
        for i, (product, v) in enumerate(zip(slopes_along(problem, positions, x, u), vs)):
            a, n = analytical[i][j], float(v @ product)
            # v^T E u, where every element of the Jacobian may be off by E = atol
            if not np.allclose(a, n, problem.rtol, problem.atol * u.sum() * v.sum()):
                raise GradcheckError(_mismatch(i, j, n, a) + _slow_report(problem, positions, outputs[i], i, j))


def _slow_report(problem, positions, output, i, j):
    numerical = numerical_jacobians(problem, positions, problem.variables()[j])[i]
    analytical = _analytical(problem, output, _unit_seeds(output))[j]
    passes = np.allclose(analytical, numerical, problem.rtol, problem.atol)
    return (
        "\nThe quantities above were computed in fast mode. In slow mode the Jacobians are:\n\n"
        f"Numerical:\n {st.from_numpy(numerical)}\nAnalytical:\n{st.from_numpy(analytical)}\n\n"
        f"The max per-element difference (slow mode) is: {abs(numerical - analytical).max()}.\n"
    ) + ("Element-wise differences are small: fast_mode=False would pass.\n" if passes else "")


def _check_constant(problem, positions, fast_mode):
    """Where no output requires grad, the function must not depend on the inputs."""
    variables = problem.variables()
    if fast_mode:
        us = _directions(variables, st.Generator())
        slopes = [slopes_along(problem, positions, x, u) for x, u in zip(variables, us)]
    else:
        slopes = [numerical_jacobians(problem, positions, x) for x in variables]
    bound = problem.nondet_tol if fast_mode else 0.0
    if any((abs(slope) > bound).any() for by_output in slopes for slope in by_output):
        raise GradcheckError("Numerical gradient for function expected to be zero")


def _check_zero_seed(problem, outputs):
    """Backward is linear in the output gradient: zero in, zero out."""
    variables = problem.variables()
    grads = st.autograd.grad(outputs, variables, [st.zeros_like(y) for y in outputs], allow_unused=True)
    for grad, x in zip(grads, variables):
        if grad is None:
            continue
        values = elements_of(grad)
        if not (np.allclose(values, 0.0) if problem.masked else (values == 0).all()):
            raise GradcheckError("backward not multiplied by grad_output")
        for name, got, wanted in (("type", grad.dtype, x.dtype), ("size", grad.shape, x.shape)):
            if got != wanted:
                raise GradcheckError(f"grad is incorrect {name}")


def _check_missing_seeds(problem):
    """Backward must take an output gradient that is absent for zero: all absent at once, then one at a time."""

    class Absent(st.autograd.Function):
        """Passes its input on, and no gradient back."""

        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, grad):
            return None

    count = len(_differentiable(problem.outputs()))
    choices = [set(range(count))] + [{i} for i in range(count) if count > 1]
    for absent in choices:
        outputs = _differentiable(problem.outputs())
        outputs = [Absent.apply(y) if i in absent else y for i, y in enumerate(outputs)]
        zeros = [st.zeros_like(y) for y in outputs]
        try:
            grads = st.autograd.grad(outputs, problem.variables(), zeros, allow_unused=True)
        except RuntimeError as error:
            raise GradcheckError(f"Expected backward function to handle undefined output grads. {error}") from error
        if any(grad is not None and (elements_of(grad) != 0).any() for grad in grads):
            raise GradcheckError(
                "Expected all input grads to be undefined or zero when all output grads are undefined or zero."
            )
