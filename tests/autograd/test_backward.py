"""backward and autograd.grad: which gradients arrive, where they are put, and what is refused."""

import subprocess
import sys
import warnings

import pytest

import steepest as torch


@pytest.fixture
def x():
    return torch.tensor([1.0, 2.0, 3.0], requires_grad=True)


def test_gradient_weighs_the_outputs(x):
    (x * 2).backward(torch.tensor([1.0, 0.1, 0.01]))
    assert torch.allclose(x.grad, torch.tensor([2.0, 0.2, 0.02]))


def test_gradients_accumulate_in_the_same_tensor(x):
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    assert x.grad is first
    assert first.tolist() == [5.0, 5.0, 5.0]
    x.grad.zero_()
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0, 3.0]


def test_gradient_of_another_dtype_is_cast(x):
    (x * 2).backward(torch.ones(3, dtype=torch.float64))
    assert x.grad.dtype is torch.float32


@pytest.mark.parametrize(
    "make",
    [
        lambda x: (x * x).sum(),
        lambda x: (x * 3).sum(),
        lambda x: x.exp().sum(),
        lambda x: (x**2).sum(),
        lambda x: x.softmax(0).sum(),
    ],
)
def test_a_graph_is_used_up_by_backward(x, make):
    y = make(x)
    y.backward(retain_graph=True)
    once = x.grad.clone()
    y.backward()
    assert torch.allclose(x.grad, 2 * once)
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()


def test_what_saves_nothing_may_be_used_again(x):
    y = (x + x).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [4.0, 4.0, 4.0]


def test_inputs_choose_where_gradients_go(x):
    w = torch.tensor(2.0, requires_grad=True)
    h = x * w
    y = (h * h).sum()
    y.backward(inputs=[h], retain_graph=True)
    assert h.grad.tolist() == [4.0, 8.0, 12.0]
    assert x.grad is None and w.grad is None
    y.backward(inputs=w)
    assert x.grad is None
    assert w.grad.item() == 56.0
    with pytest.raises(RuntimeError, match="`inputs` argument to `backward\\(\\)` cannot be empty"):
        (x * 2).sum().backward(inputs=[])


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda x: (x * 2).backward(), RuntimeError, "grad can be implicitly created only for scalar outputs"),
        (lambda x: (x * 2).backward(torch.ones(2)), RuntimeError, "Mismatch in shape: grad_output[0] has a shape of"),
        (lambda x: torch.ones(()).backward(), RuntimeError, "element 0 of tensors does not require grad"),
        (lambda x: x.sum().backward("a"), TypeError, "gradients can be either Tensors or None, but got str"),
        (lambda x: x.sum().backward(foo=1), TypeError, "Tensor.backward() got an unexpected keyword argument 'foo'"),
    ],
)
def test_backward_refuses(x, call, kind, text):
    with pytest.raises(kind) as caught:
        call(x)
    assert text in str(caught.value)
    assert x.grad is None


def test_gradients_of_different_leaves_share_no_memory(x):
    w = torch.ones(3, requires_grad=True)
    (x + w).sum().backward()
    x.grad += 1
    assert w.grad.tolist() == [1.0, 1.0, 1.0]
    g = torch.ones(3)
    leaf = torch.ones(3, requires_grad=True)
    leaf.backward(g)
    leaf.grad += 1
    assert g.tolist() == [1.0, 1.0, 1.0]


def test_grad_may_be_assigned_and_deleted(x):
    x.grad = torch.ones(3)
    x.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]
    del x.grad
    assert x.grad is None
    for bad, kind in [
        (torch.ones(2), RuntimeError),
        (torch.ones(3, dtype=torch.float64), RuntimeError),
        (3, TypeError),
        ([1.0, 2.0, 3.0], TypeError),
        (x, RuntimeError),
    ]:
        with pytest.raises(kind):
            x.grad = bad
        assert x.grad is None


def test_grad_of_what_is_no_leaf_warns(x):
    y = x * 2
    with pytest.warns(UserWarning, match="not a leaf Tensor is being accessed"):
        assert y.grad is None
    y.retain_grad()
    assert y.grad is None


def test_retain_grad_follows_in_place_writes(x):
    y = x * 2
    y.retain_grad()
    assert y.retains_grad and not x.retains_grad
    y.mul_(3)
    assert y.retains_grad
    (y * 5).sum().backward()
    assert y.grad.tolist() == [5.0, 5.0, 5.0]
    assert x.grad.tolist() == [30.0, 30.0, 30.0]


def test_create_graph_keeps_gradients_differentiable(x):
    (g,) = torch.autograd.grad((x**4).sum(), x, create_graph=True)
    (gg,) = torch.autograd.grad(g.sum(), x, create_graph=True)
    (ggg,) = torch.autograd.grad(gg.sum(), x)
    assert gg.tolist() == [12.0, 48.0, 108.0]
    assert ggg.tolist() == [24.0, 48.0, 72.0]
    assert x.grad is None and not ggg.requires_grad


