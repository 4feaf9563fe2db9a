"""The samples run through PyTorch too: values, dtypes, strides, gradients, names of nodes, and errors are the same."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from ops.draw import DTYPES, HALVES, Call, Place
from ops.run import arrays, flat, follows
from ops.table import NAMES, first_fit, forms, rows_of
from samples import SAMPLES

import steepest as st

torch = pytest.importorskip("torch")
each_op = pytest.mark.parametrize("name", [name for name in NAMES if name in SAMPLES and not SAMPLES[name].call])
# PyTorch's own values are good to these places only, or it refuses what works here.
LESS_EXACT = {"polygamma": 1e7, "digamma": 1e7, "hardsigmoid": 1e9}
REFUSED = {"hardtanh": [st.uint8], **dict.fromkeys(["mm", "mv", "bmm", "searchsorted", "bucketize"], [st.bool])}
# Nodes of composites that are made of other ops there.
OTHER_NODES = ["cross_entropy", "bilinear"]
PLACES = {"function": torch, "method": torch.Tensor, "nn": torch.nn.functional, "linalg": torch.linalg}
PREFIXES = {"linalg": "linalg_"}
ALL = [*DTYPES["f"], *HALVES, *DTYPES["i"], st.bool]


def to_torch(value):
    """The same argument for PyTorch: an own tensor with the same values, strides and dtype."""
    if isinstance(value, st.Tensor):
        half = value.dtype in HALVES
        plain = value.detach().float() if half else value.detach()
        other = torch.from_numpy(plain.numpy().copy()).to(getattr(torch, str(value.dtype).removeprefix("torch.")))
        return other.requires_grad_(value.requires_grad)
    if isinstance(value, st.dtype):
        return getattr(torch, str(value).removeprefix("torch."))
    if isinstance(value, dict):
        return {k: to_torch(v) for k, v in value.items()}
    return type(value)(map(to_torch, value)) if isinstance(value, (list, tuple)) else value


def both(name, form, call, requires_grad=False):
    """(result or exception, tensors) of both libraries."""
    function, rows = forms(name)[form]
    place = PLACES[form]
    _, bound = first_fit(rows, (call.args, call.kwargs))
    twin = getattr(place, name.removeprefix(PREFIXES.get(form, "")))
    args, kwargs, tensors = call.tensors(requires_grad)
    twins = [to_torch(t) for t in tensors]
    if form == "nn" and bound is not None:  # whose old parameters stand between the others
        named = call.with_arguments((), bound)
        kwargs = named.fill(tensors)[1]
        other_args, other_kwargs = (), to_torch(named.fill(twins)[1])
        args = ()
    else:
        other_args, other_kwargs = (to_torch(v) for v in call.fill(twins))
    return attempt(st, function, args, kwargs), attempt(torch, twin, other_args, other_kwargs), tensors, twins


def attempt(library, function, args, kwargs):
    library.manual_seed(0)
    try:
        with warnings.catch_warnings():
            if library is torch:
                warnings.simplefilter("ignore")
            return function(*args, **kwargs)
    except Exception as error:
        return error


def tensors_of(result):
    if isinstance(result, (list, tuple)):
        return [t for r in result for t in tensors_of(r)]
    return [result] if isinstance(result, (st.Tensor, torch.Tensor)) else []


def plain(result):
    if isinstance(result, (list, tuple)):
        return [a for r in result for a in plain(r)]
    if isinstance(result, torch.Tensor):
        result = result.detach()
        return [(result.float() if result.dtype in (torch.float16, torch.bfloat16) else result).numpy()]
    return arrays(result)


def same_error(ours, theirs):
    kinds = [type(e).__name__ for e in (ours, theirs)]
    if not (isinstance(ours, Exception) and isinstance(theirs, Exception)):
        return False
    return kinds[0] == kinds[1] or {*kinds} == {"RuntimeError", "NotImplementedError"}


def same(name, ours, theirs, places=16):
    if isinstance(theirs, TypeError) and "unexpected keyword" in str(theirs):
        return  # the row stands behind a function of nn.functional with other arguments
    if isinstance(ours, Exception) or isinstance(theirs, Exception):
        assert same_error(ours, theirs), f"{ours!r} in place of {theirs!r}"[:400]
        return
    for y, t in zip(tensors_of(ours), tensors_of(theirs), strict=True):
        assert (str(y.dtype), tuple(y.shape)) == (str(t.dtype), tuple(t.shape))
        if SAMPLES[name].views and y.numel():
            assert y.stride() == t.stride(), f"strides {y.stride()} in place of {t.stride()}"
    if not SAMPLES[name].values:
        return
    for y, t, e in zip(plain(ours), plain(theirs), [*tensors_of(theirs), None] or [None]):
        if y.dtype.kind != "f":
            np.testing.assert_array_equal(y, t)
            continue
        eps = torch.finfo(e.dtype).eps if e is not None and e.is_floating_point() else 1e-15
        finite = abs(t[np.isfinite(t)])
        places *= LESS_EXACT.get(name, 1)
        atol = places * eps * max(1, finite.max(initial=0))
        np.testing.assert_allclose(y, t, places * eps, atol)


def each_call(name, dtypes=ALL):
    if SAMPLES[name].ties:
        dtypes = [dtype for dtype in dtypes if dtype in DTYPES["f"]]
    for sample in SAMPLES[name].calls:
        for dtype in dtypes if follows(sample) else dtypes[:1]:
            call = Call(name, sample, dtype)
            for form, (_, rows) in forms(name).items():
                fits = first_fit(rows, (call.args, call.kwargs))[0]
                if fits and comparable(name, form, call):
                    yield form, call


def comparable(name, form, call):
    """Whether PyTorch has this call, too."""
    on_tensor = bool(call.args) and isinstance(call.args[0], Place)
    if call.dtype in REFUSED.get(name, ()) or None in flat(call.args):
        return False
    if form == "method":
        return on_tensor
    if form == "function":  # sizes one by one are for methods and for functions that make tensors
        return not (on_tensor and any(p.type == "int[]..." for p in rows_of(name)[0].params) and isinstance(call.args[1], int))
    return hasattr(torch.nn.functional, name) if form == "nn" else True


@each_op
def test_values(name):
    failures = []
    for form, call in each_call(name):
        try:
            ours, theirs, _, _ = both(name, form, call)
            same(name, ours, theirs)
        except (AssertionError, AttributeError) as error:
            failures.append(f"{form} {name}{call!r}: " + " ".join(str(error).split())[:300])
    assert not failures, "\n".join(failures)


@each_op
def test_gradients(name):
    if SAMPLES[name].random or "f" not in SAMPLES[name].dtypes:
        return
    failures = []
    for form, call in each_call(name, [st.float64]):
        ours, theirs, tensors, twins = both(name, form, call, requires_grad=True)
        if isinstance(theirs, Exception):
            continue
        try:
            for y, t in zip(tensors_of(ours), tensors_of(theirs), strict=True):
                assert y.requires_grad == t.requires_grad, f"requires_grad {y.requires_grad}"
                names = [r.grad_fn and r.grad_fn.name() for r in (y, t)]
                if name not in OTHER_NODES and not str(names[1]).endswith("NotImplemented"):
                    assert names[0] == names[1], f"{names[0]} in place of {names[1]}"
            outputs = [[y for y in tensors_of(result) if y.requires_grad] for result in (ours, theirs)]
            if not outputs[0]:
                continue
            seeds = [st.linspace(-1, 1, y.numel(), dtype=y.dtype).reshape(y.shape) for y in outputs[0]]
            grads = [
                attempt(library, library.autograd.grad, (ys, [x for x in xs if x.requires_grad], gs), {"allow_unused": True})
                for library, ys, xs, gs in ((st, outputs[0], tensors, seeds), (torch, outputs[1], twins, [to_torch(g) for g in seeds]))
            ]
            if isinstance(grads[1], Exception):
                continue  # there are ops of which PyTorch has no derivative for all arguments
            assert not isinstance(grads[0], Exception), repr(grads[0])
            for one, other in zip(*grads):
                assert other is not None or one is None or not one.any(), "a gradient in place of None"
                if one is not None and other is not None:
                    same(name, one.contiguous(), other.contiguous(), 64)
        except (AssertionError, AttributeError) as error:
            failures.append(f"{form} {name}{call!r}: " + " ".join(str(error).split())[:300])
    assert not failures, "\n".join(failures)


DIMS = ("dim", "dim0", "dim1", "dim2", "dims", "axis0", "axis1", "source", "destination", "start_dim", "end_dim")


def mutations(name, call):
    """(what is wrong, call) with one argument changed."""
    row, bound = first_fit([row for _, rows in forms(name).values() for row in rows], (call.args, call.kwargs))
    for parameter, value in bound.items():
        if parameter in DIMS and isinstance(value, int) and not isinstance(value, bool):
            for dim in (7, -8):
                yield f"{parameter}={dim}", {**bound, parameter: dim}, {}
        elif isinstance(value, Place):
            for shape in ((5, 3, 2), (0,), ()):
                yield f"{parameter} of shape {shape}", bound, {value.number: np.zeros(shape, call.arrays[value.number].dtype)}
            for dtype in (np.float64, np.int64, np.int32, np.bool_):
                if call.arrays[value.number].dtype != dtype:
                    yield f"{parameter} of {dtype.__name__}", bound, {value.number: call.arrays[value.number].astype(dtype)}
            yield f"{parameter} a str", {**bound, parameter: "word"}, {}
            yield f"{parameter} None", {**bound, parameter: None}, {}
        elif value is not None:
            yield f"{parameter} a str", {**bound, parameter: "word"}, {}
            yield f"{parameter} an object", {**bound, parameter: object()}, {}


@each_op
def test_errors(name):
    """One wrong argument: the same exception, and the arguments as they were."""
    if SAMPLES[name].random:
        return
    failures = []
    for sample in SAMPLES[name].calls[:2]:
        call = Call(name, sample, st.float32)
        form = next((f for f in forms(name) if f != "method"), "method")
        if not comparable(name, form, call) or (form == "method" and name not in dir(torch.Tensor)):
            continue
        for what, bound, changed in mutations(name, call):
            wrong = call.with_arguments((), bound)
            wrong.arrays = [changed.get(k, a) for k, a in enumerate(call.arrays)]
            wrong.drawn = [replace(d, follows={"f": "x", "i": "i", "b": "b"}[a.dtype.kind]) for d, a in zip(call.drawn, wrong.arrays)]
            tensors = [st.from_numpy(a.copy()) for a in wrong.arrays]
            twins = [to_torch(t) for t in tensors]
            results = []
            for library, holders, made in ((st, None, tensors), (torch, PLACES[form], twins)):
                _, kwargs = wrong.fill(made)
                function = forms(name)[form][0] if library is st else getattr(holders, name.removeprefix(PREFIXES.get(form, "")))
                if library is torch:
                    kwargs = to_torch(kwargs)
                args = (kwargs.pop(next(iter(kwargs))),) if form == "method" else ()
                results.append(attempt(library, function, args, kwargs))
            for t, a in zip(tensors, wrong.arrays):
                np.testing.assert_array_equal(t.numpy(), a)
            try:
                same_outcome(name, *results)
            except AssertionError as error:
                failures.append(f"{name} with {what}: " + " ".join(str(error).split())[:300])
    assert not failures, "\n".join(dict.fromkeys(failures))


def same_outcome(name, ours, theirs):
    if any(isinstance(r, Exception) for r in (ours, theirs)):
        assert same_error(ours, theirs), f"{ours!r} in place of {theirs!r}"[:300]
    else:
        shapes = [[(str(t.dtype), tuple(t.shape)) for t in tensors_of(r)] for r in (ours, theirs)]
        assert shapes[0] == shapes[1], f"{shapes[0]} in place of {shapes[1]}"
