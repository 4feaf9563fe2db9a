"""autograd.Function: contexts, what is saved, marked and returned, and what is refused."""

import pytest

import steepest as torch
from steepest.autograd import Function
from steepest.autograd.function import once_differentiable


class Power(Function):
    @staticmethod
    def forward(ctx, x, n):
        ctx.save_for_backward(x)
        ctx.n = n
        return x**n

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        assert ctx.needs_input_grad == (True, False)
        return g * ctx.n * x ** (ctx.n - 1), None


def function(forward, backward):
    """A Function of two plain functions."""
    return type("Made", (Function,), {"forward": staticmethod(forward), "backward": staticmethod(backward)})


@pytest.fixture
def x():
    return torch.tensor([2.0, 3.0], requires_grad=True)


def test_gradients_of_both_orders(x):
    y = Power.apply(x, 3)
    assert y.tolist() == [8.0, 27.0]
    (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    assert g.tolist() == [12.0, 27.0]
    assert torch.autograd.grad(g.sum(), x)[0].tolist() == [12.0, 18.0]
    assert torch.autograd.gradcheck(lambda t: Power.apply(t, 3), x.detach().double().requires_grad_())


def test_grad_fn_is_the_context(x):
    y = Power.apply(x, 3)
    node = y.grad_fn
    assert node is y.grad_fn and node.n == 3 and node.name() == "PowerBackward"
    assert str(y) == "tensor([ 8., 27.], grad_fn=<PowerBackward>)"
    assert [n for _, n in node.next_functions] == [0] and node.next_functions[0][0].variable is x
    assert node.saved_tensors[0] is x
    assert isinstance(node, torch.autograd.graph.Node) and isinstance((x * 2).grad_fn, torch.autograd.graph.Node)
    assert [c.__name__ for c in type(node).__mro__[:2]] == ["PowerBackward", "BackwardCFunction"]


def test_nothing_is_recorded_where_nothing_is_needed(x):
    assert not Power.apply(torch.ones(2), 3).requires_grad
    with torch.no_grad():
        assert not Power.apply(x, 3).requires_grad


def test_saved_tensors_are_freed_by_backward(x):
    y = Power.apply(x, 2).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()


def test_saved_tensors_are_checked_for_writes():
    w = torch.ones(2)
    f = function(lambda ctx, x: ctx.save_for_backward(w) or x * w, lambda ctx, g: g * ctx.saved_tensors[0])
    y = f.apply(torch.ones(2, requires_grad=True))
    w.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_saved_outputs_differentiate_again(x):
    def forward(ctx, x):
        a, b = x.exp(), x.sin()
        ctx.save_for_backward(a, None, b, x)
        return b, a

    def backward(ctx, gb, ga):
        a, none, b, x = ctx.saved_tensors
        assert none is None
        return ga * a + gb * x.cos()

    f = function(forward, backward)
    (g,) = torch.autograd.grad(f.apply(x)[1].sum(), x, create_graph=True)
    assert torch.allclose(torch.autograd.grad(g.sum(), x)[0], x.exp())


def test_a_graph_with_saved_outputs_is_freed_without_the_collector(x):
    import weakref

    class Kept:
        pass

    kept = Kept()

    def forward(ctx, x):
        ctx.kept = kept  # noqa: F821  (deleted below)
        y = x * 2
        ctx.save_for_backward(y)
        return y

    y = function(forward, lambda ctx, g: g).apply(x)
    gone = weakref.ref(kept)
    del kept, forward
    y.sum().backward()
    del y
    assert gone() is None


def test_missing_gradients_are_zeros_or_none(x):
    seen = []

    def backward(ctx, a, b):
        seen.append((a.tolist(), b if b is None else b.tolist()))
        return a

    def forward(ctx, x, materialize):
        ctx.set_materialize_grads(materialize)
        return x * 1, x * 2

    for materialize in (True, False):
        f = function(forward, lambda ctx, a, b: (backward(ctx, a, b), None))
        f.apply(x, materialize)[0].sum().backward()
    assert seen == [([1.0, 1.0], [0.0, 0.0]), ([1.0, 1.0], None)]


def test_outputs_marked_as_not_differentiable(x):
    def forward(ctx, x):
        mask, rest = x > 2, x * 3
        ctx.mark_non_differentiable(mask, rest)
        return x * 2, mask, rest

    def backward(ctx, g, g_mask, g_rest):
        assert g_mask.dtype is torch.bool and g_rest.tolist() == [0.0, 0.0]
        return g * 2

    y, mask, rest = function(forward, backward).apply(x)
    assert (y.requires_grad, mask.requires_grad, rest.requires_grad) == (True, False, False)
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def double_in_place(ctx, x):
    ctx.mark_dirty(x)
    return x.mul_(2)


def test_dirty_inputs(x):
    f = function(double_in_place, lambda ctx, g: g * 2)
    h = x * 1
    y = f.apply(h)
    assert y is h and type(h.grad_fn).__name__ == "MadeBackward"
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad has been used in an in-place operation"):
        f.apply(x)
    lost = function(lambda ctx, x: ctx.mark_dirty(x) or x * 2, lambda ctx, g: g)
    with pytest.raises(RuntimeError, match="Some elements marked as dirty during the forward method were not returned"):
        lost.apply(x * 1)


def test_a_dirty_view_changes_its_base():
    x = torch.ones(4, requires_grad=True)
    h = x * 1
    function(double_in_place, lambda ctx, g: g * 2).apply(h[:2])
    assert type(h.grad_fn).__name__ == "CopySlices"
    h.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 1.0, 1.0]


