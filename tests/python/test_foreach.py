"""torch._foreach_*: each tensor of a list gets what the op of that name gives for it alone."""

import pytest

import steepest as torch

UNARY = "abs ceil exp floor neg reciprocal round sigmoid sign sqrt tanh".split()
BINARY = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "pow": torch.pow,
          "maximum": torch.maximum, "minimum": torch.minimum}


def lists():
    return [torch.tensor([1.0, 2.0]), torch.tensor([[3.0, 0.5]])], [torch.tensor([0.5, 4.0]), torch.tensor([[2.0, 1.5]])]


def same(results, expected):
    return all(map(torch.equal, results, expected))


@pytest.mark.parametrize("name", UNARY)
def test_unary(name):
    xs, _ = lists()
    expected = [getattr(torch, name)(x) for x in xs]
    assert same(getattr(torch, f"_foreach_{name}")(xs), expected)
    assert getattr(torch, f"_foreach_{name}_")(xs)[0] is xs[0] and same(xs, expected)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("kind", ["list", "number", "numbers"])
def test_binary(name, kind):
    xs, ys = lists()
    operand = {"list": ys, "number": 2.0, "numbers": [2.0, 0.5]}[kind]
    each = operand if isinstance(operand, list) else [operand, operand]
    expected = [BINARY[name](x, y if isinstance(y, torch.Tensor) else torch.tensor(y)) for x, y in zip(xs, each, strict=True)]
    assert same(getattr(torch, f"_foreach_{name}")(xs, operand), expected)
    getattr(torch, f"_foreach_{name}_")(xs, operand)
    assert same(xs, expected)


@pytest.mark.parametrize("name", ["addcmul", "addcdiv"])
@pytest.mark.parametrize("value", [1, 0.5, [0.5, 2.0], torch.tensor([0.5, 2.0])], ids=str)
def test_factors(name, value):
    xs, ys = lists()
    each = value if isinstance(value, list) else value.tolist() if isinstance(value, torch.Tensor) else [value, value]
    expected = [getattr(torch, name)(x, y, y, value=v) for x, y, v in zip(xs, ys, each, strict=True)]
    assert same(getattr(torch, f"_foreach_{name}")(xs, ys, ys, value), expected)
    getattr(torch, f"_foreach_{name}_")(xs, ys, ys, value)
    assert same(xs, expected)


def test_alpha_lerp_copy_and_bounds():
    xs, ys = lists()
    assert same(torch._foreach_add(xs, ys, alpha=2), [x + 2 * y for x, y in zip(xs, ys, strict=True)])
    assert same(torch._foreach_lerp(xs, ys, 0.25), [torch.lerp(x, y, 0.25) for x, y in zip(xs, ys, strict=True)])
    assert same(torch._foreach_clamp_min(xs, ys), map(torch.maximum, xs, ys))
    assert torch._foreach_clamp_max_(xs, 1.0)[1].tolist() == [[1, 0.5]]
    torch._foreach_copy_(xs, ys)
    assert same(xs, ys)
    torch._foreach_zero_(xs)
    assert not any(x.any() for x in xs)


def test_operands_by_name_and_kinds_of_results():
    xs, ys = lists()
    assert same(torch._foreach_lerp(xs, weight=0.25, tensors1=ys), torch._foreach_lerp(xs, ys, 0.25))
    assert same(torch._foreach_addcdiv(xs, tensor2=xs, tensor1=ys, value=2), torch._foreach_addcdiv(xs, ys, xs, 2))
    for results in (torch._foreach_neg(xs), torch._foreach_addcmul(xs, ys, ys), torch._foreach_norm(xs), torch._foreach_pow(2.0, xs)):
        assert type(results) is tuple
    assert torch._foreach_mul_(self=xs, scalar=2) is xs


def test_norms_and_powers_of_a_number():
    xs, _ = lists()
    assert same(torch._foreach_norm(xs), [torch.linalg.vector_norm(x) for x in xs])
    assert [x.item() for x in torch._foreach_norm(xs, float("inf"))] == [2, 3] == [x.item() for x in torch._foreach_max(xs)]
    assert same(torch._foreach_pow(2.0, xs), [2.0**x for x in xs])


def test_lengths_that_differ():
    xs, ys = lists()
    with pytest.raises(RuntimeError, match="same number of tensors, got 2 and 1"):
        torch._foreach_add(xs, ys[:1])
    with pytest.raises(RuntimeError, match="same number of elements as scalar list"):
        torch._foreach_add(xs, [1.0])
    with pytest.raises(RuntimeError, match="at least one tensor"):
        torch._foreach_neg([])


def test_the_functions_are_found_without_a_search():
    assert torch._foreach_exp is vars(torch)["_foreach_exp"]
