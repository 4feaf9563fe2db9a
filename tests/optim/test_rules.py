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


def adadelta(p, g, s, t, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0):
    g += weight_decay * p
    s["s"] = rho * s.get("s", 0.0) + (1 - rho) * g * g
    d = math.sqrt(s.get("a", 0.0) + eps) / math.sqrt(s["s"] + eps) * g
    s["a"] = rho * s.get("a", 0.0) + (1 - rho) * d * d
    return p - lr * d


def adamax(p, g, s, t, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
    g += weight_decay * p
    s["m"] = betas[0] * s.get("m", 0.0) + (1 - betas[0]) * g
    s["u"] = max(betas[1] * s.get("u", 0.0), abs(g) + eps)
    return p - lr / (1 - betas[0] ** t) * s["m"] / s["u"]


def averages(p, g, s, lr, betas, weight_decay, decoupled):
    p, g = (p * (1 - lr * weight_decay), g) if decoupled else (p, g + weight_decay * p)
    s["m"] = betas[0] * s.get("m", 0.0) + (1 - betas[0]) * g
    s["v"] = betas[1] * s.get("v", 0.0) + (1 - betas[1]) * g * g
    return p, g


def nadam(p, g, s, t, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, momentum_decay=4e-3, decoupled_weight_decay=False):
    p, g = averages(p, g, s, lr, betas, weight_decay, decoupled_weight_decay)
    now, following = (betas[0] * (1 - 0.5 * 0.96 ** (k * momentum_decay)) for k in (t, t + 1))
    s["mu"] = s.get("mu", 1.0) * now
    d = math.sqrt(s["v"] / (1 - betas[1] ** t)) + eps
    return p - lr * (1 - now) / (1 - s["mu"]) * g / d - lr * following / (1 - s["mu"] * following) * s["m"] / d


def radam(p, g, s, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled_weight_decay=False):
    p, g = averages(p, g, s, lr, betas, weight_decay, decoupled_weight_decay)
    longest = 2 / (1 - betas[1]) - 1
    length = longest - 2 * t * betas[1] ** t / (1 - betas[1] ** t)
    d = lr * s["m"] / (1 - betas[0] ** t)
    if length > 5:
        d *= math.sqrt(1 - betas[1] ** t) / (math.sqrt(s["v"]) + eps)
        d *= math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    return p - d


def rprop(p, g, s, t, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50)):
    turn = g * s.get("prev", 0.0)
    s["size"] = s.get("size", lr) * (etas[1] if turn > 0 else etas[0] if turn < 0 else 1)
    s["size"] = min(max(s["size"], step_sizes[0]), step_sizes[1])
    s["prev"] = 0.0 if turn < 0 else g
    return p - math.copysign(s["size"], s["prev"]) * (s["prev"] != 0)


def asgd(p, g, s, t, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0.0):
    g += weight_decay * p
    eta, mu = s.get("eta", lr), s.get("mu", 1)
    p = p * (1 - lambd * eta) - eta * g
    s["ax"] = s.get("ax", 0.0) + mu * (p - s.get("ax", 0.0))
    s["eta"], s["mu"] = lr / (1 + lambd * lr * t) ** alpha, 1 / max(1, t - t0)
    return p


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
    (optim.Adadelta, adadelta, {"rho": 0.7, "weight_decay": 0.1}),
    (optim.Adamax, adamax, {"lr": 0.1, "betas": (0.5, 0.7), "weight_decay": 0.1}),
    (optim.NAdam, nadam, {"lr": 0.1, "betas": (0.5, 0.7), "momentum_decay": 0.1, "weight_decay": 0.1}),
    (optim.NAdam, nadam, {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    (optim.RAdam, radam, {"lr": 0.1, "betas": (0.5, 0.9), "weight_decay": 0.1}),
    (optim.RAdam, radam, {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    (optim.Rprop, rprop, {"lr": 0.1, "etas": (0.4, 1.5), "step_sizes": (0.05, 0.2)}),
    (optim.ASGD, asgd, {"lr": 0.1, "lambd": 0.1, "t0": 2, "weight_decay": 0.1}),
]


@pytest.fixture
def doubles():
    """Numbers kept as tensors are float64 then, like the formulas here."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("doubles")
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
    lambda p: optim.Adadelta(p, lr=0.1),
    lambda p: optim.Adamax(p, lr=0.1),
    lambda p: optim.NAdam(p, lr=0.1),
    lambda p: optim.RAdam(p, lr=0.1),
    lambda p: optim.Rprop(p, lr=0.1),
    lambda p: optim.ASGD(p, lr=0.1),
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


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_short_types_are_computed_in_float32(make, dtype):
    p, twin = (torch.ones(3, dtype=d, requires_grad=True) for d in (dtype, torch.float32))
    for one in (p, twin):
        one.grad = torch.full_like(one, 0.5)
        make([one]).step()
    assert p.dtype is dtype and p.tolist() == twin.to(dtype).tolist()


@pytest.mark.parametrize("make", MAKERS)
def test_layout_does_not_matter(make):
    results = []
    for strided in (False, True):
        p = torch.arange(6.0).reshape(2, 3)
        p = (p.t().contiguous().t() if strided else p).requires_grad_()
        p.grad = torch.ones(2, 3)
        make([p]).step()
        results.append(p.tolist())
    assert results[0] == results[1]


@pytest.mark.parametrize("make", MAKERS[:3])
def test_special_gradients(make):
    p = torch.ones(4, requires_grad=True)
    p.grad = torch.tensor([math.nan, math.inf, 0.0, 1.0])
    make([p]).step()
    assert math.isnan(p[0].item()) and not math.isfinite(p[1].item()) and p[2].item() == 1.0 and p[3].item() < 1.0


def test_a_step_that_is_refused_changes_nothing():
    p, q = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    optimizer = optim.Adam([p, q], lr=0.1)
    p.grad = q.grad = torch.ones(2)
    optimizer.step()
    before = p.tolist()
    optimizer.state[q]["exp_avg"] = torch.ones(3)
    with pytest.raises(RuntimeError, match=r"exp_avg has shape \[3\], but its parameter has \[2\]"):
        optimizer.step()
    assert p.tolist() == before and optimizer.state[p]["step"].item() == 1
    del optimizer.param_groups[0]["eps"]
    with pytest.raises(KeyError, match="eps"):
        optimizer.step()


def test_arguments_of_step():
    optimizer = optim.SGD(parameters(), lr=0.1)
    with pytest.raises(TypeError, match="takes from 1 to 2 positional arguments but 3 were given"):
        optimizer.step(None, None)
    with pytest.raises(TypeError, match="unexpected keyword argument 'closer'"):
        optimizer.step(closer=None)
    assert optimizer.step(closure=lambda: 3) == 3