def test_an_input_returned_unwritten_is_another_tensor(x):
    y = function(lambda ctx, x: x, lambda ctx, g: g * 7).apply(x)
    assert y is not x and y.data_ptr() == x.data_ptr()
    y.sum().backward()
    assert x.grad.tolist() == [7.0, 7.0] and x.is_leaf


def test_views_that_a_function_returns_are_not_written(x):
    y = function(lambda ctx, x: x.view(2, 1), lambda ctx, g: g.view(2)).apply(x * 1)
    with pytest.raises(RuntimeError, match="This view was created inside a custom Function"):
        y.mul_(2)


def test_setup_context(x):
    class Scale(Function):
        @staticmethod
        def forward(x, by=2):
            return x * by

        @staticmethod
        def setup_context(ctx, inputs, output):
            assert output.tolist() == [v * inputs[1] for v in inputs[0].tolist()]
            ctx.by = inputs[1]

        @staticmethod
        def backward(ctx, g):
            return g * ctx.by, None

    Scale.apply(x, 3).sum().backward()
    Scale.apply(x).sum().backward()
    Scale.apply(x, by=5).sum().backward()
    assert x.grad.tolist() == [10.0, 10.0]


def test_once_differentiable(x):
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            assert not torch.is_grad_enabled()
            return g * 2 * ctx.saved_tensors[0]

    Square.apply(x).sum().backward()
    assert x.grad.tolist() == [4.0, 6.0]
    (g,) = torch.autograd.grad((Square.apply(x) ** 2).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="marked with @once_differentiable"):
        g.sum().backward()


def test_recording_inside_of_forward_and_backward(x):
    def forward(ctx, x):
        assert not torch.is_grad_enabled()
        with torch.enable_grad():
            ctx.x = x.detach().requires_grad_()
            ctx.y = (ctx.x**2).sum()
        return ctx.y.detach()

    def backward(ctx, g):
        with torch.enable_grad():
            ctx.y.backward(g)
        return ctx.x.grad

    (function(forward, backward).apply(x) * 3).backward()
    assert x.grad.tolist() == [12.0, 18.0]


def returns(value):
    return function(lambda ctx, *args: args[0] * 2, lambda ctx, g: value)


