"""out=: results are written there, resized and cast by PyTorch's rules, and nothing is written where it refuses."""

import warnings

import numpy as np
import pytest

import steepest as torch
from ops.draw import DTYPES, Call
from ops.run import arrays
from ops.table import NAMES, first_fit, forms
from samples import SAMPLES

OVERLAP = "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory"


@pytest.mark.parametrize("name", [name for name in NAMES if name in SAMPLES and "function" in forms(name)])
def test_every_function_writes_to_out(name):
    function, rows = forms(name)["function"]
    for sample in SAMPLES[name].calls:
        call = Call(name, sample, DTYPES[SAMPLES[name].dtypes[0]][0])
        if first_fit(rows, (call.args, call.kwargs))[0] is None or SAMPLES[name].random or SAMPLES[name].call or not SAMPLES[name].values:
            continue
        args, kwargs, _ = call.tensors()
        result = function(*args, **kwargs)
        one = isinstance(result, torch.Tensor)
        if not one and not (isinstance(result, tuple) and all(isinstance(r, torch.Tensor) for r in result)):
            continue
        if any(r.dim() and 0 in r.stride() and r.numel() for r in ([result] if one else result)):
            continue  # a view that repeats its elements
        outs = [torch.empty(0, dtype=r.dtype) for r in ([result] if one else result)]
        written = function(*args, **kwargs, out=outs[0] if one else tuple(outs))
        assert written is outs[0] if one else all(w is o for w, o in zip(written, outs))
        for a, e in zip(arrays(written), arrays(result), strict=True):
            np.testing.assert_array_equal(a, e)


def test_the_dtype_of_out():
    whole = torch.empty(3, dtype=torch.int64)
    assert torch.arange(0, 6, 2, out=whole) is whole and whole.tolist() == [0, 2, 4]
    assert torch.full((3,), 2.5, out=whole).tolist() == [2, 2, 2]
    assert torch.cumsum(torch.ones(3), 0, out=whole).tolist() == [1, 2, 3]
    with pytest.raises(RuntimeError, match=r"dtype Float does not match dtype of out parameter \(Long\)"):
        torch.zeros(3, dtype=torch.float32, out=whole)
    with pytest.raises(ValueError, match="step must be nonzero"):
        torch.arange(0, 64, 0.5, out=whole)
    double = torch.ones(2, 2, dtype=torch.float64)
    assert torch.add(torch.ones(2, 2), 1, out=double).tolist() == [[2, 2], [2, 2]]
    with pytest.raises(RuntimeError, match="Expected out tensor to have dtype float, but got double instead"):
        torch.mm(torch.eye(2), torch.eye(2), out=double)
    with pytest.raises(RuntimeError, match="result type Float can't be cast to the desired output type Long"):
        torch.exp(torch.ones(3), out=whole)
    assert double.tolist() == [[2, 2], [2, 2]] and whole.tolist() == [1, 2, 3]


def test_out_that_is_an_input():
    x = torch.arange(6.0)
    assert torch.add(x, 1, out=x).tolist() == [1, 2, 3, 4, 5, 6]
    assert torch.cumsum(x, 0, out=x)[-1] == 21
    y = torch.eye(2)
    assert torch.mm(y, y, out=y).tolist() == [[1, 0], [0, 1]]
    every = torch.arange(6)
    for attempt in (
        lambda: torch.add(x[:4], 1, out=x[2:]),
        lambda: torch.take(x, every, out=x),
        lambda: torch.gather(x, 0, every, out=x),
        lambda: torch.index_select(x, 0, every, out=x),
        lambda: torch.cat([x[:2], x[2:]], out=x),
        lambda: torch.cat([x.new_empty(0), x], out=x),
        lambda: torch.gather(every.clone(), 0, every[1:], out=every[:1]),
        lambda: torch.masked_select(x, x > 3, out=x),
        lambda: torch.kthvalue(x, 2, out=(x, torch.empty((), dtype=torch.int64))),
    ):
        before = x.tolist()
        with pytest.raises(RuntimeError, match=OVERLAP):
            attempt()
        assert x.tolist() == before
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor refers to a single memory location"):
        torch.add(x, 1, out=torch.zeros(1).expand(6))


def test_several_results():
    values, indices = torch.empty(0), torch.empty(0, dtype=torch.int64)
    result = torch.sort(torch.tensor([2.0, 1.0]), out=[values, indices])
    assert result.values is values and result.indices is indices and values.tolist() == [1, 2]
    assert type(result).__name__ == "sort_out" and repr(result).startswith("torch.return_types.sort_out(\nvalues=")
    with pytest.raises(TypeError, match="expected tuple of 2 elements but got 1"):
        torch.sort(values, out=(values,))
    with pytest.raises(RuntimeError, match="Expected out tensor to have dtype long int, but got float instead"):
        torch.sort(torch.zeros(2), out=(values, torch.empty(2)))
    assert values.tolist() == [1, 2]


def test_resized_with_a_warning():
    out = torch.zeros(3)
    with pytest.warns(UserWarning, match=r"An output with one or more elements was resized since it had shape \[3\]"):
        assert torch.exp(torch.zeros(2, 2), out=out) is out and out.shape == (2, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning):
            torch.exp(torch.zeros(3), out=out)
    assert out.shape == (2, 2) and (out == 1).all()


def test_methods_take_no_out():
    with pytest.raises(TypeError, match=r"exp\(\) got an unexpected keyword argument 'out'"):
        torch.ones(2).exp(out=torch.ones(2))


def test_ends_of_a_range_as_tensors():
    assert torch.linspace(torch.tensor(1.0, requires_grad=True), torch.tensor(3), 3).tolist() == [1, 2, 3]
    text = r"linspace only supports 0-dimensional start and end tensors, but got start with 1 dimension\(s\)\."
    with pytest.raises(RuntimeError, match=text):
        torch.linspace(torch.ones(1), 3, 3)
    with pytest.raises(RuntimeError, match=r"but got start with 1 dimension\(s\) and end with 2 dimension\(s\)."):
        torch.logspace(torch.ones(1), torch.ones(1, 1), 3)
