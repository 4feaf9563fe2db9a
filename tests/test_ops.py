"""Tests of every op, generated from the table's rows and the samples."""

import os
import subprocess
import sys
from itertools import takewhile

import numpy as np
import pytest

import steepest as st
from ops.draw import HALVES, Call, Place
from ops.run import arrays, calls, check, compare, described, main_form, naming, run
from ops.table import NAMES, ROWS, first_fit, forms, inplace_forms, rows_of
from samples import SAMPLES

each_op = pytest.mark.parametrize("name", [name for name in NAMES if name in SAMPLES])
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, 1e-40, 3e38, 2.5, -3.7]
SHAPES = [[(37,)], [()], [(0, 3)], [(3, 1, 4), (2, 1), (4,)], [(2, 1), (3, 1, 4), ()]]


def test_every_row_has_a_sample():
    assert [name for name in NAMES if name not in SAMPLES] == []
    missed = [row for row in ROWS if not any(row.bind(*call) is not None for call in SAMPLES[row.name].calls)]
    assert missed == [], "no sample call fits these"


def test_every_sample_names_an_op():
    assert [name for name in SAMPLES if name not in NAMES] == []


@each_op
def test_forward(name):
    for call in calls(name):
        with naming(name, call):
            check(name, call, run(name, call))


@each_op
def test_forms_agree(name):
    if SAMPLES[name].call:
        return
    for call in SAMPLES[name].calls:
        drawn = Call(name, call, st.float32 if "f" in SAMPLES[name].dtypes else st.int64)
        by_name = {}
        for form, (function, rows) in forms(name).items():
            row, bound = first_fit(rows, (drawn.args, drawn.kwargs))
            if bound is None or (form == "method" and not isinstance(drawn.args[0], Place)):
                continue
            # A method's arguments may be in another order, as those of where are.
            by_name = by_name or bound
            if by_name.keys() == bound.keys():
                bound = {p.name: by_name[p.name] for p in row.params if p.name in bound}
            positional = list(takewhile(bound.__contains__, (p.name for p in row.params if not p.keyword_only)))
            with naming(f"{form} {name}", drawn):
                expected = run(name, drawn)
                for n in {len(positional), int(form == "method")}:
                    args = tuple(bound[p] for p in positional[:n])
                    kwargs = {p: bound[p] for p in bound if p not in positional[:n]}
                    _same(name, run(name, drawn.with_arguments(args, kwargs), function), expected)


@each_op
def test_shapes(name):
    """Of elementwise ops: a row, a 0-d tensor, an empty one, and shapes that are broadcast."""
    if not SAMPLES[name].elementwise:
        return
    for shapes in SHAPES:
        for call in calls(name, shapes=shapes):
            with naming(name, call):
                check(name, call, run(name, call))


@each_op
@pytest.mark.parametrize("layout", ["transposed", "strided", "expanded"])
def test_layouts(name, layout):
    if not SAMPLES[name].layouts or (layout == "expanded" and _writes(name)):
        return
    for call in calls(name, layout=layout):
        if call.dtype in (st.float32, st.int64, st.bool):
            with naming(name, call):
                result = run(name, call)
                call.layout = "contiguous"
                _same(name, result, run(name, call), 8, 16)


@each_op
def test_memory(name):
    """Views share their elements with an input, all other results share none."""
    op = SAMPLES[name]
    if op.random or name.endswith("_") or not forms(name) and not op.call:
        return
    for call in calls(name, "f"):
        args, kwargs, inputs = call.tensors()
        for y in _tensors(main_form(name)(*args, **kwargs)):
            shared = [np.shares_memory(y.numpy(), x.numpy()) for x in inputs]
            assert not y.numel() or any(shared) == op.views, f"{name}{call!r}"


@each_op
def test_results_may_be_written_in_part(name):
    """A result that is no view has no base that is not recorded, and so its parts can be written."""
    op = SAMPLES[name]
    if op.views or name.endswith("_") or not forms(name) and not op.call:
        return
    for call in calls(name, "f"):
        args, kwargs, inputs = call.tensors()
        for x in inputs:
            x.requires_grad_(x.is_floating_point())
        for y in _tensors(main_form(name)(*args, **kwargs)):
            if y.requires_grad and y.dim() and not y.is_leaf and not any(y is x for x in inputs):
                with naming(name, call):
                    y[..., :1].mul_(2)


def _same(name, one, other, *tolerance):
    if SAMPLES[name].values:
        compare(one, arrays(other), *tolerance or (0, 0))
    assert [y.shape for y in arrays(one)] == [y.shape for y in arrays(other)]