@pytest.mark.parametrize(
    ("f", "args", "kind", "text"),
    [
        (returns(torch.ones(2)), (3,), RuntimeError, "returned an incorrect number of gradients (expected 2, got 1)"),
        (returns((None,) * 2 + (torch.ones(2),)), (3,), RuntimeError, "(expected 2, got 3)"),
        (returns((None, torch.ones(2))), (3,), RuntimeError, "returned a gradient different than None at position 2"),
        (returns(3), (), RuntimeError, "expected Variable or None (got int)"),
        (returns(torch.ones(5)), (), RuntimeError, "returned an invalid gradient at index 0 - got [5] but expected shape"),
    ],
)
def test_what_backward_returns_is_checked(x, f, args, kind, text):
    y = f.apply(x, *args)
    with pytest.raises(kind) as caught:
        y.sum().backward()
    assert text in str(caught.value)
    assert x.grad is None


def test_surplus_nones_are_fine(x):
    returns((torch.ones(2), None, None)).apply(x).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_exceptions_pass_through(x):
    def fail(ctx, *args):
        raise KeyError("boo")

    with pytest.raises(KeyError, match="boo"):
        function(fail, fail).apply(x)
    assert torch.is_grad_enabled()
    y = function(lambda ctx, x: x * 2, fail).apply(x)
    with pytest.raises(KeyError, match="boo"):
        y.sum().backward()
    assert torch.is_grad_enabled() and x.grad is None


def test_what_is_missing_is_named(x):
    class Nothing(Function):
        pass

    with pytest.raises(NotImplementedError, match="You must implement the forward function"):
        Nothing.apply(x)
    with pytest.warns(DeprecationWarning, match="should not be instantiated"):
        instance = Nothing()
    with pytest.raises(RuntimeError, match="Legacy autograd function with non-static forward method is deprecated"):
        instance(x)

    class Half(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    with pytest.raises(NotImplementedError, match="You must implement either the backward or vjp method"):
        Half.apply(x).sum().backward()
    with pytest.raises(TypeError, match="save_for_backward can only save variables, but argument 0 is of type int"):
        function(lambda ctx, x: ctx.save_for_backward(3), None).apply(x)


def test_a_call_that_is_not_recorded_saves_nothing(x):
    double = function(lambda ctx, y: ctx.save_for_backward(y, 3) or y * 2, None)
    assert double.apply(4) == 8 and double.apply(torch.ones(1)).tolist() == [2.0]
    with torch.no_grad():
        assert not double.apply(x).requires_grad


def test_outputs_that_are_no_tensors(x):
    a, text, b = function(lambda ctx, x: (x * 2, "text", x * 3), lambda ctx, g, none, h: g + h).apply(x)
    assert text == "text"
    (a + b).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_hooks_of_the_context(x):
    y = Power.apply(x, 2)
    log = []
    y.grad_fn.register_prehook(lambda grads: (grads[0] * 10,))
    y.grad_fn.register_hook(lambda inputs, outputs: log.append(inputs[0].tolist()))
    y.sum().backward()
    assert log == [[40.0, 60.0]] and x.grad.tolist() == [40.0, 60.0]


def test_a_context_may_outlive_its_graph(x):
    context = []
    f = function(lambda ctx, x: context.append(ctx) or ctx.save_for_backward(x) or x * 2, lambda ctx, g: g)
    y = f.apply(x)
    assert y.grad_fn is context[0] and len(context[0].saved_tensors) == 1
    del y
    assert context[0].saved_tensors == () and context[0].next_functions == ()


def test_what_is_saved_is_there_when_the_call_is_recorded(x):
    seen = []

    def forward(ctx, x):
        ctx.save_for_backward(x)
        seen.append(ctx.saved_tensors)
        return x * 2

    y = function(forward, lambda ctx, g: seen.append(len(ctx.saved_tensors)) or g).apply(x)
    y.sum().backward()
    assert seen == [(), 1]


def test_a_write_that_no_op_made_is_known_by_its_mark():
    def add_one(ctx, x):
        numbers = x.numpy()
        numbers += 1
        ctx.mark_dirty(x)
        return x

    x = torch.ones(1, requires_grad=True) * 1
    y = x * x
    function(add_one, lambda ctx, g: g).apply(x)
    assert x._version == 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()
