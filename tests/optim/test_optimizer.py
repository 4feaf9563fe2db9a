"""Optimizer: groups, state_dict, closures, hooks, printing, errors."""

import copy
import pickle

import pytest

import steepest as torch
from steepest import optim
from steepest.optim import optimizer as base


def leaf(*values):
    return torch.tensor(values, requires_grad=True)


def test_groups_have_their_own_options():
    a, b, c = leaf(1.0), leaf(1.0), leaf(1.0)
    o = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.5}], lr=0.1)
    o.add_param_group({"params": [c], "lr": 1.0})
    for p in (a, b, c):
        p.grad = torch.ones(1)
    o.step()
    assert [a.item(), b.item(), c.item()] == pytest.approx([0.9, 0.5, 0.0])
    assert list(o.param_groups[1])[:2] == ["params", "lr"] and o.param_groups[0]["momentum"] == 0


def test_named_parameters():
    m = torch.nn.Linear(1, 1)
    o = optim.SGD(m.named_parameters(), lr=0.1)
    assert o.param_groups[0]["param_names"] == ["weight", "bias"] and o.param_groups[0]["params"][0] is m.weight
    assert o.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]
    with pytest.raises(ValueError, match="cannot add param group without names"):
        o.add_param_group({"params": [leaf(1.0)]})


def test_zero_grad():
    p = leaf(1.0)
    o = optim.SGD([p], lr=0.1)
    o.zero_grad(set_to_none=False)
    p.grad = grad = torch.ones(1)
    o.zero_grad(set_to_none=False)
    assert p.grad is grad and grad.item() == 0.0
    o.zero_grad()
    assert p.grad is None


def test_closure_runs_with_gradients_and_its_value_is_returned():
    p = leaf(1.0)
    o = optim.SGD([p], lr=0.1)

    def closure():
        o.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with torch.no_grad():
        assert o.step(closure).item() == 1.0
    assert p.item() == pytest.approx(0.8) and o.step() is None


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
        lambda p: optim.AdamW(p, lr=0.1, amsgrad=True),
        lambda p: optim.RMSprop(p, momentum=0.5),
        lambda p: optim.Adagrad(p),
    ],
)
@pytest.mark.parametrize("how", ["state_dict", "deepcopy", "pickle"])
def test_training_resumes(make, how):
    def run(p, o, steps):
        for _ in range(steps):
            o.zero_grad()
            (p**2).sum().backward()
            o.step()

    p = leaf(1.0, -2.0)
    o = make([p])
    run(p, o, 3)
    if how == "state_dict":
        twin = p.detach().clone().requires_grad_()
        other = make([twin])
        other.load_state_dict(copy.deepcopy(o.state_dict()))
    else:
        twin, other = copy.deepcopy((p, o)) if how == "deepcopy" else pickle.loads(pickle.dumps((p, o)))
    run(p, o, 3)
    run(twin, other, 3)
    assert twin is not p and twin.tolist() == p.tolist()


def test_state_dict():
    p, q = leaf(1.0), leaf(1.0)
    o = optim.SGD([{"params": [p]}, {"params": [q]}], lr=0.1, momentum=0.9)
    q.grad = torch.ones(1)
    o.step()
    state = o.state_dict()
    assert [g["params"] for g in state["param_groups"]] == [[0], [1]]
    assert list(state["state"]) == [1] and list(state["state"][1]) == ["momentum_buffer"]
    double = [leaf(1.0), torch.ones(1, dtype=torch.float64, requires_grad=True)]
    other = optim.SGD([{"params": double[:1]}, {"params": double[1:]}], lr=0.7, momentum=0.1)
    other.load_state_dict(state)
    assert other.state[double[1]]["momentum_buffer"].dtype is torch.float64
    assert other.param_groups[1]["lr"] == 0.1 and other.param_groups[1]["params"][0] is double[1]
    with pytest.raises(ValueError, match="different number of parameter groups"):
        optim.SGD([p], lr=0.1).load_state_dict(state)
    with pytest.raises(ValueError, match="doesn't match the size of optimizer's group"):
        optim.SGD([{"params": [p, leaf(1.0)]}, {"params": [q]}], lr=0.1).load_state_dict(state)


