"""torch.func: transforms of functions, alone and nested, against closed forms, finite differences and loops."""

import copy
import functools
import importlib

import pytest

import steepest as torch
import steepest.nn.functional as F
from steepest import nn
from steepest.func import (
    functional_call,
    functionalize,
    grad,
    grad_and_value,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    linearize,
    replace_all_batch_norm_modules_,
    stack_module_state,
    vjp,
    vmap,
)
from steepest.nn.utils import stateless

X = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
W = torch.tensor([[1.0, 2.0, -1.0], [0.5, -0.25, 3.0]], dtype=torch.float64)
same = functools.partial(torch.testing.assert_close, rtol=1e-12, atol=1e-12)


def numeric_jacobian(f, x, step=1e-6):
    columns = [(f(x + step * e) - f(x - step * e)) / (2 * step) for e in torch.eye(x.numel(), dtype=x.dtype).view(-1, *x.shape)]
    return torch.stack(columns, -1).view((*columns[0].shape, *x.shape))


# gradients


def test_grad_takes_what_argnums_says():
    def f(a, b):
        return (a * b["w"]).sum() + b["c"][0]

    b = {"w": 2 * X, "c": [torch.tensor(1.0, dtype=torch.float64)]}
    same(grad(f)(X, b), 2 * X)
    same(grad(f, argnums=(1, 0))(X, b), ({"w": X, "c": [torch.tensor(1.0, dtype=torch.float64)]}, 2 * X))
    same(grad(f, argnums=-1)(X, b)["w"], X)
    same(grad(f)(X, b=b), 2 * X)


def test_aux_and_value():
    gradient, (value, aux) = grad_and_value(lambda x: ((x**2).sum(), {"half": x / 2}), has_aux=True)(X)
    same((gradient, value, aux["half"]), (2 * X, (X**2).sum(), X / 2))
    assert not (value.requires_grad or aux["half"].requires_grad)
    same(grad(lambda x: ((x**2).sum(), x), has_aux=True)(X), (2 * X, X))


def test_grad_of_grad():
    same(grad(grad(torch.sin))(X[0]), -X[0].sin())
    same(vmap(grad(grad(grad(torch.sin))))(X), -X.cos())


def test_arguments_are_told_apart():
    x = X[0]
    same(grad(lambda x: x * grad(lambda y: x * y)(x))(x), 2 * x)  # x * x
    same(grad(lambda x: grad(lambda y: (x * y) ** 2)(x))(x), 6 * x**2)  # of 2 x^2 y at y = x, by both
    same(jvp(lambda x: jvp(lambda y: x * y**2, (x,), (x,))[1], (x,), (torch.ones_like(x),))[1], 6 * x**2)


def test_history_outside_is_kept_where_there_is_one():
    w = W[0].clone().requires_grad_()
    assert not grad(lambda x: (x**2).sum())(X).requires_grad
    assert not grad(lambda x: x.sum() + w.sum())(X).requires_grad
    for of in (grad(lambda x: (x**2 * w).sum()), jacrev(lambda x: (x**2 * w).sum()), jacfwd(lambda x: (x**2 * w).sum())):
        result = of(X)
        (g,) = torch.autograd.grad(result.sum(), w)
        same(g, 2 * X)
    tracked = X.clone().requires_grad_()
    grad(lambda x: (x**3).sum())(tracked).sum().backward()
    same(tracked.grad, 6 * X)


def test_modes_outside_do_not_matter_and_modes_inside_do():
    def f(x):
        with torch.no_grad():
            constant = x**2
        return (constant * x).sum()

    w = W[0].clone().requires_grad_()
    for mode in (torch.no_grad, torch.enable_grad, torch.inference_mode):
        with mode():
            same(grad(f)(X), X**2)
            same(grad(lambda x: (grad(f)(x) * x**2).sum())(X), 2 * X**3)
            result = grad(lambda x: (x * w).sum())(X)
            inside = torch.is_inference_mode_enabled(), torch.is_grad_enabled()
        assert result.requires_grad is (mode is torch.enable_grad)
        assert inside == (mode is torch.inference_mode, mode is torch.enable_grad)


def test_inference_tensors():
    with torch.inference_mode():
        same(grad(lambda x: (x**2).sum())(torch.ones(2)), torch.full((2,), 2.0))


def test_vjp():
    output, products, aux = vjp(lambda x, p: ({"a": x * p[0], "b": x.sum()}, x), X, [W], has_aux=True)
    same(output["a"], X * W)
    same(aux, X)
    cotangents = {"a": torch.ones_like(W), "b": torch.tensor(10.0, dtype=torch.float64)}
    for _ in range(2):
        gx, (gw,) = products(cotangents)
        same((gx, gw), (W.sum(0) + 10, X.expand(2, 3)))
    assert not gx.requires_grad
    same(vmap(vjp(torch.sin, X)[1])(torch.eye(3, dtype=torch.float64)), (torch.diag(X.cos()),))


