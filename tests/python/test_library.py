"""torch.library and torch.ops: ops of programs are called, differentiated and checked, and named as PyTorch names them."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

import steepest as torch
from steepest import Tensor
from steepest.library import Library, custom_op, infer_schema

_number = itertools.count()


@pytest.fixture
def name():
    """A name that no other test has taken."""
    return f"tests::op{next(_number)}"


def through_numpy(name):
    @custom_op(name, mutates_args=())
    def sine(x: Tensor, scale: float = 1.0) -> Tensor:
        return torch.from_numpy(np.sin(x.numpy()) * scale)

    return sine


def test_an_op_is_called_by_its_own_name_and_by_torch_ops(name):
    sine = through_numpy(name)
    x = torch.tensor([0.0, 1.0])
    packet = getattr(torch.ops.tests, name.removeprefix("tests::"))
    for op in (sine, packet, packet.default):
        assert op(x, 2.0).tolist() == (np.sin(x.numpy()) * 2.0).tolist()
    assert repr(sine) == f"<CustomOpDef({name})>" and str(packet) == name.replace("::", ".")
    assert repr(packet.default) == f"<OpOverload(op='{packet}', overload='default')>"
    with pytest.raises(AttributeError, match="has no overload name 'other'"):
        packet.other  # noqa: B018


def test_backward_follows_the_formula(name):
    sine = through_numpy(name)

    def keep(ctx, inputs, output):
        ctx.save_for_backward(inputs[0])
        ctx.scale = inputs[1]

    sine.register_autograd(lambda ctx, g: (g * ctx.scale * torch.cos(ctx.saved_tensors[0]), None), setup_context=keep)
    x = torch.tensor([0.5, 1.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: sine(x, 3.0), x)
    with torch.no_grad():
        assert not sine(x, 1.0).requires_grad


def test_formulas_see_arguments_by_name_and_defaults(name):
    @custom_op(name, mutates_args=())
    def scaled(x: Tensor, by: float = 2.0, *, plus: int = 1, how: str = "a, b=(c)") -> Tensor:
        return x * by + plus

    def keep(ctx, inputs, keyword_only_inputs, output):
        _, ctx.by = inputs
        seen.append(keyword_only_inputs)

    seen = []
    scaled.register_autograd(lambda ctx, g: (g * ctx.by, None), setup_context=keep)
    for call, gradient in ((lambda x: scaled(x), 2), (lambda x: scaled(x=x), 2), (lambda x: scaled(by=3.0, x=x, plus=4), 3)):
        x = torch.ones(1, requires_grad=True)
        call(x).backward()
        assert x.grad.item() == gradient
    assert seen == [{"plus": plus, "how": "a, b=(c)"} for plus in (1, 1, 4)]
    with pytest.raises(RuntimeError, match=f"{name}.*too many positional arguments. Declaration: {name}.Tensor x, float by=2.0"):
        scaled(x, 1.0, 2)


def test_backward_without_a_formula_says_so(name):
    y = through_numpy(name)(torch.ones(2, requires_grad=True))
    with pytest.raises(RuntimeError, match="no autograd formula was registered. Please use register_autograd"):
        y.sum().backward()


def test_lists_of_tensors_have_gradients(name):
    @custom_op(name, mutates_args=())
    def total(xs: Sequence[Tensor], by: float) -> Tensor:
        return sum(xs) * by

    total.register_autograd(lambda ctx, g: ([g * 2, g * 2], None))
    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    total([a, b], 2.0).sum().backward()
    assert a.grad.tolist() == b.grad.tolist() == [2, 2]


def test_results_may_not_be_arguments(name):
    @custom_op(name, mutates_args=())
    def same(x: Tensor) -> Tensor:
        return x

    with pytest.raises(RuntimeError, match=r"may not alias any inputs to this custom operator"):
        same(torch.ones(2))


def test_arguments_that_are_written_to_change(name):
    @custom_op(name, mutates_args={"x"})
    def twice(x: Tensor) -> None:
        x.mul_(2)

    x = torch.ones(2)
    twice(x)
    assert x.tolist() == [2, 2]
    assert torch.library.opcheck(twice, (x,), test_utils="test_schema") == {"test_schema": "SUCCESS"}


def test_opcheck_finds_a_write_that_the_signature_does_not_tell(name):
    @custom_op(name, mutates_args=())
    def twice(x: Tensor) -> Tensor:
        return x.mul_(2).clone()

    with pytest.raises(AssertionError, match="writes to an argument"):
        torch.library.opcheck(twice, (torch.ones(2),))


def everything(
    a: Tensor, b: Tensor | None, c: int, d: list[int], e: Sequence[Tensor], *, f: float = 0.5, g: str = "x", h: torch.dtype = None
) -> tuple[Tensor, Tensor]: ...


def test_schemas():
    assert infer_schema(everything, mutates_args=("a",)) == (
        "(Tensor(a0!) a, Tensor? b, SymInt c, SymInt[] d, Tensor[] e, *, float f=0.5, str g=\"x\", ScalarType h=None) -> (Tensor, Tensor)"
    )
    assert infer_schema(everything, mutates_args=(), op_name="n::o").startswith("n::o(Tensor a,")
    with pytest.raises(ValueError, match="Parameter x must have a type annotation"):
        infer_schema(lambda x: x, mutates_args=())
    with pytest.raises(ValueError, match="mutates_args should contain names of Tensors"):
        infer_schema(everything, mutates_args=("z",))


def test_a_library_defines_and_implements():
    lib = Library("tests_shop", "DEF")
    assert lib.define("price(Tensor x, float tax=1) -> Tensor") == "price"
    with pytest.raises(NotImplementedError, match="no function for it was registered"):
        torch.ops.tests_shop.price(torch.ones(1))
    lib.impl("price", lambda x, tax=1: x * tax, "CompositeImplicitAutograd")
    x = torch.ones(1, requires_grad=True)
    torch.ops.tests_shop.price(x, 3.0).backward()
    assert x.grad.item() == 3
    lib._destroy()
    with pytest.raises(AttributeError, match="'_OpNamespace' 'tests_shop' object has no attribute 'price'"):
        torch.ops.tests_shop.price  # noqa: B018


def test_decorators_of_a_library_and_what_is_below_autograd():
    lib = Library("tests_forms", "DEF")

    @torch.library.define(lib, "next(Tensor x, int[] by=[1, 2], ScalarType? t=float32) -> Tensor")
    def following(x, by, t):
        return (x + sum(by)).to(t)

    lib.define("twice(Tensor self) -> Tensor")

    @torch.library.impl(lib, "twice", "CPU")
    def twice(x):
        return x * 2

    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            with torch._C._AutoDispatchBelowAutograd():
                return torch.ops.tests_forms.twice(x)

        @staticmethod
        def backward(ctx, g):
            return g * 5

    lib.impl("twice", Twice.apply, "Autograd")
    x = torch.ones(1, requires_grad=True)
    y = torch.ops.tests_forms.twice(self=x)
    y.backward()
    assert (y.item(), x.grad.item()) == (2, 5) and following(x, [1], torch.float64).dtype is torch.float64
    assert torch.ops.tests_forms.next(x).item() == 4
    lib._destroy()


def test_functions_by_device(name):
    torch.library.define(name, "(Tensor x) -> Tensor")
    torch.library.impl(name, "cpu", lambda x: x + 1)
    torch.library.register_autograd(name, lambda ctx, g: g)
    x = torch.zeros(1, requires_grad=True)
    y = getattr(torch.ops.tests, name.removeprefix("tests::"))(x)
    y.backward()
    assert y.item() == 1 and x.grad.item() == 1
    with pytest.raises(ValueError, match="expected schema to look like"):
        torch.library.define(name, "Tensor x")


def test_own_ops():
    x = torch.tensor([3.0, 4.0])
    assert torch.ops.aten.add.Tensor(x, 1).tolist() == [4, 5]
    assert torch.ops.aten.linalg_vector_norm(x).item() == 5 and torch.ops.aten.relu_(x) is x
    assert torch.ops.aten.add.Tensor.name() == "aten::add.Tensor"
    with pytest.raises(AttributeError, match="'_OpNamespace' 'aten' object has no attribute 'absent'"):
        torch.ops.aten.absent  # noqa: B018


def test_what_is_told_of_unknown_ops_and_libraries_is_no_error():
    assert torch.library.register_fake("elsewhere::nms")(len) is len
    with pytest.raises(OSError, match="Could not load this library: missing.so"):
        torch.ops.load_library("missing.so")


def test_ops_within_vmap():
    calls = []

    @torch.library.custom_op("maps::square", mutates_args=())
    def square(x: torch.Tensor) -> torch.Tensor:
        calls.append(x.shape)
        return torch.from_numpy(x.numpy() ** 2)

    square.register_autograd(lambda ctx, g: 2 * g * ctx.x, setup_context=lambda ctx, inputs, output: setattr(ctx, "x", inputs[0]))
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert torch.vmap(square)(x).tolist() == [[1.0, 4.0], [9.0, 16.0]]
    assert calls == [(2,), (2,)]
    assert torch.vmap(torch.func.grad(lambda r: square(r).sum()))(x).tolist() == (2 * x).tolist()
    seen = []

    @square.register_vmap
    def rule(info, in_dims, x):
        seen.append((info.batch_size, info.randomness, in_dims))
        return x * x, 0

    assert torch.vmap(square)(x).tolist() == [[1.0, 4.0], [9.0, 16.0]]
    assert seen == [(2, "error", (0,))]
