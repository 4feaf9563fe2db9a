"""Ops within vmap: every sample of the op table gives what calls by element give, whichever of its tensors are batched."""

import numpy as np
import pytest

import steepest as st
from ops.run import arrays, calls, described, main_form
from samples import SAMPLES
from steepest.func import grad, vmap

SIZE = 3
REFUSED = {"allclose", "argwhere", "equal", "masked_select", "nonzero", "unique", "unique_consecutive"}
TEXTS = ("inplace arithmetic", "Batch norm got a batched tensor", "another shape in place", "dynamic shape")
NAMES = sorted(
    name
    for name, op in SAMPLES.items()
    if op.values and not op.random and not op.ties and name not in REFUSED and any(map(described, op.calls))
)


def some_calls(name):
    """The calls with floats; of ops that take none, with integers."""
    return list(calls(name, dtypes=next(kind for kind in "fib" if kind in SAMPLES[name].dtypes)))


def batches(call):
    """Tensors for each element: those of the sample, some of whose values change places."""
    _, _, made = call.tensors()
    return [st.stack([x.roll(k, -1) if x.dim() else x + 0 for k in range(SIZE)]) for x in made]


def chosen(n):
    """Which of n tensors are batched: all, the first, the last."""
    return sorted({tuple(range(n)), (0,), (n - 1,)}) if n else []


def by_element(f, tensors, dims):
    return [f(*(x.clone() if d is None else x.select(d, i).clone() for x, d in zip(tensors, dims))) for i in range(SIZE)]


UPDATING = {"batch_norm", "instance_norm"}  # which write to arguments
DIFFERENTIABLE = [
    name
    for name in NAMES
    if SAMPLES[name].grad is True and not SAMPLES[name].elementwise and name not in UPDATING and not main_form(name).__name__.endswith("_")
]


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients(name):
    form = main_form(name)
    compared = 0
    for call in some_calls(name)[:4]:
        stacked = batches(call)
        given = [k for k, x in enumerate(stacked) if x.is_floating_point()]
        if not given:
            continue
        tensors = [x if k != given[-1] or len(given) == 1 else x[0] for k, x in enumerate(stacked)]
        dims = tuple(0 if x is y else None for x, y in zip(tensors, stacked))

        def total(*inputs, call=call):
            args, kwargs = call.fill(inputs)
            result = form(*args, **kwargs)
            parts = [y for y in (result if isinstance(result, (tuple, list)) else (result,)) if y.requires_grad]
            return sum((y * y).sum() for y in parts)

        f = grad(total, argnums=tuple(given))
        expected = by_element(f, tensors, dims)
        try:
            found = vmap(f, in_dims=dims)(*tensors)
        except RuntimeError as error:
            if any(text in str(error) for text in TEXTS):
                continue
            raise AssertionError((call, dims)) from error
        for got, column in zip(found, zip(*expected, strict=True), strict=True):
            want = np.stack([y.numpy() for y in column])
            np.testing.assert_allclose(got.numpy(), want, rtol=1e-3, atol=1e-4, err_msg=str((call, dims)))
            compared += 1
    assert compared


@pytest.mark.parametrize("name", NAMES)
def test_samples(name):
    form, checked = main_form(name), 0
    for call in some_calls(name)[::2][:12]:
        stacked = batches(call)
        for places in chosen(len(stacked)):
            tensors = [x if k in places else x[0] for k, x in enumerate(stacked)]
            dims = tuple(0 if k in places else None for k in range(len(stacked)))

            def f(*given, call=call):
                args, kwargs = call.fill(given)
                return form(*args, **kwargs)

            checked += 1
            expected = by_element(f, tensors, dims)
            if isinstance(expected[0], (bool, int)):
                assert vmap(f, in_dims=dims, out_dims=None)(*tensors) == expected[0]
                continue
            try:
                found = vmap(f, in_dims=dims)(*[x.clone() for x in tensors])
            except Exception as error:
                if any(text in str(error) for text in TEXTS):
                    continue
                raise AssertionError(f"{name}{call!r} {dims}") from error
            columns = zip(*(arrays(y) for y in expected), strict=True)
            for own, column in zip(arrays(found), columns, strict=True):
                for got, want in zip(own, column, strict=True):
                    assert got.shape == want.shape, (call, dims)
                    assert got.dtype == want.dtype, (call, dims)
                    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5, err_msg=str((call, dims)))
    assert checked