def test_vjp_is_differentiated_by_its_cotangents():
    _, products = vjp(lambda x: x**2, X)
    same(grad(lambda v: (products(v)[0] ** 2).sum())(W[0]), 8 * X**2 * W[0])


def test_jvp_and_linearize():
    v = torch.tensor([1.0, 0.5, -2.0], dtype=torch.float64)
    output, product = jvp(lambda x, w: (w @ x.sin(), x), (X, W), (v, W))
    same(output, (W @ X.sin(), X))
    same(product, (W @ (X.cos() * v) + W @ X.sin(), v))
    assert not (output[0].requires_grad or product[0].requires_grad)
    output, push = linearize(lambda x: {"y": W @ x.sin(), "n": torch.ones(2)}, X)
    for _ in range(2):
        same(push(v), {"y": W @ (X.cos() * v), "n": torch.zeros(2)})
    output, product, aux = jvp(lambda x: (x * 2, x), (X,), (v,), has_aux=True)
    same((output, product, aux), (2 * X, 2 * v, X))


def test_a_function_that_returns_its_argument():
    same((jvp(lambda x: x, (X,), (2 * X,)), vjp(lambda x: x, X)[1](X)), ((X, 2 * X), (X,)))
    same(jacfwd(lambda x: (x, x.view(3, 1).expand(3, 2)))(X)[0], torch.eye(3, dtype=torch.float64))
    assert not jvp(lambda x: x, (X,), (2 * X,))[0].requires_grad


def test_hessian_vector_products():
    f = lambda x: (x.sin() * x).prod()  # noqa: E731
    expected = hessian(f)(X) @ X
    same(jvp(grad(f), (X,), (X,))[1], expected)
    same(vjp(grad(f), X)[1](X)[0], expected)
    same(grad(lambda x: (grad(f)(x) * X).sum())(X), expected)


# Jacobians


@pytest.mark.parametrize("jacobian", [jacrev, jacfwd], ids=["jacrev", "jacfwd"])
@pytest.mark.parametrize(
    "f",
    [lambda x: W @ x.tanh(), lambda x: torch.outer(x, x.exp()), lambda x: x.prod(), lambda x: torch.cat([W, W]) @ x**2],
    ids=["narrow", "wide", "scalar", "tall"],
)
def test_jacobians(jacobian, f):
    torch.testing.assert_close(jacobian(f)(X), numeric_jacobian(f, X), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("jacobian", [jacrev, jacfwd], ids=["jacrev", "jacfwd"])
def test_jacobians_of_trees(jacobian):
    def f(p, scale):
        return {"y": p["w"] @ p["x"] * scale, "s": (p["x"] ** 2).sum()}, scale

    scale = torch.tensor(3.0, dtype=torch.float64)
    found, aux = jacobian(f, argnums=(0, 1), has_aux=True)({"w": W, "x": X}, scale)
    same(aux, scale)
    same(found["y"][0]["x"], 3 * W)
    same(found["y"][0]["w"], 3 * torch.einsum("ij,k->ijk", torch.eye(2, dtype=torch.float64), X))
    same(found["y"][1], W @ X)
    same(found["s"][0]["x"], 2 * X)
    same((found["s"][0]["w"], found["s"][1]), (torch.zeros_like(W), torch.zeros_like(scale)))


def test_hessians():
    def f(x):
        return W @ torch.outer(x.sin(), x).sum(1)

    expected = numeric_jacobian(lambda x: numeric_jacobian(f, x, 1e-4), X, 1e-4)
    for of in (hessian(f), jacrev(jacfwd(f)), jacfwd(jacfwd(f)), jacrev(jacrev(f))):
        torch.testing.assert_close(of(X), expected, rtol=1e-5, atol=1e-6)
    batch = torch.stack([X, 2 * X])
    same(vmap(hessian(f))(batch), torch.stack([hessian(f)(X), hessian(f)(2 * X)]))


def test_empty_and_integer_outputs():
    assert jacrev(lambda x: x[:0])(X).shape == (0, 3)
    assert jacfwd(lambda x: x.sum())(X[:0]).shape == (0,)
    assert jacfwd(lambda x: x > 0)(X).tolist() == [[False] * 3] * 3
    assert jacrev(lambda x: torch.ones(2))(X).tolist() == [[0.0] * 3] * 2


def test_hessians_of_functions_that_branch():
    f = lambda x: (x**3).sum() if x.sum() > 0 else x.sum()  # noqa: E731
    same(hessian(f)(X), torch.diag(6 * X))


# modules


def test_functorch():
    functorch = importlib.import_module("steepest._functorch")
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2).eval())
    with pytest.warns(FutureWarning, match="`functorch.make_functional_with_buffers` is deprecated"):
        f, parameters, buffers = functorch.make_functional_with_buffers(model)
    x = torch.randn(4, 3)
    same(f(parameters, buffers, x), model(x))
    with pytest.warns(FutureWarning, match="Please use `torch.vmap` instead"):
        same(functorch.vmap(torch.sin)(x), x.sin())
    with pytest.warns(FutureWarning), pytest.raises(RuntimeError, match="`model` has buffers"):
        functorch.make_functional(model)
    models = [nn.Linear(3, 2) for _ in range(3)]
    with pytest.warns(FutureWarning):
        f, parameters, buffers = functorch.combine_state_for_ensemble(models)
    same(vmap(f, in_dims=(0, 0, None))(parameters, buffers, x), torch.stack([m(x) for m in models]))
    with pytest.warns(FutureWarning):
        f, parameters = functorch.make_functional(models[0], disable_autograd_tracking=True)
    assert not any(p.requires_grad for p in parameters)
    same(f(parameters, x), models[0](x))


