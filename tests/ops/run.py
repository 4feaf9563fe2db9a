"""Running samples: results as numpy arrays, comparison with what they should be, and failures that name the call."""

import contextlib

import numpy as np

import steepest as st
from samples import SAMPLES

from .draw import DTYPES, Call, Drawn
from .table import first_fit, forms, inplace_forms, rows_of

EPS = {"float64": 2.0**-52, "float32": 2.0**-23}


def calls(name, dtypes="fib", rows=None, **options):
    """A Call for each sample call that fits `rows`, by default of any form, in each of `dtypes` that the op takes."""
    op = SAMPLES[name]
    rows = rows or [row for _, tried in forms(name).values() for row in tried] or rows_of(name)
    for call in op.calls:
        if first_fit(rows, call)[0] is None:
            continue
        kinds = [dtype for kind in op.dtypes if kind in dtypes for dtype in DTYPES[kind]]
        for dtype in kinds if follows(call) else kinds[:1]:
            yield Call(name, call, dtype, **options)


def follows(call):
    """Whether a tensor of the call has the dtype under test."""
    return any(drawn.follows != "i" and drawn.follows != "b" for drawn in described(call))


def described(call):
    """The descriptions of tensors among a sample call's arguments, lists included."""
    found = []

    def look(value):
        if isinstance(value, Drawn):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            for v in value:
                look(v)

    look([*call[0], *call[1].values()])
    return found


def main_form(name):
    """What the op's samples are run through: a callable of the arguments that returns the result."""
    op, found = SAMPLES[name], forms(name)
    if op.call:
        return op.call
    if found:
        return next(iter(found.values()))[0]
    return next(iter(inplace_forms(name).values()))[0]


def run(name, call, form=None):
    """The result of a call, with a fresh seed and fresh arguments."""
    args, kwargs, _ = call.tensors()
    st.manual_seed(0)
    return (form or main_form(name))(*args, **kwargs)


def arrays(result):
    """The result's tensors as numpy arrays, in a list; halves as float32."""
    if isinstance(result, (list, tuple)):
        return [a for r in result for a in arrays(r)]
    if isinstance(result, st.Tensor):
        result = result.detach()
        return [(result.float() if result.dtype in (st.float16, st.bfloat16) else result).numpy()]
    return [np.asarray(result)]


@contextlib.contextmanager
def naming(name, call):
    """Failures inside say which call it was."""
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{name}{call!r}: {type(error).__name__}: {error}") from error


def compare(actual, expected, rtol=8, atol=16):
    """Shapes and kinds of dtype are equal; floats within `rtol` last places, or `atol` of those of the largest or 1."""
    actual, expected = arrays(actual), [np.asarray(e) for e in flat(expected)]
    assert len(actual) == len(expected), f"{len(actual)} results in place of {len(expected)}"
    for a, e in zip(actual, expected):
        assert a.shape == e.shape, f"shape {a.shape} in place of {e.shape}"
        assert kind(a) == kind(e), f"dtype {a.dtype} in place of {e.dtype}"
        if kind(a) != "f":
            np.testing.assert_array_equal(a, e.astype(a.dtype))
            continue
        eps = EPS[str(a.dtype)]
        e = e.astype(float)
        finite = abs(e[np.isfinite(e)])
        largest = max(1, finite.max(initial=0))
        with np.errstate(all="ignore"):
            e = np.where(abs(e) > np.finfo(a.dtype).max, np.copysign(np.inf, e), e)
        tiny = float(np.finfo(a.dtype).tiny)
        np.testing.assert_allclose(a, e, rtol * eps, atol * eps * largest + tiny * eps * 2)


def flat(result):
    if isinstance(result, (list, tuple)):
        return [a for r in result for a in flat(r)]
    return [result]


def kind(array):
    return {"u": "i"}.get(array.dtype.kind, array.dtype.kind)


def expected(name, call):
    of = SAMPLES[name].ref
    with np.errstate(all="ignore"):
        args, kwargs = call.numpy()
        result = of(*args, **kwargs)
        if any(a.dtype == np.float16 for a in arrays(result)):  # what numpy makes of bools
            args, kwargs = call.numpy(np.float64)
            result = of(*args, **kwargs)
    return result


def check(name, call, result):
    """The result against the op's reference, or by its condition."""
    op = SAMPLES[name]
    if not op.values:
        return
    if op.ref:
        compare(result, expected(name, call), op.rtol, op.atol)
        return
    args, kwargs = call.numpy()
    found = arrays(result)
    assert op.check(found if isinstance(result, tuple) else found[0], *args, **kwargs)