def test_grad_functions_of_several_outputs_and_inputs(x):
    w = torch.tensor(2.0, requires_grad=True)
    gx, gw = torch.autograd.grad((x * x, w * w), (x, w), (torch.ones(3), None))
    assert gx.tolist() == [2.0, 4.0, 6.0] and gw.item() == 4.0
    h = x * 3
    y = (h**2).sum()
    grads = torch.autograd.grad(y, [h, h, x, x])
    assert [g[0].item() for g in grads] == [6.0, 6.0, 18.0, 18.0]
    assert torch.autograd.grad(x, x, torch.ones(3))[0].tolist() == [1.0, 1.0, 1.0]


def test_grad_of_an_unused_input(x):
    u = torch.ones(2, requires_grad=True)
    y = (x * x).sum()
    with pytest.raises(RuntimeError, match="differentiated Tensor at index 1 appears to not have been used"):
        torch.autograd.grad(y, [x, u], retain_graph=True)
    g, none = torch.autograd.grad(y, [x, u], allow_unused=True, retain_graph=True)
    assert none is None and g.tolist() == [2.0, 4.0, 6.0]
    assert torch.autograd.grad(y, [x, u], materialize_grads=True)[1].tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="Expected allow_unused to be True or not passed"):
        torch.autograd.grad(y, [x, u], allow_unused=False, materialize_grads=True)


def test_grad_refuses(x):
    with pytest.raises(RuntimeError, match="got 2 tensors and 1 gradients"):
        torch.autograd.grad((x.sum(), x.sum()), x, (torch.ones(()),))
    with pytest.raises(RuntimeError, match="One of the differentiated Tensors does not require grad"):
        torch.autograd.grad(x.sum(), torch.ones(3))
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad"):
        torch.autograd.grad(torch.ones(()), torch.ones(3))
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad"):
        torch.autograd.grad(torch.ones(()), x)


def test_gradient_kept_with_its_graph_is_added_to_in_place(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the cycle between x and its gradient, once a process
        (x**3).sum().backward(create_graph=True)
    g = x.grad
    assert g.requires_grad
    g.sum().backward()
    assert x.grad is g
    assert x.grad.tolist() == [9.0, 24.0, 45.0]
    x.grad = None


def test_a_kept_graph_is_warned_of_once():
    program = """
import warnings, steepest as torch
warnings.simplefilter("always")
x = torch.ones(2, requires_grad=True)
with warnings.catch_warnings(record=True) as caught:
    for _ in range(2):
        (x**2).sum().backward(create_graph=True)
        x.grad = None
print(*(warning.message for warning in caught))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("Using backward() with create_graph=True will create a reference cycle between the parameter")
    assert run.stdout.count("reference cycle") == 1


def test_a_pass_that_fails_leaves_gradients_alone(x):
    def fail(g):
        raise ValueError("stop")

    w = torch.ones(3, requires_grad=True)
    h = x * w
    h.register_hook(fail)
    y = (h * 2).sum()
    with pytest.raises(ValueError, match="stop"):
        y.backward()
    assert x.grad is None and w.grad is None
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_backward_inside_of_backward(x):
    def inner(g):
        with torch.enable_grad():
            (x * 5).sum().backward()

    y = x * 2
    y.register_hook(inner)
    (y.sum() + (x * 3).sum()).backward()
    assert x.grad.tolist() == [10.0, 10.0, 10.0]

    x.grad = None
    a = x * 2
    b = a * 3
    total = a.sum()
    b.register_hook(lambda g: total.backward(retain_graph=True))
    (b.sum() + total).backward()
    assert x.grad.tolist() == [10.0, 10.0, 10.0]


def test_leaves_shared_with_an_inner_pass_run_their_hooks_once(x):
    calls = []

    def inner(g):
        with torch.enable_grad():
            torch.autograd.grad((x * 7).sum(), x)

    ys = [x * k for k in (1.0, 2.0, 3.0)]
    ys[1].register_hook(inner)
    x.register_hook(lambda g: calls.append(g.tolist()))
    (ys[0] + ys[1] + ys[2]).sum().backward()
    assert calls.count([6.0, 6.0, 6.0]) == 1 and len(calls) == 2
    assert x.grad.tolist() == [6.0, 6.0, 6.0]


def test_autograd_backward_takes_several_roots(x):
    torch.autograd.backward([x.sum(), x * x], [None, torch.ones(3)])
    assert x.grad.tolist() == [3.0, 5.0, 7.0]
    with pytest.raises(RuntimeError, match="got 2 tensors and 1 gradients"):
        torch.autograd.backward([x.sum(), x.sum()], [None])


def test_gradients_lie_in_memory_as_the_incoming_one_does():
    numbers = torch.arange(1200.0).reshape(30, 40) / 1200
    x, w = numbers.t().requires_grad_(), torch.tensor(2.0, requires_grad=True)
    y = torch.exp(x) * w
    (gradient,) = torch.autograd.grad(y, x, torch.ones_like(y), retain_graph=True)
    assert gradient.stride() == (1, 40)
    assert torch.allclose(gradient, 2 * torch.exp(numbers).t())
    row = torch.ones(30, requires_grad=True)
    z = torch.div(x, row)
    gradients = torch.autograd.grad(z, (x, row), torch.ones_like(z))
    assert torch.allclose(gradients[0], torch.ones(40, 30))
    assert torch.allclose(gradients[1], -numbers.t().sum(0))