def test_per_sample_gradients():
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 4))
    data, targets = torch.randn(5, 1, 4, 4), torch.randint(4, (5,))
    parameters = {name: p.detach() for name, p in model.named_parameters()}

    def loss(parameters, sample, target):
        return F.cross_entropy(functional_call(model, parameters, (sample[None],)), target[None])

    found = vmap(grad(loss), in_dims=(None, 0, 0))(parameters, data, targets)
    assert not found["0.weight"].requires_grad
    for i in range(5):
        model.zero_grad()
        F.cross_entropy(model(data[i : i + 1]), targets[i : i + 1]).backward()
        for name, p in model.named_parameters():
            torch.testing.assert_close(found[name][i], p.grad)


def test_ensembles():
    models = [nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.BatchNorm1d(4).eval()) for _ in range(3)]
    parameters, buffers = stack_module_state(models)
    assert parameters["0.weight"].is_leaf
    assert parameters["0.weight"].requires_grad
    base, x = copy.deepcopy(models[0]), torch.randn(6, 3)
    found = vmap(lambda p, b, x: functional_call(base, (p, b), (x,)), in_dims=(0, 0, None))(parameters, buffers, x)
    same(found, torch.stack([model(x) for model in models]))
    found.sum().backward()
    assert parameters["0.weight"].grad.shape == (3, 4, 3)


def test_inner_loops_are_differentiated():
    x = torch.linspace(-1, 1, 8, dtype=torch.float64)

    def loss(p, scale):
        return ((p["a"] * x + p["b"] - scale * x.sin()) ** 2).mean()

    def after_training(p, scale):
        for _ in range(3):
            steps = grad(loss)(p, scale)
            p = {name: p[name] - 0.3 * steps[name] for name in p}
        return loss(p, scale)

    def outer(v):
        return vmap(lambda scale: after_training({"a": v[0], "b": v[1]}, scale))(X).mean()

    start = torch.tensor([0.3, -0.2], dtype=torch.float64)
    torch.testing.assert_close(grad(outer)(start), numeric_jacobian(outer, start), rtol=1e-7, atol=1e-9)


def test_functional_call_gives_back_what_was_assigned_and_ties_weights():
    class Counter(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("n", torch.zeros(()))
            self.weight = nn.Parameter(torch.ones(()))
            self.again = self.weight

        def forward(self, x):
            self.n = self.n + 1
            return x * self.weight * self.again

    module, given = Counter(), {"n": torch.tensor(5.0), "weight": torch.tensor(3.0)}
    assert functional_call(module, given, torch.ones(())).item() == 9
    assert given["n"].item() == 6
    assert (module.n.item(), module.weight.item()) == (0, 1)
    assert functional_call(module, given, torch.ones(()), tie_weights=False).item() == 3
    with pytest.raises(ValueError, match=r"got multiple values for keys \['again', 'weight'\], which are tied"):
        functional_call(module, {"weight": torch.ones(()), "again": torch.zeros(())}, torch.ones(()))
    with pytest.warns(FutureWarning, match="deprecated as of PyTorch 2.0"):
        assert nn.utils.stateless.functional_call(module, {"weight": torch.tensor(2.0)}, torch.ones(())).item() == 4


def test_batch_norms_without_statistics():
    model = replace_all_batch_norm_modules_(nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 2)))
    x = torch.randn(4, 2)
    same(model[0].eval()(x), F.batch_norm(x, None, None, training=True, weight=model[0].weight, bias=model[0].bias))


def test_functionalize():
    x = torch.ones(2)
    same(functionalize(lambda x: x.clone().mul_(3), remove="mutations_and_views")(x), 3 * x)
    with pytest.raises(RuntimeError, match="received invalid argument for remove=views"):
        functionalize(torch.sin, remove="views")


def test_a_block_with_other_parameters():
    layer, x = torch.nn.Linear(2, 2), torch.ones(2)
    given = {"weight": torch.eye(2), "bias": torch.zeros(2)}
    with stateless._reparametrize_module(layer, given, tie_weights=True, strict=True):
        assert torch.equal(layer(x), x)
    assert not torch.equal(layer.weight, given["weight"])
    with pytest.raises(RuntimeError, match="Missing key"):
        stateless._reparametrize_module(layer, {"bias": x}, strict=True)
