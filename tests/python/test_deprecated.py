"""What PyTorch has deprecated and still takes: older orders of arguments, functions that have successors; and what it says of them."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

import steepest as torch
from ops.draw import Call
from ops.run import arrays, run
from ops.table import ROWS
from samples import SAMPLES

OLDER = [(row, order) for row in ROWS for order in row.older]
NUMBERS = {"alpha": 2, "beta": 3, "value": 2}


def _all(text):
    """What a program on its own warns of when each warning is given once."""
    lines = f"import warnings; warnings.simplefilter('always'); import numpy as np, steepest as torch; x = torch.ones(2, 2)\n{text}"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True, timeout=60)
    return [line.split("Warning: ", 1)[1] for line in done.stderr.splitlines() if "Warning: " in line]


@pytest.mark.parametrize(("row", "order"), OLDER, ids=[order for _, order in OLDER])
def test_older_orders_are_the_same_call(row, order):
    call = next(Call(row.name, call, torch.float32) for call in SAMPLES[row.name].calls if row.bind(*call) is not None)
    bound = row.bind(call.args, {})
    names = [part.split(" ")[1] for part in order.split("(", 1)[1].rsplit(")", 1)[0].split(", ")]
    given = {name: NUMBERS.get(name, bound.get(name)) for name in names}
    expected = run(row.name, call.with_arguments(call.args, {name: given[name] for name in names if name in NUMBERS}))
    method = ["input", *(name for name in names if name != "input")]
    methods = [(getattr(torch.Tensor, name), method) for name in (row.name, row.name + "_")]
    for function, order in ((getattr(torch, row.name), names), *methods):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = run(row.name, call.with_arguments([given[name] for name in order], {}), function)
        np.testing.assert_array_equal(arrays(result)[0], arrays(expected)[0])


def test_an_older_order_writes_out_and_is_recorded():
    x, y, out = torch.ones(2, requires_grad=True), torch.full((2,), 3.0), torch.empty(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.add(y, 2, y, out=out)
        z = torch.add(x, 2, y)
    assert out.tolist() == [9, 9] and z.tolist() == [7, 7] and z.grad_fn.name() == "AddBackward0"
    z.sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_an_older_order_is_named_once():
    assert _all("x.clone().add_(2, x); torch.addmm(2, x, 3, x, x)") == ["This overload of add_ is deprecated:"]


def test_messages_name_no_older_order():
    with pytest.raises(TypeError) as error:
        torch.add(torch.ones(1))
    start = "add() received an invalid combination of arguments - got (Tensor)"
    expected = f"{start}, but expected (Tensor input, Tensor other, *, Number alpha = 1"
    assert str(error.value).startswith(expected)
    with pytest.raises(TypeError, match=r"addmm\(\) received an invalid combination of arguments - got \(int, Tensor\)"):
        torch.addmm(2, torch.ones(1))
    with pytest.raises(TypeError):
        torch.addmm(torch.ones(2, 2), 2, 3, torch.ones(2, 2), torch.ones(2, 2))  # a method's order


SAID = {
    "torch.ones(2, 2, 2).T": "The use of `x.T` on tensors of dimension other than 2",
    "torch.tensor(1.0).T": "Tensor.T is deprecated on 0-D tensors.",
    "torch.meshgrid(x[0], x[1])": "torch.meshgrid: in an upcoming release",
    "torch.where(x.to(torch.uint8), x, x)": "where received a uint8 condition tensor.",
    "x.to(torch.complex64).float()": "Casting complex values to real discards the imaginary part",
    "x.copy_(x.to(torch.complex64))": "Casting complex values to real discards the imaginary part",
    "float(torch.ones(1, requires_grad=True))": "Converting a tensor with requires_grad=True to a scalar",
    "torch.tensor([torch.ones((), requires_grad=True)])": "Converting a tensor with requires_grad=True to a scalar",
    "torch.cholesky(torch.eye(2))": "torch.cholesky is deprecated in favor of torch.linalg.cholesky",
    "torch.qr(x)": "torch.qr is deprecated in favor of torch.linalg.qr",
    "torch.lu(x + torch.eye(2))": "torch.lu is deprecated in favor of torch.linalg.lu_factor",
    "torch.triangular_solve(x, torch.eye(2))": "torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangular",
    "torch.chain_matmul(x, x)": "torch.chain_matmul is deprecated",
    "torch.stft(torch.ones(40), 8, return_complex=True)": "A window was not provided.",
    "torch.set_default_tensor_type(torch.FloatTensor)": "torch.set_default_tensor_type() is deprecated",
    "x.storage()": "TypedStorage is deprecated.",
    "torch.tensor([np.ones(3)])": "Creating a tensor from a list of numpy.ndarrays is extremely slow.",
    "torch.from_numpy(np.frombuffer(b'1234', np.uint8))": "The given NumPy array is not writable",
    "torch.nn.functional.conv1d(torch.ones(1, 1, 5), torch.ones(1, 1, 2), padding='same')": "Using padding='same' with even kernel lengths",
}


def test_what_is_said_once():
    statements = "\n".join(f"{statement}; {statement}" for statement in SAID)
    said = _all(f"torch.set_warn_always(True)\n{statements}")
    texts = list(SAID.values())
    assert [sum(line.startswith(text) for line in said) for text in texts] == [2 * texts.count(text) for text in texts]
    for statement, text in list(SAID.items())[:1] + list(SAID.items())[-3:]:
        once = _all(f"{statement}; {statement}")
        assert len(once) == 1 and once[0].startswith(text)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: x[:1].std(), r"std\(\): degrees of freedom is <= 0."),
        (lambda x: torch.var_mean(x, correction=7), r"var_mean\(\): degrees of freedom is <= 0."),
        (lambda x: x.new_tensor(x), "To copy construct from a tensor"),
        (lambda x: x.resize(1, 3), "non-inplace resize is deprecated"),
        (lambda x: x.resize_as(x), "non-inplace resize_as is deprecated"),
        (lambda x: torch.autograd.Variable(x, volatile=True), "volatile was removed and now has no effect."),
    ],
)
def test_what_is_said_each_time(call, text):
    for _ in range(2):
        with pytest.warns(UserWarning, match=text):
            call(torch.ones(3))


def test_resize_keeps_the_elements():
    x = torch.arange(6.0, requires_grad=True)
    with pytest.warns(UserWarning, match="non-inplace resize"):
        y = x.resize(2, 3)
    assert y.shape == (2, 3) and y.requires_grad
    with pytest.warns(UserWarning, match="non-inplace resize"), pytest.raises(RuntimeError, match=r"requested resize to 2x2 \(4 elements"):
        x.resize(2, 2)


@pytest.mark.parametrize("name", ["eig", "lstsq", "solve", "symeig"])
def test_removed_functions_say_what_replaces_them(name):
    for holder in (torch, torch.Tensor):
        with pytest.raises(RuntimeError, match="This function was deprecated since version 1.9 and is now removed"):
            getattr(holder, name)(torch.eye(2))


def test_the_old_name_of_a_loss():
    with pytest.warns(FutureWarning, match="`NLLLoss2d` has been deprecated"):
        loss = torch.nn.NLLLoss2d()
    assert isinstance(loss, torch.nn.NLLLoss) and repr(loss) == "NLLLoss2d()"


@pytest.mark.parametrize(("dtype", "make"), [("float32", torch.Tensor), ("float32", torch.FloatTensor), ("int64", torch.LongTensor)])
def test_old_constructors_share_an_arrays_memory(dtype, make):
    array = np.ones(3, dtype)
    make(array)[0] = 5
    assert array.tolist() == [5, 1, 1]
    other = np.ones(3, "int8")
    make(other)[0] = 5
    assert other.tolist() == [1, 1, 1]
