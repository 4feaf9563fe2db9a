"""The samples run through PyTorch too: values, dtypes, strides of views, gradients and names of nodes are the same."""

import numpy as np
import pytest

import steepest as st
from ops.copies import COPIES
from ops.draw import DTYPES, HALVES, Call, Place
from ops.run import flat, follows
from ops.table import NAMES, first_fit, forms, rows_of
from parity.pair import attempt, plain, public, same_error, tensors_of, to_torch, torch, twin
from samples import SAMPLES

each_op = pytest.mark.parametrize("name", [name for name in NAMES if name in SAMPLES and not SAMPLES[name].call])
ALL = [*DTYPES["f"], *HALVES, *DTYPES["i"], st.bool]
# PyTorch's own values, or derivatives, in float64 are wrong by this many last places.
LESS_EXACT = {
    "linalg_matrix_exp": 1e2, "digamma": 1e6, "polygamma": 1e6, "hardsigmoid": 1e7,
    **dict.fromkeys([f"special_{kind}" for kind in ("airy_ai", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1")], 1e9),
}
# Dtypes in which the two differ; the test tells which of them no longer do.
OTHER_DTYPES = {
    # values here, a RuntimeError there
    **dict.fromkeys(["mm", "mv", "bmm", "mvlgamma"], [st.bool]), "hardtanh": [st.uint8], "linalg_vander": [*HALVES, st.bool],
    # values there, refused here
    "conv1d": [st.bool], "max_pool1d": DTYPES["i"], "cdist": HALVES,
    **dict.fromkeys(["rnn_relu", "rnn_relu_cell", "rnn_tanh_cell"], DTYPES["i"]),
    # other values: NaN there; negative floats as uint8, of which C++ says nothing; a mean of integers here
    **dict.fromkeys(["matrix_exp", "linalg_matrix_exp"], HALVES), "affine_grid_generator": [st.uint8],
    "hinge_embedding_loss": DTYPES["i"],
}
OTHER_SIGNS = {"svd"}  # of the vectors
# PyTorch's derivative is not that of the differences; or it has one where there is none here.
OTHER_GRADIENTS = {"as_strided_scatter", "detach_copy"}
# What other ops than PyTorch's are behind; the test tells where that has changed.
OTHER_NODES = {
    "bilinear", "conv_tbc", "cross_entropy", "cumulative_trapezoid", "frobenius_norm", "linalg_cond",
    "linalg_householder_product", "linalg_matrix_norm", "linalg_matrix_power", "linalg_tensorinv", "nanquantile", "orgqr", "ormqr",
    "quantile", "scaled_dot_product_attention", "trapezoid", "trapz", "triangular_solve", "gru", "lstm", "lstm_cell", "rnn_relu",
    "rnn_tanh", *(COPIES.keys() - OTHER_GRADIENTS),
}


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
    if isinstance(theirs, NotImplementedError) and "not implemented for '" in str(theirs) and not isinstance(ours, Exception):
        return  # a dtype more than PyTorch has
    if isinstance(ours, Exception) or isinstance(theirs, Exception):
        assert same_error(ours, theirs), f"{ours!r} in place of {theirs!r}"[:400]
        return
    for y, t in zip(tensors_of(ours), tensors_of(theirs), strict=True):
        assert (str(y.dtype), tuple(y.shape)) == (str(t.dtype), tuple(t.shape))
        if SAMPLES[name].views and y.numel():
            assert y.stride() == t.stride(), f"strides {y.stride()} in place of {t.stride()}"
    if not SAMPLES[name].values or name in OTHER_SIGNS:
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
    if None in flat(call.args):
        return False
    if form == "method":
        return on_tensor
    if form == "function":  # sizes one by one are for methods and for functions that make tensors
        if name.startswith("max_pool") and isinstance(call.args[-1], bool) or "return_indices" in call.kwargs:
            return False  # indices are for nn's functions
        spread = any(p.type == "int[]..." for p in rows_of(name)[0].params)
        return not (on_tensor and spread and isinstance(call.args[1], int))
    # The row behind the dropouts has another signature than the function around it.
    return twin(name, form) is not None and not (form == "nn" and "dropout" in name)


@each_op
def test_values(name):
    failures = {}
    for form, call in each_call(name):
        try:
            ours, theirs, _, _ = both(name, form, call)
            same(name, ours, theirs)
        except (AssertionError, AttributeError) as error:
            failures.setdefault(call.dtype, []).append(f"{form} {name}{call!r}: " + " ".join(str(error).split())[:300])
    other = OTHER_DTYPES.get(name, [])
    texts = [text for dtype, texts in failures.items() if dtype not in other for text in texts]
    assert not texts, "\n".join(texts)
    assert [dtype for dtype in other if dtype not in failures] == [], "the same by now"


@each_op
def test_gradients(name):
    if SAMPLES[name].random or "f" not in SAMPLES[name].dtypes or name in OTHER_GRADIENTS:
        return
    failures, other_nodes = [], False
    for form, call in each_call(name, [st.float64]):
        ours, theirs, tensors, twins = both(name, form, call, requires_grad=True)
        if isinstance(theirs, Exception) or any(t.is_complex() for t in tensors_of(theirs)):
            continue
        try:
            for y, t in zip(tensors_of(ours), tensors_of(theirs), strict=True):
                assert y.requires_grad == t.requires_grad, f"requires_grad {y.requires_grad}"
                names = [r.grad_fn and r.grad_fn.name() for r in (y, t)]
                if name in OTHER_NODES:
                    other_nodes |= names[0] != names[1]
                elif not str(names[1]).endswith("NotImplemented"):
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
    assert other_nodes == (name in OTHER_NODES), "the same by now"
