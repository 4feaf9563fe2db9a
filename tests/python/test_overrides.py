"""The __torch_function__ protocol, for subclasses of Tensor and for other classes."""

import pytest

import steepest as torch
from steepest import overrides

calls = []


class Plain(torch.Tensor):
    pass


class Logged(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        calls.append((func.__name__, len(args), kwargs))
        return super().__torch_function__(func, types, args, kwargs)


class Duck:
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return func.__name__, types


def test_subclasses_answer_for_functions_methods_and_operators():
    x = torch.ones(2)
    logged = x.as_subclass(Logged)
    calls.clear()
    results = [logged + 1, x + logged, logged.sum(), torch.add(logged, x, alpha=2), torch.cat([x, logged]), logged.max(0).values]
    assert calls == [("add", 2, None), ("add", 2, None), ("sum", 1, None), ("add", 2, {"alpha": 2}), ("cat", 1, None), ("max", 2, None)]
    assert {type(y) for y in results} == {Logged}
    with overrides.DisableTorchFunctionSubclass():
        assert type(logged + 1) is torch.Tensor
    assert len(calls) == 6


def test_results_keep_their_class():
    s = torch.ones(2).as_subclass(Plain)
    results = [s + 1, torch.stack([s, s]), s.split(1)[0], s.max(0)[0], torch.nn.functional.relu(s), torch.nn.Linear(2, 1)(s), s[0]]
    assert {type(y) for y in results} == {Plain}


def test_gradients_pass_through_as_subclass():
    w = torch.ones(2, requires_grad=True)
    for cls in (Plain, Logged):
        w.grad = None
        ((w * 2).as_subclass(cls) * 3).sum().backward()
        assert torch.equal(w.grad, torch.full((2,), 6.0))


def test_other_classes_answer():
    x, duck = torch.ones(2), Duck()
    for result, name in [
        (torch.add(duck, 1), "add"),
        (torch.cat([x, duck]), "cat"),
        (x.add(duck), "add"),
        (x + duck, "add"),
        (x @ duck, "matmul"),
    ]:
        assert result == (name, (Duck,))


def test_a_class_may_decline():
    class Shy(Duck):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return NotImplemented

    with pytest.raises(TypeError, match="all __torch_function__ handlers returned NotImplemented"):
        torch.add(torch.ones(1), Shy())
    assert torch.add(Shy(), Duck()) == ("add", (Shy, Duck))


def test_functions_of_others_take_part():
    def double(x):
        if overrides.has_torch_function_unary(x):
            return overrides.handle_torch_function(double, (x,), x)
        return 2 * x

    assert double(Duck()) == ("double", (Duck,))
    assert double(3) == 6
    assert overrides.is_tensor_like(Duck())
    assert not overrides.is_tensor_like(3)
