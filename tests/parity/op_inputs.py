"""PyTorch's own test inputs of each op, its op_db, run through both libraries: which checks agree.

    cd tests && python -m parity.op_inputs        # writes op_inputs.txt anew, when an op has learned something

A check is a sample (evenly chosen ones, at most MOST per dtype) in one of these regards: its value; its gradients, in float64; its form
as a method and as an in-place method, of the first samples; or the exception that an error input raises. op_inputs.txt has a line for
each op: how many checks there are, and the names of those that fail. test_op_inputs.py fails where another one does.
"""

import functools
import random
import sys
import types
import warnings
from pathlib import Path

import numpy as np

import steepest as st
from parity.pair import tensors_of, torch

LIST = Path(__file__).with_suffix(".txt")
MOST, FORMS = 10, 3
DTYPES = (torch.float64, torch.float32, torch.int64, torch.bool)
# Their values are not determined: memory as it was found, and vectors with a sign or an order of their own.
OPEN = ("empty", "svd", "qr", "eig", "lowrank", "geqrf", "resize")


def ops():
    """{name: OpInfo}; variants of one function have names of their own."""
    from torch.testing._internal.common_methods_invocations import op_db

    return {op.full_name: op for op in op_db if not op.name.startswith("jiterator")}


class Absent(Exception):
    """steepest has no such function."""


def find(root, path):
    for part in path.split("."):
        root = getattr(root, part, None)
    return root


def ours(function, name):
    """steepest's counterpart of a function of PyTorch, of a lambda around one, or of a partial of one."""
    if isinstance(function, functools.partial):
        return functools.partial(ours(function.func, name), *function.args, **function.keywords)
    if isinstance(function, (torch._ops.OpOverload, torch._ops.OpOverloadPacket)):
        if find(st, str(function).split(".")[1]) is None:
            raise Absent(name)
        return find(st, str(function).split(".")[1])
    for path in (name, f"nn.functional.{name}", f"Tensor.{name}", f"Tensor.{name.rpartition('.')[2]}", getattr(function, "__name__", name)):
        if find(torch, path) is function:
            if find(st, path) is None:
                raise Absent(path)
            return find(st, path)
    if isinstance(function, types.FunctionType) and function.__module__.startswith("torch.testing"):
        cells = function.__closure__ and tuple(types.CellType(rebuilt(c.cell_contents, name)) for c in function.__closure__)
        names = {**function.__globals__, "torch": st, "wrapper_set_seed": seeded}
        return types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells)
    raise Absent(name)


def rebuilt(value, name):
    return ours(value, name) if isinstance(value, types.FunctionType) else value


def seeded(function, *args, **kwargs):
    st.manual_seed(42)
    return function(*args, **kwargs)


class Arguments:
    """Arguments for steepest: with the same strides, and sharing memory where PyTorch's do."""

    def __init__(self):
        self.tensors, self.memory = {}, {}

    def __call__(self, value):
        if isinstance(value, torch.Tensor):
            if id(value) not in self.tensors:
                self.tensors[id(value)] = value, self.tensor(value)
            return self.tensors[id(value)][1]
        if isinstance(value, (torch.dtype, torch.layout, torch.memory_format)):
            return getattr(st, str(value).removeprefix("torch."))
        if isinstance(value, torch.device):
            return st.device(str(value))
        if isinstance(value, dict):
            return {k: self(v) for k, v in value.items()}
        if isinstance(value, torch.Size):
            return st.Size(value)
        if isinstance(value, (list, tuple)):
            return type(value)(map(self, value))
        if isinstance(value, slice):
            return slice(self(value.start), self(value.stop), self(value.step))
        if isinstance(value, torch.nn.Module):
            return getattr(st.nn, type(value).__name__)()
        return ours(value, value.__name__) if isinstance(value, types.FunctionType) else value

    def tensor(self, value):
        plain = value.detach().resolve_conj().resolve_neg()
        memory = plain.untyped_storage()
        key = memory.data_ptr(), plain.dtype
        if key not in self.memory or not memory:
            whole = plain.new_empty(0).set_(memory)
            half = plain.dtype == torch.bfloat16
            made = st.from_numpy((whole.float() if half else whole).numpy().copy())
            self.memory[key] = memory, made.to(st.bfloat16) if half else made
        cut = self.memory[key][1].as_strided(tuple(plain.shape), tuple(plain.stride()), plain.storage_offset())
        return cut.requires_grad_(value.requires_grad)


def samples(op, dtype):
    """(its number, sample), evenly chosen."""
    differentiable = dtype == torch.float64 and op.supports_autograd
    every = list(op.sample_inputs("cpu", dtype, requires_grad=differentiable))
    for i in sorted({round(i * (len(every) - 1) / max(1, MOST - 1)) for i in range(MOST)} if every else ()):
        yield i, every[i]


def as_numpy(t):
    t = t.to_dense() if t.is_sparse else t
    return np.array((t.float() if str(t.dtype) == "torch.bfloat16" else t).numpy(force=True))


def compare(mine, theirs, values=True):
    """AssertionError where results differ in structure, shape, dtype, or by more than PyTorch's own tests allow, of the largest value."""
    if isinstance(theirs, torch.Tensor):
        assert isinstance(mine, st.Tensor) and tuple(mine.shape) == tuple(theirs.shape) and str(mine.dtype) == str(theirs.dtype)
        assert str(mine.layout) == str(theirs.layout)
        if values:
            m, t = (torch.from_numpy(as_numpy(t)) for t in (mine, theirs))
            rtol, atol = torch.testing._comparison.default_tolerances(t)
            finite = t[t.isfinite()].abs() if t.is_floating_point() else t.new_empty(0)
            largest = float(finite.max()) if finite.numel() else 1.0
            torch.testing.assert_close(m, t, rtol=rtol, atol=atol * max(1.0, largest), equal_nan=True)
    elif isinstance(theirs, (list, tuple)):
        assert len(mine) == len(theirs)
        for m, t in zip(mine, theirs):
            compare(m, t, values)
    else:
        assert isinstance(mine, (st.dtype, st.device)) or mine == theirs or mine != mine


