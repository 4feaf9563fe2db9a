"""Products and convolutions at the sizes where their kernels change plans, of whole numbers, so that every sum is exact."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import steepest as torch
from ops.convolutions import conv, conv_transpose

# Rows, columns, depth: tiles read B where it is, or copy it on the way; C^T instead of C; blocks of A's rows or of B's columns.
SHAPES = [(3, 129, 257), (17, 300, 600), (64, 256, 784), (33, 130, 70), (100, 99, 101), (700, 50, 300), (650, 1100, 40), (90, 40, 51)]
# Images, channels, channels of the result, sides, kernel, padding, dilation, groups: lanes over channels where sides are odd sizes.
CONVOLUTIONS = [(2, 32, 64, 14, 5, 2, 1, 1), (2, 64, 128, 7, 3, 1, 1, 2), (1, 40, 40, 13, 3, 2, 2, 1), (2, 6, 50, 9, 3, 0, 1, 1)]
# Winograd's transforms: more than a register of tiles a row, blocks of channels, sides that are odd, padding that is wider than the kernel.
CONVOLUTIONS += [(1, 64, 64, 37, 3, 1, 1, 1), (3, 136, 64, 31, 3, 0, 1, 1), (2, 64, 72, 16, 3, 3, 1, 1)]


# Kernels of one element: products of matrices, the bias added at once or on the way.
CONVOLUTIONS += [(2, 24, 40, 40, 1, 0, 1, 1), (1, 8, 40, 9, 1, 0, 1, 1)]


def whole(*sizes, dtype):
    return np.random.default_rng(0).integers(-4, 5, sizes).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_products(shape, dtype):
    m, n, k = shape
    a, b, c = whole(m, k, dtype=dtype), whole(k, n, dtype=dtype), whole(m, n, dtype=dtype)
    expected = a @ b
    for left in (torch.tensor(a), torch.tensor(a.T.copy()).T):
        for right in (torch.tensor(b), torch.tensor(b.T.copy()).T):
            np.testing.assert_array_equal((left @ right).numpy(), expected)
            for addend in (c, c[0]):
                added = torch.addmm(torch.tensor(addend), left, right, beta=2, alpha=3)
                np.testing.assert_array_equal(added.numpy(), 3 * expected + 2 * addend)


# Few rows or columns, odd distances between rows, more of k than one block takes, of which the last is no whole chunk.
HALF_SHAPES = SHAPES + [(1, 70, 133), (5, 300, 131), (300, 1, 131), (8, 40, 64), (16, 16, 32)]
HALF_SHAPES += [(70, 69, 5000), (600, 40, 4500), (2, 9000, 70)]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("shape", HALF_SHAPES)
def test_half_products(shape, dtype):
    """Whole numbers, exact as sums of floats: each is rounded once. Around the matrices, which are parts of larger ones, is nan."""
    m, n, k = shape
    a, b, c = whole(m, k, dtype="float32"), whole(k, n, dtype="float32"), whole(m, n, dtype="float32")
    expected = a @ b

    def part(x):
        larger = torch.full((x.shape[0] + 1, x.shape[1] + 3), torch.nan, dtype=dtype)
        larger[:-1, 1:-2] = torch.tensor(x)
        return larger[:-1, 1:-2]

    threads = torch.get_num_threads()
    for count in (1, 2):
        torch.set_num_threads(count)
        for left in (part(a), part(a.T).T, torch.tensor(a).to(dtype)):
            for right in (part(b), part(b.T).T):
                assert torch.equal(left @ right, torch.tensor(expected).to(dtype))
                for addend in (c, c[0]):
                    added = torch.addmm(torch.tensor(addend).to(dtype), left, right, beta=2, alpha=0.5)
                    assert torch.equal(added, torch.tensor(0.5 * expected + 2 * addend).to(dtype))
    torch.set_num_threads(threads)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_sums_of_products(dtype):
    """What a batch adds up is rounded once, and any two numbers of threads find the same bits."""
    a, b = whole(40, 33, 50, dtype="float32"), whole(40, 50, 20, dtype="float32")
    left, right = torch.tensor(a).to(dtype), torch.tensor(b).to(dtype)
    assert torch.equal(torch.bmm(left, right), torch.tensor(a @ b).to(dtype))
    weight = right[0].clone().requires_grad_()
    (left @ weight).backward(torch.ones(40, 33, 20, dtype=dtype))
    assert torch.equal(weight.grad, torch.tensor(a.reshape(-1, 50).T @ np.ones((40 * 33, 20), "float32")).to(dtype))
    x, y = torch.randn(300, 700).to(dtype), torch.randn(700, 69).to(dtype)
    threads, found = torch.get_num_threads(), []
    for count in (1, 2):
        torch.set_num_threads(count)
        found.append((x @ y, y.T @ x.T, x[:6] @ y, x @ y[:, 0]))
    torch.set_num_threads(threads)
    assert all(map(torch.equal, *found))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64"])
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 130, 70), (130, 1, 70), (3, 5, 300), (17, 65, 33), (33, 64, 600), (70, 131, 257)])
def test_integer_products(shape, dtype):
    """Modulo two to the number of bits."""
    m, n, k = shape
    draw, info = np.random.default_rng(0), np.iinfo(dtype)
    a, b = (draw.integers(info.min, info.max, sizes, dtype=dtype, endpoint=True) for sizes in ((m, k), (k, n)))
    expected = a @ b
    threads = torch.get_num_threads()
    for count in (1, 2):
        torch.set_num_threads(count)
        for left in (torch.tensor(a), torch.tensor(a.T.copy()).T, torch.tensor(np.pad(a, 1))[1:-1, 1:-1]):
            for right in (torch.tensor(b), torch.tensor(b.T.copy()).T, torch.tensor(np.pad(b, 1))[1:-1, 1:-1]):
                np.testing.assert_array_equal((left @ right).numpy(), expected)
    torch.set_num_threads(threads)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 4), (1, 130, 70), (130, 1, 70), (3, 50, 300), (17, 65, 33), (70, 131, 257)])
def test_complex_products(shape, dtype):
    """Of few rows and of many, with numbers that are scaled as complex ones."""
    m, n, k = shape
    a, b, c = (whole(*sizes, 2, dtype="float64").view("complex128")[..., 0].astype(dtype) for sizes in ((m, k), (k, n), (m, n)))
    expected, threads = a @ b, torch.get_num_threads()
    for count in (1, 2):
        torch.set_num_threads(count)
        for left in (torch.tensor(a), torch.tensor(a.T.copy()).T, torch.tensor(np.pad(a, 1))[1:-1, 1:-1], torch.tensor(a.conj()).conj()):
            for right in (torch.tensor(b), torch.tensor(b.T.copy()).T, torch.tensor(b.conj().T.copy()).mH):
                np.testing.assert_array_equal((left @ right).numpy(), expected)
                for addend in (c, c[0]):
                    for beta, alpha in ((2, 3), (2j, 1 - 3j), (0, 1j)):
                        added = torch.addmm(torch.tensor(addend), left, right, beta=beta, alpha=alpha)
                        np.testing.assert_array_equal(added.numpy(), alpha * expected + beta * addend)
    torch.set_num_threads(threads)
    batch = torch.tensor(np.stack([a, 2 * a])) @ torch.tensor(b)
    np.testing.assert_array_equal(batch.numpy(), np.stack([expected, 2 * expected]))


# In one piece, and in blocks that are joined, the last of them short.
@pytest.mark.parametrize("n", [131_000, 131_072, 200_001])
def test_moments(n):
    x = np.cos(np.arange(n)) + 1000
    np.testing.assert_allclose(torch.tensor(x).var().item(), x.var(ddof=1), rtol=1e-9)
    np.testing.assert_allclose(torch.std_mean(torch.tensor(x), correction=0), (x.std(), x.mean()), rtol=1e-9)
    x[70_000] = np.inf
    assert np.isnan(torch.tensor(x).var().item())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", CONVOLUTIONS)
def test_convolutions(sizes, dtype):
    n, ci, co, side, kernel, padding, dilation, groups = sizes
    x, w, bias = whole(n, ci, side, side + 1, dtype=dtype), whole(co, ci // groups, kernel, kernel, dtype=dtype), whole(co, dtype=dtype)
    steps = {"padding": padding, "dilation": dilation, "groups": groups}
    weight = torch.tensor(w, requires_grad=True)
    y = torch.conv2d(torch.tensor(x), weight, torch.tensor(bias), **steps)
    np.testing.assert_array_equal(y.detach().numpy(), conv(x, w, bias, **steps))
    g, more = whole(*y.shape, dtype=dtype), whole(ci, dtype=dtype)
    y.backward(torch.tensor(g))
    for other in np.random.default_rng(1).integers(-4, 5, (3, *w.shape)):
        # The output is linear in the weight.
        assert (weight.grad.numpy() * other).sum(dtype=int) == (g * conv(x, other.astype(dtype), **steps)).sum(dtype=int)
    back = torch.conv_transpose2d(*map(torch.tensor, (g, w, more)), **steps).numpy()
    np.testing.assert_array_equal(back, conv_transpose(g, w, more, **steps))


def test_what_is_not_finite_stays_where_it_is():
    x, w = whole(2, 64, 20, 20, dtype="float32"), whole(64, 64, 3, 3, dtype="float32") + 0.5
    for value in (np.inf, -np.inf, np.nan):
        x[1, 3, 5, 7] = value
        y = torch.conv2d(torch.tensor(x), torch.tensor(w), padding=1).numpy()
        near = np.zeros(y.shape, bool)
        near[1, :, 4:7, 6:9] = True
        np.testing.assert_array_equal(~np.isfinite(y), near)
        assert np.isnan(y).any() == np.isnan(value)


def test_threads_do_not_change_convolutions():
    x, w = (np.random.default_rng(0).normal(size=sizes).astype("float32") for sizes in ((8, 64, 32, 32), (64, 64, 3, 3)))
    found, threads = [], torch.get_num_threads()
    for n in (1, 2):
        torch.set_num_threads(n)
        leaves = [torch.tensor(a, requires_grad=True) for a in (x, w)]
        y = torch.conv2d(*leaves, padding=1)
        found.append([y.detach(), *torch.autograd.grad(y.square().sum(), leaves)])
    torch.set_num_threads(threads)
    assert all(map(torch.equal, *found))


@pytest.mark.parametrize("isa", ["v2", "v3", "v4", "v4_bf16", "v4_amx"])
def test_instruction_sets(isa):
    environment = os.environ | {"STEEPEST_ISA": isa}
    program = [sys.executable, "-c", "import steepest; print(steepest._C._isa())"]
    chosen = subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    if chosen != isa or isa == torch._C._isa():
        return
    names = ("test_products", "test_half_products", "test_half_sums_of_products", "test_complex_products", "test_integer_products",
             "test_convolutions")
    tests = [f"{__file__}::{test}" for test in names]
    tests.append(f"{Path(__file__).parents[1] / 'python' / 'test_fft.py'}::test_lengths")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
