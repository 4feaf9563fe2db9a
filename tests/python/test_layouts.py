"""Elementwise ops whose operands lie in memory in different orders, at sizes where they are turned first; neighbours in a register."""

from itertools import permutations

import numpy as np
import pytest

import steepest as torch


@pytest.mark.parametrize("shape", [(33, 40), (3, 40, 17), (1, 64, 33), (2, 3, 20, 30)])
@pytest.mark.parametrize("types", [("float32", "float32"), ("float64", "float32"), ("int8", "int8"), ("bool", "float64")])
def test_orders_of_memory(shape, types):
    random = np.random.default_rng(0)
    left = random.integers(0, 5, shape).astype(types[0])
    for order in permutations(range(len(shape))):
        right = random.integers(0, 5, [shape[d] for d in order]).astype(types[1])
        x, y = torch.from_numpy(left).permute(order), torch.from_numpy(right)
        wanted = left.transpose(order)
        np.testing.assert_array_equal((x + y).numpy(), wanted + right)
        np.testing.assert_array_equal((x > y).numpy(), wanted > right)
        np.testing.assert_array_equal(torch.where(x > 1, y, x).numpy(), np.where(wanted > 1, right, wanted))


def test_orders_of_memory_backward():
    values = np.random.default_rng(0).normal(size=(40, 40))
    x, y = (torch.from_numpy(v).requires_grad_() for v in (values, values * 2 + 1))
    (x.t() * y).mul(y.t()).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), (values * 2 + 1) * (values * 2 + 1).T, rtol=1e-14)


# Strides of what is made of x = (4, 6, 5), of which the last dimension but one is dense, and y, which is row-major.
RESULTS = {
    "x * y": (30, 1, 6),
    "y * x": (30, 5, 1),
    "x > y": (30, 1, 6),
    "x + y.double()": (30, 1, 6),
    "x / y[0]": (30, 1, 6),
    "y[0] * x": (30, 5, 1),
    "y[:1, :, :1] * x": (30, 1, 6),
    "torch.where(y > 0, x, x)": (30, 5, 1),
    "torch.where(x > 0, x, y)": (30, 1, 6),
    "torch.lerp(x, y, 0.5)": (30, 1, 6),
    "x[:, 1:].exp()": (25, 1, 5),
    "x[:, ::2] + y[:, ::2]": (15, 1, 3),
    "y[..., 1:] - y[..., :-1]": (24, 4, 1),
    "x.expand(2, 4, 6, 5) * 2": (120, 30, 1, 6),
    "x[:1].expand(2, 6, 5) + 1": (30, 1, 6),
    "x[:, :1] * y[:1]": (30, 5, 1),
    "x[0].t() + y[0, :5, :1]": (6, 1),
}


@pytest.mark.parametrize("expression", RESULTS)
def test_results_lie_as_their_operands(expression):
    x, y = torch.randn(4, 5, 6).transpose(1, 2), torch.randn(4, 6, 5)
    result = eval(expression)
    assert result.stride() == RESULTS[expression]
    wanted = eval(expression, {"torch": torch, "x": x.contiguous(), "y": y})
    assert torch.equal(result, wanted)


def test_a_broadcast_sum_is_dropped_in_the_order_of_its_memory():
    x, y = torch.ones(3, 2, 4).transpose(0, 1), torch.ones(4)
    torch.manual_seed(0)
    wanted = torch.nn.functional.dropout(torch.ones(3, 2, 4) + y).transpose(0, 1)
    torch.manual_seed(0)
    assert torch.equal(torch.nn.functional.dropout(x + y), wanted)


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "erf", "lgamma", "digamma", "atan"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_neighbours_do_not_matter(name, dtype):
    near = torch.linspace(0.1, 900, 64, dtype=dtype)
    beside = near.clone()
    beside[::2] = torch.tensor([1e7, -2.5, 1e30, 0.0]).repeat(8)
    function = getattr(torch, name)
    assert function(beside)[1::2].tolist() == function(near)[1::2].tolist()