def test_hooks():
    p, order = leaf(1.0), []
    o = optim.SGD([p], lr=0.1)
    o.register_step_pre_hook(lambda o, args, kwargs: order.append("pre"))
    o.register_step_post_hook(lambda o, args, kwargs: order.append("post"))
    handle = base.register_optimizer_step_pre_hook(lambda o, args, kwargs: order.append("all"))
    p.grad = torch.ones(1)
    o.step()
    handle.remove()
    assert order == ["all", "pre", "post"] and p.item() == pytest.approx(0.9)
    o.register_state_dict_post_hook(lambda o, state: {**state, "more": 1})
    o.register_load_state_dict_pre_hook(lambda o, state: {k: v for k, v in state.items() if k != "more"})
    state = o.state_dict()
    assert state["more"] == 1
    o.load_state_dict(state)


def test_hooks_of_a_subclass_with_its_own_step():
    class Sign(optim.Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    p -= group["lr"] * p.grad.sign()

    p, order = leaf(1.0), []
    o = Sign([p], 0.25)
    o.register_step_post_hook(lambda o, args, kwargs: order.append(p.item()))
    p.grad = torch.ones(1)
    o.step()
    assert order == [0.75]


def test_repr():
    o = optim.SGD([leaf(1.0)], lr=0.1)
    assert repr(o) == (
        "SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n    foreach: None\n"
        "    fused: None\n    lr: 0.1\n    maximize: False\n    momentum: 0\n    nesterov: False\n"
        "    weight_decay: 0\n)"
    )


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: optim.SGD([], lr=0.1), ValueError, "optimizer got an empty parameter list"),
        (lambda: optim.SGD(leaf(1.0), lr=0.1), TypeError, "an iterable of Tensors or dicts, but got torch.FloatTensor"),
        (lambda: optim.SGD([1.0], lr=0.1), TypeError, "one of the params is float"),
        (lambda: optim.SGD([leaf(1.0) * 2], lr=0.1), ValueError, "can't optimize a non-leaf Tensor"),
        (lambda: optim.SGD([{"params": {leaf(1.0)}}], lr=0.1), TypeError, "organized in ordered collections"),
        (lambda: optim.SGD([leaf(1.0)], lr=-0.1), ValueError, "Invalid learning rate: -0.1"),
        (lambda: optim.SGD([leaf(1.0)], lr=torch.ones(2)), ValueError, "Tensor lr must be 1-element"),
        (lambda: optim.SGD([leaf(1.0)], momentum=-1), ValueError, "Invalid momentum value: -1"),
        (lambda: optim.SGD([leaf(1.0)], nesterov=True), ValueError, "Nesterov momentum requires"),
        (lambda: optim.SGD([leaf(1.0)], fused=True, foreach=True), RuntimeError, "cannot be `True` together"),
        (lambda: optim.Adam([leaf(1.0)], betas=(1.0, 0.9)), ValueError, "Invalid beta parameter at index 0: 1.0"),
        (lambda: optim.Adam([leaf(1.0)], betas=(0, 0.9)), ValueError, "betas must be either both floats"),
        (lambda: optim.Adam([leaf(1.0)], eps=-1), ValueError, "Invalid epsilon value: -1"),
        (lambda: optim.RMSprop([leaf(1.0)], alpha=-1), ValueError, "Invalid alpha value: -1"),
        (lambda: optim.Adagrad([leaf(1.0)], lr_decay=-1), ValueError, "Invalid lr_decay value: -1"),
    ],
)
def test_errors(make, error, text):
    with pytest.raises(error) as raised:
        make()
    assert text in str(raised.value)


def test_parameters_in_two_places():
    p = leaf(1.0)
    with pytest.raises(ValueError, match="some parameters appear in more than one parameter group"):
        optim.SGD([{"params": [p]}, {"params": [p]}], lr=0.1)
    with pytest.warns(UserWarning, match="parameter group with duplicate parameters"):
        optim.SGD([p, p], lr=0.1)
