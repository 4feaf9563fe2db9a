"""Central differences of functions of tensors, for gradcheck."""

import numpy as np

__all__ = ["elements_of", "numerical_jacobians", "slopes_along"]


def elements_of(tensor):
    """The elements in one dimension, as a numpy copy."""
    return tensor.detach().numpy().flatten()


def _difference(problem, positions, values, step, place=""):
    """``(f(x + step) - f(x - step)) / (2 eps)`` of the outputs at ``positions``; ``values`` is x's memory, put back."""
    before = values.copy()
    sides = []
    try:
        for value in (before - step, before + step):
            values[...] = value
            results = problem.outputs()
            sides.append([(results[i].shape, results[i].dtype, elements_of(results[i])) for i in positions])
    finally:
        values[...] = before
    for low, high in zip(*sides):
        for kind, one, other in zip(("shape", "dtype"), low, high):
            if one != other:
                raise AssertionError(
                    f"Expected `func` to return outputs with the same {kind} when inputs are perturbed {place}"
                    f"by {problem.eps}, but got: {kind}s {one} and {other}."
                )
    return [(high[-1] - low[-1]) / (2 * problem.eps) for low, high in zip(*sides)]


def numerical_jacobians(problem, positions, x):
    """The Jacobian of each output by one input: numpy arrays (input elements, output elements)."""
    # numpy shares the tensor's memory, so writes reach func without a new version or a node in the graph.
    values = x.detach().numpy()
    rows = []
    for index in np.ndindex(values.shape):
        element = values[(*index, ...)]  # a 0-d view, which can be written through
        rows.append(_difference(problem, positions, element, problem.eps, f"on index {index} "))
    return [np.stack(columns) for columns in zip(*rows)]


def slopes_along(problem, positions, x, direction):
    values = x.detach().numpy()
    step = (problem.eps * direction).reshape(values.shape).astype(values.dtype)
    return _difference(problem, positions, values, step)
