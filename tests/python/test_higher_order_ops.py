"""Branches, loops and scans as functions."""

import pytest

import steepest as torch
from steepest._higher_order_ops import cond, map, scan, while_loop  # noqa: A004
from steepest._higher_order_ops.associative_scan import associative_scan


def test_cond():
    x = torch.ones(2, requires_grad=True)
    torch.cond(x.sum() > 1, lambda x: 3 * x, lambda x: x, (x,)).sum().backward()
    assert x.grad.tolist() == [3, 3] and torch.cond(False, torch.sin, lambda x: -x, (x,)).tolist() == [-1, -1]
    for pred in (x > 0, "no"):
        with pytest.raises(RuntimeError, match="Expected pred to be bool or"):
            cond(pred, torch.sin, torch.cos, (x,))
    with pytest.raises(RuntimeError, match="Expect both branches to be callable"):
        cond(True, torch.sin, None, (x,))
    with pytest.raises(RuntimeError, match="Expect operands to be a tuple"):
        cond(True, torch.sin, torch.cos, x)


def test_loops():
    count, value = while_loop(lambda i, x: i < 5, lambda i, x: (i + 1, x * 2), (torch.tensor(0), torch.ones(2)))
    assert count == 5 and value.tolist() == [32, 32]
    found = map(lambda pair, by: pair["a"] * by, {"a": torch.arange(6.0).view(3, 2)}, torch.tensor([1.0, 2.0]))
    assert found.tolist() == [[0, 2], [2, 6], [4, 10]]


@pytest.mark.parametrize("reverse", [False, True])
def test_scan(reverse):
    x = torch.arange(6.0).view(2, 3)
    carry, found = scan(lambda c, x: (c + x, (c + x, -x)), torch.zeros(2), x, dim=1, reverse=reverse)
    expected = x.flip(1).cumsum(1).flip(1) if reverse else x.cumsum(1)
    assert torch.equal(found[0], expected) and torch.equal(found[1], -x) and torch.equal(carry, x.sum(1))


@pytest.mark.parametrize("length", [1, 2, 3, 6, 7, 8, 9])
def test_associative_scan(length):
    def join(a, b):
        return {"w": a["w"] * b["w"], "x": b["w"] * a["x"] + b["x"]}

    tree = {"w": torch.rand(2, length, dtype=torch.float64, requires_grad=True), "x": torch.rand(2, length, dtype=torch.float64)}
    found = associative_scan(join, tree, 1)
    state, states = torch.zeros(2, dtype=torch.float64), []
    for w, x in zip(tree["w"].unbind(1), tree["x"].unbind(1), strict=True):
        state = w * state + x
        states.append(state)
    torch.testing.assert_close(found["x"], torch.stack(states, 1))
    expected = torch.autograd.grad(tree["w"].cumprod(1).sum(), tree["w"])
    torch.testing.assert_close(torch.autograd.grad(found["w"].sum(), tree["w"]), expected)
    numbers = torch.arange(length)
    assert torch.equal(associative_scan(torch.add, numbers, 0, reverse=True), numbers.flip(0).cumsum(0).flip(0))


def test_what_associative_scan_refuses():
    with pytest.raises(ValueError, match="Combine_fn must be a callable"):
        associative_scan(1, torch.ones(2), 0)
    with pytest.raises(ValueError, match="Dim must be an int"):
        associative_scan(torch.add, torch.ones(2), "0")
