"""Update rules against the formulas in plain Python, and what a step reads and writes."""

import math

import pytest

import steepest as torch
from steepest import optim

GRADS = [0.5, -2.0, 1.5, 0.25, -0.75]


def sgd(p, g, s, t, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False):
    g = (-g if maximize else g) + weight_decay * p
    if momentum:
        s["b"] = momentum * s["b"] + (1 - dampening) * g if "b" in s else g
        g = g + momentum * s["b"] if nesterov else s["b"]
    return p - lr * g


def adam(p, g, s, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False, decoupled=False):
    if decoupled:
        p *= 1 - lr * weight_decay
    else:
        g += weight_decay * p
    s["m"] = betas[0] * s.get("m", 0.0) + (1 - betas[0]) * g
    s["v"] = betas[1] * s.get("v", 0.0) + (1 - betas[1]) * g * g
    s["w"] = max(s.get("w", 0.0), s["v"]) if amsgrad else s["v"]
    m, w = s["m"] / (1 - betas[0] ** t), s["w"] / (1 - betas[1] ** t)
    return p - lr * m / (math.sqrt(w) + eps)


def rmsprop(p, g, s, t, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
    g += weight_decay * p
    s["s"] = alpha * s.get("s", 0.0) + (1 - alpha) * g * g
    s["a"] = alpha * s.get("a", 0.0) + (1 - alpha) * g
    step = g / (math.sqrt(s["s"] - s["a"] ** 2 * centered) + eps)
    s["b"] = momentum * s.get("b", 0.0) + step
    return p - lr * s["b"]


def adagrad(p, g, s, t, lr=1e-2, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
    g += weight_decay * p
    s["s"] = s.get("s", initial_accumulator_value) + g * g
    return p - lr / (1 + (t - 1) * lr_decay) * g / (math.sqrt(s["s"]) + eps)


CASES = [
    (optim.SGD, sgd, {"lr": 0.1}),
    (optim.SGD, sgd, {"lr": 0.1, "maximize": True, "weight_decay": 0.1}),
    (optim.SGD, sgd, {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.1}),
    (optim.SGD, sgd, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    (optim.Adam, adam, {}),
    (optim.Adam, adam, {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.1, "weight_decay": 0.2, "amsgrad": True}),
    (optim.AdamW, lambda *a, **k: adam(*a, decoupled=True, **k), {"lr": 0.1, "weight_decay": 0.2}),
    (optim.RMSprop, rmsprop, {}),
    (optim.RMSprop, rmsprop, {"lr": 0.1, "alpha": 0.8, "momentum": 0.5, "centered": True, "weight_decay": 0.1}),
    (optim.Adagrad, adagrad, {}),
    (optim.Adagrad, adagrad, {"lr": 0.1, "lr_decay": 0.2, "initial_accumulator_value": 0.3, "weight_decay": 0.1}),
]


@pytest.mark.parametrize(("make", "rule", "options"), CASES)
def test_rule(make, rule, options):
    p = torch.tensor([2.0, -1.0], dtype=torch.float64, requires_grad=True)
    optimizer, expected, state = make([p], **options), 2.0, {}
    for t, g in enumerate(GRADS, 1):
        p.grad = torch.tensor([g, 0.0], dtype=torch.float64)
        optimizer.step()
        expected = rule(expected, g, state, t, **options)
        assert p[0].item() == pytest.approx(expected, rel=1e-12)
    assert p.requires_grad and p.grad_fn is None


MAKERS = [
    lambda p: optim.SGD(p, lr=0.1),
    lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    lambda p: optim.Adam(p, lr=0.1, amsgrad=True),
    lambda p: optim.RMSprop(p, lr=0.1, momentum=0.9, centered=True),
    lambda p: optim.Adagrad(p, lr=0.1),
]


def parameters():
    return [torch.ones(3, requires_grad=True), torch.ones(2, 2, requires_grad=True)]


@pytest.mark.parametrize("make", MAKERS)
def test_parameters_without_gradient_stay(make):
    ps = parameters()
    optimizer = make(ps)
    ps[1].grad = torch.ones(2, 2)
    optimizer.step()
    assert ps[0].tolist() == [1.0] * 3 and ps[1][0, 0].item() < 1.0


@pytest.mark.parametrize("make", MAKERS)
def test_replaced_state_is_used(make):
    """The step reads the optimizer's state anew each time: programs may replace what is in it."""
    ps, twins = parameters(), parameters()
    for group in (ps, twins):
        for p in group:
            p.grad = torch.ones_like(p)
    optimizer, twin = make(ps), make(twins)
    for _ in range(3):
        optimizer.step()
        twin.step()
        for p in twins:
            twin.state[p] = {k: v.clone() for k, v in twin.state[p].items()}
    assert ps[1].tolist() == twins[1].tolist()


def test_options_of_a_group_can_change_between_steps():
    (p, _) = parameters()
    optimizer = optim.SGD([p], lr=0.1)
    p.grad = torch.ones(3)
    optimizer.step()
    optimizer.param_groups[0]["lr"] = torch.tensor(0.5)
    optimizer.step()
    assert p.tolist() == pytest.approx([0.4] * 3)


def test_differentiable_steps_are_refused():
    optimizer = optim.SGD(parameters(), lr=0.1, differentiable=True)
    with pytest.raises(NotImplementedError, match="SGD.step: differentiable=True"):
        optimizer.step()