class Checks:
    """The checks of one op, by name, each with the text of its failure or None."""

    def __init__(self, name, op):
        self.name, self.op, self.results = name, op, {}
        self.values = not any(word in op.name for word in OPEN)
        self.function = ours(op.op, op.name)
        for dtype in DTYPES:
            if dtype in op.supported_dtypes("cpu"):
                for k, (i, sample) in enumerate(samples(op, dtype)):
                    self.sample(f"{str(dtype).removeprefix('torch.')}.{i}", sample, forms=k < FORMS)
        if op.error_inputs_func is not None:
            for i, wrong in enumerate(op.error_inputs("cpu")):
                self.error(f"error.{i}", wrong)

    def check(self, key, body):
        try:
            self.results[key] = body()
        except Exception as error:
            self.results[key] = f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]

    def theirs(self, function, sample):
        """PyTorch's result; None where PyTorch itself refuses the sample."""
        torch.manual_seed(42)
        try:
            return function(sample.input, *sample.args, **sample.kwargs)
        except Exception:
            return None

    def sample(self, key, sample, forms):
        try:
            arguments = Arguments()(((sample.input, *sample.args), sample.kwargs))
        except (TypeError, RuntimeError):  # a sparse tensor, or one without memory
            return
        plain = lambda value: Arguments()(value)  # noqa: E731
        expected = self.theirs(self.op.op, sample)
        if expected is None:
            return
        st.manual_seed(42)
        args, kwargs = arguments
        result = []

        def value():
            result.append(self.function(*args, **kwargs))
            compare(result[0], expected, self.values)

        def gradients():
            theirs = [t for t in tensors_of(sample.output_process_fn_grad(expected)) if t.requires_grad]
            mine = [t for t in tensors_of(rebuilt(sample.output_process_fn_grad, self.name)(result[0])) if t.requires_grad]
            weights = [torch.linspace(-1, 1, t.numel(), dtype=t.dtype).view(t.shape) for t in theirs]
            leaves = [[t for t in tensors_of([*a, *k.values()]) if t.requires_grad]
                for a, k in (((sample.input, *sample.args), sample.kwargs), (args, kwargs))]
            wanted = torch.autograd.grad(theirs, leaves[0], weights, allow_unused=True)
            found = st.autograd.grad(mine, leaves[1], plain(weights), allow_unused=True)
            for m, t in zip(found, wanted, strict=True):
                assert t is not None or m is None or not m.any()
                if t is not None:
                    compare(m, t)

        self.check(f"{key}.value", value)
        if result and any(t.requires_grad for t in tensors_of(expected)):
            self.check(f"{key}.gradients", gradients)
        for kind, function in (("method", self.op.method_variant), ("inplace", self.op.inplace_variant)):
            if not forms or not isinstance(sample.input, torch.Tensor) or function is None:
                continue
            inputs = [sample.input.detach().clone(), *sample.args]
            torch.manual_seed(42)
            try:
                other = function(*inputs, **sample.kwargs)
            except Exception:
                continue

            def form(function=function, other=other):
                mine, *more = plain((sample.input.detach().clone(), *sample.args))
                st.manual_seed(42)
                method = getattr(st.Tensor, getattr(function, "__name__", ""), None) or ours(function, self.op.name)
                compare(method(mine, *more, **plain(sample.kwargs)), other, self.values)

            self.check(f"{key}.{kind}", form)

    def error(self, key, wrong):
        sample = wrong.sample_input
        try:
            args, kwargs = Arguments()(((sample.input, *sample.args), sample.kwargs))
        except (TypeError, RuntimeError):
            return
        torch.manual_seed(42)
        try:
            self.op.op(sample.input, *sample.args, **sample.kwargs)
            return  # what is wrong with it is lost in this form of call
        except Exception as error:
            theirs = error

        def raises():
            st.manual_seed(42)
            try:
                self.function(*args, **kwargs)
            except Exception as mine:
                kinds = [c.__name__ for c in type(mine).__mro__]
                assert type(theirs).__name__ in kinds, f"{mine!r} in place of {theirs!r}"
                return
            raise AssertionError(f"no error in place of {theirs!r}")

        self.check(key, raises)


def run(name, op):
    """{check: None or how it fails} of one op; None where steepest has no such function."""
    random.seed(0), np.random.seed(0), torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Checks(name, op).results
        except Absent:
            return None


def read():
    """(PyTorch's version, {op: None where it is absent, or (number of checks, those that fail)})."""
    first, *lines = LIST.read_text().splitlines()
    known = {}
    for name, number, *failing in (line.split() for line in lines):
        known[name] = None if number == "absent" else (int(number), set(failing))
    return first.split()[-1], known


def main():
    lines = [f"# Checks of PyTorch's own inputs and those that fail; written by op_inputs.py for PyTorch {torch.__version__}"]
    for name, op in sorted(ops().items()):
        results = run(name, op)
        failing = [] if results is None else [key for key, text in results.items() if text]
        lines.append(" ".join([name, "absent" if results is None else str(len(results)), *failing]))
        for key in failing:
            print(name, key, results[key], file=sys.stderr)
    LIST.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
