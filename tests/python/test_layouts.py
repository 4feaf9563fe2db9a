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


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "erf", "lgamma", "digamma", "atan"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_neighbours_do_not_matter(name, dtype):
    near = torch.linspace(0.1, 900, 64, dtype=dtype)
    beside = near.clone()
    beside[::2] = torch.tensor([1e7, -2.5, 1e30, 0.0]).repeat(8)
    function = getattr(torch, name)
    assert function(beside)[1::2].tolist() == function(near)[1::2].tolist()
