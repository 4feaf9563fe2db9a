"""The samples run through PyTorch too: values, dtypes, strides of views, gradients and names of nodes are the same."""

import numpy as np
import pytest

import steepest as st
from ops.draw import DTYPES, HALVES, Call, Place
from ops.run import flat, follows
from ops.table import NAMES, first_fit, forms, rows_of
from parity.pair import attempt, plain, public, same_error, tensors_of, to_torch, torch, twin
from samples import SAMPLES

each_op = pytest.mark.parametrize("name", [name for name in NAMES if name in SAMPLES and not SAMPLES[name].call])
ALL = [*DTYPES["f"], *HALVES, *DTYPES["i"], st.bool]
# PyTorch's own values in float64 have an error of this many last places.
LESS_EXACT = {"polygamma": 1e8, "digamma": 1e8, "hardsigmoid": 1e10}
# Dtypes that PyTorch refuses where steepest does not, or the other way round, or draws other numbers for.
OTHER_DTYPES = {"hardtanh": [st.uint8], **dict.fromkeys(["mm", "mv", "bmm"], [st.bool]), "rrelu": HALVES,
    "rrelu_": HALVES}
# Composites that are made of other ops there.
OTHER_NODES = ["cross_entropy", "bilinear"]


def both(name, form, call, requires_grad=False):
    """(result or exception, result or exception in PyTorch, tensors, tensors there)."""
    _, bound = first_fit(forms(name)[form][1], (call.args, call.kwargs))
    if form == "nn":  # whose old parameters stand between the others
        call = call.with_arguments((), bound)
    args, kwargs, tensors = call.tensors(requires_grad)
    twins = [to_torch(t) for t in tensors]
    other_args, other_kwargs = (to_torch(v) for v in call.fill(twins))
    ours = attempt(st, public(name, form), args, kwargs)
    return ours, attempt(torch, twin(name, form), other_args, other_kwargs), tensors, twins


def same(name, ours, theirs, places=16):
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
        allowed = places * eps * (LESS_EXACT.get(name, 1) if y.dtype == np.float64 else 1)
        np.testing.assert_allclose(y, t, allowed, allowed * max(1, finite.max(initial=0)))


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
    if call.dtype in OTHER_DTYPES.get(name, ()) or None in flat(call.args):
        return False
    if form == "method":
        return on_tensor
    if form == "function":  # sizes one by one are for methods and for functions that make tensors
        spread = any(p.type == "int[]..." for p in rows_of(name)[0].params)
        return not (on_tensor and spread and isinstance(call.args[1], int))
    # The row behind the dropouts has another signature than the function around it.
    return twin(name, form) is not None and not (form == "nn" and "dropout" in name)


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
                attempt(library, library.autograd.grad, (ys, [x for x in xs if x.requires_grad], gs),
                    {"allow_unused": True})
                for library, ys, xs, gs in ((st, outputs[0], tensors, seeds), (torch, outputs[1], twins,
                    [to_torch(g) for g in seeds]))
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