@each_op
def test_nan_and_inf(name):
    op = SAMPLES[name]
    if not op.special or "f" not in op.dtypes:
        return
    pairs = [a.reshape(-1) for a in np.meshgrid(SPECIAL, SPECIAL)]
    options = {"shapes": [pairs[0].shape], "values": pairs} if op.elementwise else {}
    for call in calls(name, "f", **options):
        if not op.elementwise:
            values = next(a for a in call.arrays if a.dtype.kind == "f")
            values.reshape(-1)[1:3] = [np.nan, np.inf][: values.size - 1]
        with naming(name, call):
            check(name, call, run(name, call))


@each_op
def test_halves(name):
    op = SAMPLES[name]
    if not op.halves or "f" not in op.dtypes:
        return
    for dtype in HALVES if op.values else ():
        for sample in op.calls:
            if not any(drawn.dtype(dtype) == dtype for drawn in described(sample)):
                continue
            call = Call(name, sample, dtype)
            with naming(name, call):
                rounded = [st.from_numpy(a).to(dtype) if a.dtype == np.float32 else None for a in call.arrays]
                call.arrays = [a if r is None else r.float().numpy() for a, r in zip(call.arrays, rounded)]
                result = run(name, call)
                call.dtype = st.float32
                wanted = run(name, call)
                places = st.finfo(dtype).eps / st.finfo(st.float32).eps * op.half_tol
                compare(result, arrays(wanted), places, places)
                for y, w in zip(_tensors(result), _tensors(wanted)):
                    assert y.dtype == (dtype if w.dtype == st.float32 else w.dtype)


def _tensors(result):
    if isinstance(result, (list, tuple)):
        return [t for r in result for t in _tensors(r)]
    return [result] if isinstance(result, st.Tensor) else []


@each_op
def test_inplace(name):
    for _, (function, rows) in inplace_forms(name).items():
        for layout in ("contiguous", "strided"):
            for call in calls(name, rows=rows, layout=layout):
                with naming(f"in-place {name}", call):
                    _check_inplace(name, function, call)


def _check_inplace(name, function, call):
    args, kwargs, _ = call.tensors()
    self, alone = args[0], name not in [row.name for row in rows_of(name) if row.places != ["inplace"]]
    if not isinstance(self, st.Tensor):
        return
    before = arrays(self.clone())[0]
    wanted = None if alone or SAMPLES[name].random else run(name, call)
    version = self._version
    st.manual_seed(0)
    if wanted is not None and not _holds(name, self, wanted):
        with pytest.raises(RuntimeError):
            function(*args, **kwargs)
        np.testing.assert_array_equal(arrays(self)[0], before)
        return
    assert function(*args, **kwargs) is self
    assert self._version > version
    if wanted is None:
        check(name, call, self)
    else:
        compare(self, arrays(wanted.to(self.dtype)))


def _holds(name, self, result):
    kind = "f" if self.is_floating_point() else "b" if self.dtype == st.bool else "i"
    same = self.shape == result.shape and st.can_cast(result.dtype, self.dtype)
    return same and (kind in SAMPLES[name].inplace or self.dtype == result.dtype)


@each_op
def test_derivatives(name):
    op = SAMPLES[name]
    if "f" not in op.dtypes or op.random:
        return
    for sample in op.calls:
        call = Call(name, sample, st.float64, at=False)
        if not any(drawn.grad and drawn.dtype(st.float64) == st.float64 for drawn in call.drawn):
            continue
        with naming(name, call):
            _check_derivatives(name, call)


@each_op
def test_derivatives_of_views_and_broadcasts(name):
    """The gradient does not depend on the layout, and has each input's shape where inputs were broadcast."""
    op = SAMPLES[name]
    if "f" not in op.dtypes or op.random or op.grad is not True or _writes(name):
        return
    for call in calls(name, "f", at=False):
        with naming(name, call):
            wanted = _gradients(name, call)
            for call.layout in ("transposed", "strided") if op.layouts else ():
                for one, other in zip(_gradients(name, call), wanted):
                    compare(one, arrays(other), 64, 64)
    for call in calls(name, "f", shapes=SHAPES[3], at=False) if op.elementwise else ():
        if call.dtype == st.float64:
            with naming(name, call):
                args, kwargs, inputs = call.tensors(requires_grad=True)
                assert st.autograd.gradcheck(lambda *xs,
                    call=call: main_form(name)(*call.fill(xs)[0], **call.fill(xs)[1]), inputs, fast_mode=True)


