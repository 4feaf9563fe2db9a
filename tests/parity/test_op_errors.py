"""The samples with one argument made wrong: the exception is PyTorch's, and the arguments stay as they were."""

from dataclasses import replace

import numpy as np
import pytest

import steepest as st
from ops.draw import Call, Place
from ops.run import flat
from ops.table import NAMES, first_fit, forms
from parity.pair import attempt, public, same_error, tensors_of, to_torch, torch, twin
from samples import SAMPLES

DIMS = ("dim", "dim0", "dim1", "dim2", "dims", "axis0", "axis1", "source", "destination", "start_dim", "end_dim")
KINDS = {"f": "x", "i": "i", "b": "b"}
# What differs; the test tells which of these no longer do.
OTHERWISE = {
    "binary_cross_entropy_with_logits", "cross", "hinge_embedding_loss", "huber_loss", "ldexp", "linalg_cross",
    "linalg_vander", "mvlgamma", "soft_margin_loss",  # mixed dtypes are promoted, bools are numbers
    "conv_tbc", "instance_norm", "linalg_solve_triangular", "native_batch_norm",  # PyTorch does not look at sizes and dtypes
    "embedding",  # which of two errors
    "take_along_dim",  # indices have to be int64
}
CRASHES = {"lstm"}  # PyTorch writes past its memory for an input of 2 columns
each_op = pytest.mark.parametrize(
    "name", [n for n in NAMES if n in SAMPLES and n not in CRASHES and not n.endswith("_")]
)


def mutations(bound, call):
    """(what is wrong, arguments by name, {number of an array: another array})."""
    for name, value in bound.items():
        if name in DIMS and isinstance(value, int) and not isinstance(value, bool):
            for dim in (7, -8):
                yield f"{name}={dim}", {**bound, name: dim}, {}
        elif isinstance(value, Place):
            array = call.arrays[value.number]
            for shape in ((5, 3, 2), (0,)):
                yield f"{name} of shape {shape}", bound, {value.number: np.zeros(shape, array.dtype)}
            for dtype in {np.dtype(d) for d in (np.float64, np.int64, np.int32, np.bool_)} - {array.dtype}:
                with np.errstate(invalid="ignore"):
                    yield f"{name} of {dtype}", bound, {value.number: array.astype(dtype)}
        if value is not None:
            yield f"{name} an object", {**bound, name: object()}, {}


@each_op
def test_errors(name):
    op = SAMPLES[name]
    form = next((f for f in forms(name) if f != "method"), "method")
    if op.random or op.call or not forms(name) or not twin(name, form):
        return
    failures = []
    for sample in op.calls[:2]:
        call = Call(name, sample, st.float32)
        _, bound = first_fit(forms(name)[form][1], (call.args, call.kwargs))
        if bound is None or None in flat(call.args) or any(a.size == 0 for a in call.arrays):
            continue
        for what, arguments, changed in mutations(bound, call):
            ours, theirs = outcomes(name, form, call, arguments, changed)
            # a missing dimension is found by its number there, by the shape here
            alike = ("IndexError",) if "shape" in what else ("TypeError", "AttributeError",
                "ValueError") if "object" in what else ()
            if not same(ours, theirs, alike):
                failures.append(f"{name} with {what}: {ours!r} in place of {theirs!r}"[:400])
    assert bool(failures) == (name in OTHERWISE), "\n".join(failures) or "the same by now"


def outcomes(name, form, call, arguments, changed):
    wrong = call.with_arguments((), arguments)
    wrong.arrays = [changed.get(k, a) for k, a in enumerate(call.arrays)]
    wrong.drawn = [replace(d, follows=KINDS[a.dtype.kind]) for d, a in zip(call.drawn, wrong.arrays)]
    tensors = [st.from_numpy(a.copy()) for a in wrong.arrays]
    twins = [to_torch(t) for t in tensors]
    results = []
    for library, function, made in ((st, public(name, form), tensors), (torch, twin(name, form), twins)):
        _, kwargs = wrong.fill(made)
        kwargs = to_torch(kwargs) if library is torch else kwargs
        args = (kwargs.pop(next(iter(kwargs))),)  # by its place: PyTorch's own name of it often is not the documented one
        results.append(attempt(library, function, args, kwargs))
    for tensor, array in zip(tensors, wrong.arrays):
        np.testing.assert_array_equal(tensor.numpy(), array, f"{name}: an argument was changed")
    return results


def same(ours, theirs, alike):
    if any(isinstance(r, Exception) for r in (ours, theirs)):
        return same_error(ours, theirs, *alike)
    shapes = [[(str(t.dtype), tuple(t.shape)) for t in tensors_of(r)] for r in (ours, theirs)]
    return shapes[0] == shapes[1]
