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


def test_modes_answer_for_every_op_the_innermost_first():
    heard = []

    class Heard(torch.overrides.TorchFunctionMode):
        def __init__(self, name):
            self.name = name

        def __torch_function__(self, func, types, args=(), kwargs=None):
            heard.append((self.name, func.__name__, len(args), kwargs))
            return func(*args, **(kwargs or {}))

    with Heard("outer"):
        x = torch.ones(2, requires_grad=True)
        with Heard("inner"):
            y = torch.stack([x * 2, x], dim=0)
        y.sum().backward()
    torch.ones(1) + 1
    assert heard == [
        ("outer", "ones", 1, {"requires_grad": True}), ("inner", "mul", 2, None), ("outer", "mul", 2, None),
        ("inner", "stack", 1, {"dim": 0}), ("outer", "stack", 1, {"dim": 0}), ("outer", "sum", 1, None),
    ]
    assert x.grad.tolist() == [3, 3]


def test_a_mode_that_raises_is_left_and_others_still_answer():
    class Refuses(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            raise ValueError(func.__name__)

    with pytest.raises(ValueError, match="ones"), Refuses():
        torch.ones(1)
    assert torch.ones(1).tolist() == [1]
    with pytest.raises(NotImplementedError), torch.overrides.TorchFunctionMode.push():
        torch.zeros(1)


def test_a_mode_may_answer_without_the_op():
    class Seven(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            return 7

    with Seven():
        assert torch.ones(3) == 7


def test_subclasses_answer_for_items():
    x = torch.arange(3.0)
    logged = x.as_subclass(Logged)
    calls.clear()
    assert type(logged[0]) is Logged and logged[1:].tolist() == [1, 2]
    logged[0] = 5.0
    assert calls == [("__getitem__", 2, None), ("__getitem__", 2, None), ("__setitem__", 3, None)] and x[0] == 5
    assert type(x.as_subclass(Plain)[0]) is Plain


CONVERSIONS = (
    lambda x: x.double(), lambda x: x.to(torch.int32), lambda x: x.to(device="cpu", dtype=torch.float64), lambda x: torch.Tensor.half(x),
)  # fmt: skip
ATTRIBUTES = (lambda x: x.T, lambda x: x.mT, lambda x: x.H, lambda x: x.mH, lambda x: x.data, lambda x: x.cfloat().imag)


def test_conversions_and_attributes_keep_the_class():
    class Kept(torch.Tensor):
        pass

    class Plain(torch.Tensor):
        __torch_function__ = torch._C._disabled_torch_function_impl

    kept, plain = (torch.ones(2, 2).as_subclass(cls) for cls in (Kept, Plain))
    for f in (*CONVERSIONS, *ATTRIBUTES):
        assert type(f(kept)) is Kept and type(f(plain)) is torch.Tensor
        with torch._C.DisableTorchFunctionSubclass():
            assert type(f(kept)) is torch.Tensor
    assert kept.float() is kept


def test_conversions_ask_the_class():
    asked = []

    class Asking(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            asked.append((func.__name__, args[1:], kwargs or {}))
            return super().__torch_function__(func, types, args, kwargs or {})

    x = torch.ones(2).as_subclass(Asking)
    assert [type(f(x)) for f in CONVERSIONS] == [Asking] * 4
    names = [("double", (), {}), ("to", (torch.int32,), {}), ("to", (), {"device": "cpu", "dtype": torch.float64}), ("half", (), {})]
    assert asked == names