def _gradients(name, call):
    args, kwargs, inputs = call.tensors(requires_grad=True)
    outputs = [y for y in _tensors(main_form(name)(*args, **kwargs)) if y.requires_grad]
    leaves = [t for t in inputs if t.requires_grad]
    if not leaves:
        return []
    seeds = [st.linspace(-1, 1, y.numel(), dtype=y.dtype).reshape(y.shape) for y in outputs]
    grads = st.autograd.grad(outputs, leaves, seeds, allow_unused=True)
    assert all(g is None or (g.shape, g.dtype) == (t.shape, t.dtype) for g, t in zip(grads, leaves))
    return [g for g in grads if g is not None]


def _check_derivatives(name, call):
    op, form = SAMPLES[name], main_form(name)
    _, _, inputs = call.tensors(requires_grad=True)

    def function(*tensors):
        # an op in place may not write into a leaf
        tensors = [t.clone() if t.requires_grad and _writes(name) else t for t in tensors]
        args, kwargs = call.fill(tensors)
        made = _tensors(form(*args, **kwargs))
        assert not any(y.requires_grad for y in made[len(made) - op.constants :])
        return tuple(y for y in made[: len(made) - op.constants] if y.is_floating_point())

    outputs = function(*inputs)
    if not op.grad:
        assert not any(y.requires_grad for y in outputs)
        return
    assert outputs and all(y.requires_grad for y in outputs)
    if op.grad == "refused":
        with pytest.raises((RuntimeError, NotImplementedError), match="not implemented"):
            outputs[0].sum().backward()
        return
    if any(y.isnan().any() for y in outputs):
        st.autograd.backward(outputs, [st.ones_like(y) for y in outputs])
        return
    try:
        assert st.autograd.gradcheck(function, inputs, fast_mode=True)
    except (RuntimeError, NotImplementedError) as error:
        assert op.grad == "partly" and "not implemented" in str(error)
        return
    assert st.autograd.gradgradcheck(function, inputs, fast_mode=True)
    _check_two_ways(function, inputs)
    _check_two_ways(function,
        [t.detach().float().requires_grad_(t.requires_grad) if t.dtype == st.float64 else t for t in inputs])


def _writes(name):
    return name.endswith("_") or not forms(name) and bool(inplace_forms(name))


def _check_two_ways(function, inputs):
    """Backward in one pass of kernels against backward made of recorded ops."""
    leaves = [t for t in inputs if t.requires_grad]
    outputs = [y for y in function(*inputs) if y.requires_grad]
    seeds = [st.linspace(-1, 1, y.numel(), dtype=y.dtype).reshape(y.shape) for y in outputs]
    options = {"allow_unused": True, "retain_graph": True}
    fused = st.autograd.grad(outputs, leaves, seeds, **options)
    recorded = st.autograd.grad(outputs, leaves, seeds, create_graph=True, **options)
    for one, other in zip(fused, recorded):
        assert (one is None) == (other is None)
        if one is not None:
            assert one.dtype == other.dtype
            compare(one, arrays(other), 64, 64)


@each_op
def test_gradient_has_the_rows_name(name):
    op = SAMPLES[name]
    if "f" not in op.dtypes or not op.grad or op.call:
        return
    for sample in op.calls:
        rows = [row for _, tried in forms(name).values() for row in tried]
        names = {row.gradient for row in rows if row.bind(*sample) is not None}
        call = Call(name, sample, st.float64)
        args, kwargs, inputs = call.tensors(requires_grad=True)
        if not names or None in names or not any(t.requires_grad for t in inputs) or _writes(name):
            continue
        with naming(name, call):
            for y in _tensors(main_form(name)(*args, **kwargs)):
                if y.is_floating_point():
                    assert type(y.grad_fn).__name__ in names


@each_op
def test_wrong_arguments_and_docs(name):
    for form, (function, _) in (forms(name) | inplace_forms(name)).items():
        self = (st.ones(2, 2),) if form in ("method", "Tensor") else ()
        for args, kwargs in (((object(),), {}), ((object(),) * 25, {}), (self, {"no_such_argument": 1})):
            with pytest.raises(TypeError):
                function(*args, **kwargs)
        assert name in function.__doc__


@pytest.mark.parametrize("isa", ["v2", "v3", "v4"])
def test_instruction_sets(isa):
    """Values and derivatives once more under another instruction set, where the machine has it."""
    environment = os.environ | {"STEEPEST_ISA": isa}
    program = [sys.executable, "-c", "import steepest; print(steepest._C._isa())"]
    chosen = subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    if chosen != isa or isa == st._C._isa():
        return
    tests = [f"{__file__}::{test}" for test in ("test_forward", "test_shapes", "test_nan_and_inf", "test_derivatives")]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
