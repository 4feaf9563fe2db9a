"""Hooks on saved tensors, and checkpoints, which are made of them."""

import gc
import weakref

import pytest

import steepest as torch
from steepest.autograd import graph
from steepest.utils.checkpoint import CheckpointError, checkpoint, checkpoint_sequential


def test_hooks_see_what_is_saved_and_backward_reads_what_they_give():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    packed = []
    with graph.saved_tensors_hooks(lambda t: packed.append(t.tolist()) or len(packed) - 1, lambda i: 10 * torch.tensor(packed[i])):
        y = (x * x).sum()
    assert packed == [[1, 2], [1, 2]]
    y.backward()
    assert x.grad.tolist() == [20, 40]


def test_outputs_and_second_derivatives():
    x = torch.tensor([0.5, 1.0], requires_grad=True, dtype=torch.float64)
    with graph.saved_tensors_hooks(lambda t: t.numpy().copy(), torch.from_numpy):
        y = (x.exp() * x).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    assert torch.allclose(g, (x.exp() * (1 + x)).detach())
    assert torch.allclose(h, (x.exp() * (2 + x)).detach())


def test_layers_of_hooks_and_ops_that_are_not_elementwise():
    a, b = torch.randn(3, 4, requires_grad=True), torch.randn(4, 2, requires_grad=True)
    names = []

    def named(name):
        return graph.saved_tensors_hooks(lambda t: names.append(name) or t, lambda t: t)

    with named("outer"):
        a.sin()
        with named("inner"):
            y = (a @ b).softmax(1)[:, 0].sum()
        a.cos()
    assert names == ["outer", "inner", "inner", "inner", "outer"]
    y.backward()
    expected = torch.autograd.grad((a @ b).softmax(1)[:, 0].sum(), (a, b))
    assert torch.equal(a.grad, expected[0])
    assert torch.equal(b.grad, expected[1])


def test_what_is_packed_is_freed():
    class Box:
        pass

    x = torch.ones(2, requires_grad=True)
    boxes = []

    def pack(t):
        box = Box()
        box.t = t
        boxes.append(weakref.ref(box))
        return box

    with graph.saved_tensors_hooks(pack, lambda box: box.t):
        y, z = (x * 3 * x).sum(), x.exp()
    y.backward()
    del z
    gc.collect()
    assert boxes
    assert all(box() is None for box in boxes)


@pytest.mark.parametrize(
    ("unpack", "error", "text"),
    [
        (lambda _: 5, TypeError, "expected to be a Tensor but got result of type int"),
        (lambda _: torch.ones(3), RuntimeError, "of size"),
        (lambda _: torch.ones(2, dtype=torch.float64), RuntimeError, "of size"),
        (lambda _: 1 / 0, ZeroDivisionError, "division"),
    ],
)
def test_bad_hooks(unpack, error, text):
    x = torch.ones(2, requires_grad=True)
    with graph.saved_tensors_hooks(lambda t: t, unpack):
        y = x.exp().sum()
    with pytest.raises(error, match=text):
        y.backward()
    with pytest.raises(ZeroDivisionError), graph.saved_tensors_hooks(lambda t: 1 / 0, lambda t: t):
        x.exp()


def test_disabled():
    with graph.disable_saved_tensors_hooks("not here"), pytest.raises(RuntimeError, match="not here"), graph.save_on_cpu():
        pass


def model():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Dropout(0.5), torch.nn.Linear(4, 2))


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpoint_gives_the_same_gradients(reentrant):
    net, x = model(), torch.randn(5, 3, requires_grad=True)

    def gradients(run):
        torch.manual_seed(1)
        run(x).pow(2).sum().backward()
        result = [p.grad.clone() for p in (x, *net.parameters())]
        net.zero_grad()
        x.grad = None
        return result

    expected = gradients(net)
    for run in (
        lambda x: checkpoint(net, x, use_reentrant=reentrant),
        lambda x: checkpoint_sequential(net, 2, x, use_reentrant=reentrant),
    ):
        assert all(torch.equal(a, b) for a, b in zip(gradients(run), expected, strict=True))


def test_checkpoint_runs_twice_and_keeps_nothing():
    runs = []
    saved = []
    x = torch.ones(3, requires_grad=True)

    def f(x, *, scale):
        runs.append(torch.is_grad_enabled())
        return (x.exp() * scale).sin()

    with graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = checkpoint(f, x, use_reentrant=False, scale=2.0)
        assert saved == []
    y.sum().backward()
    assert runs == [True, True]


def test_checkpoint_of_something_else_the_second_time():
    x = torch.ones(3, requires_grad=True)
    calls = []

    def f(x):
        calls.append(0)
        return x.exp().sin() if len(calls) == 1 else x.exp()

    with pytest.raises(CheckpointError, match="different number"):
        checkpoint(f, x, use_reentrant=False).sum().backward()


def test_checkpoint_asks_to_be_told():
    with pytest.warns(UserWarning, match="use_reentrant"):
        checkpoint(torch.exp, torch.ones(1, requires_grad=True))
    with pytest.raises(ValueError, match="Unexpected keyword arguments: a"):
        checkpoint(torch.exp, torch.ones(1, requires_grad=True), use_reentrant=True, a=1)
