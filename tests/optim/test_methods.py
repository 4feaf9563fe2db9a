"""The optimizers that are no rules (LBFGS, Adafactor, Muon, SparseAdam), swapped parameters, averaged models."""

import copy

import pytest

import steepest as torch
from steepest import optim
from steepest.optim import swa_utils


def rosenbrock(p):
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


@pytest.mark.parametrize(("options", "steps"), [({"line_search_fn": "strong_wolfe"}, 3), ({"lr": 0.1}, 60)])
def test_lbfgs_finds_the_minimum(options, steps):
    p = torch.tensor([-1.0, 1.5], dtype=torch.float64, requires_grad=True)
    optimizer = optim.LBFGS([p], **options)

    def closure():
        optimizer.zero_grad()
        loss = rosenbrock(p)
        loss.backward()
        return loss

    first = optimizer.step(closure).item()
    assert first == pytest.approx(rosenbrock(torch.tensor([-1.0, 1.5])).item())
    twin = torch.tensor(p.tolist(), dtype=torch.float64, requires_grad=True)
    other = optim.LBFGS([twin], **options)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert list(other.state[twin]) == list(optimizer.state[p])
    for _ in range(steps):
        optimizer.step(closure)
    assert p.tolist() == pytest.approx([1.0, 1.0], abs=1e-3)


def test_lbfgs_errors():
    p, q = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    with pytest.raises(ValueError, match="LBFGS doesn't support per-parameter options"):
        optim.LBFGS([{"params": [p]}, {"params": [q]}])
    optimizer = optim.LBFGS([p], line_search_fn="armijo")

    def closure():
        optimizer.zero_grad()
        loss = (p**2).sum()
        loss.backward()
        return loss

    with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
        optimizer.step(closure)
    p.grad.zero_()
    assert optim.LBFGS([p], tolerance_grad=10.0).step(closure).item() == 1.0 and p.item() == 1.0


def test_adafactor_keeps_rows_and_columns():
    p, q = torch.ones(3, 4, requires_grad=True), torch.ones(4, requires_grad=True)
    optimizer = optim.Adafactor([p, q], lr=0.1)
    p.grad, q.grad = torch.full((3, 4), 0.5), torch.full((4,), 0.5)
    optimizer.step()
    assert {k: tuple(v.shape) for k, v in optimizer.state[p].items()} == {"step": (), "row_var": (3, 1), "col_var": (1, 4)}
    assert list(optimizer.state[q]) == ["step", "variance"]
    assert p[0, 0].item() == pytest.approx(0.9) and q[0].item() == pytest.approx(0.9)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3)])
def test_muon_steps_are_nearly_orthogonal(shape):
    torch.manual_seed(0)
    p = torch.zeros(shape, requires_grad=True)
    p.grad = torch.randn(shape)
    optim.Muon([p], lr=1.0, weight_decay=0.0, adjust_lr_fn="match_rms_adamw").step()
    step = p.detach() / (0.2 * max(shape) ** 0.5)
    gram = step @ step.T if shape[0] < shape[1] else step.T @ step
    assert 0.4 < gram.diagonal().min().item() and gram.diagonal().max().item() < 1.6


def test_muon_and_sparse_adam_refuse():
    with pytest.raises(ValueError, match="Muon only supports 2D parameters whereas we found a parameter with size"):
        optim.Muon([torch.ones(2, requires_grad=True)])
    p = torch.ones(2, requires_grad=True)
    optimizer = optim.SparseAdam([p])
    assert optimizer.step(lambda: 2) == 2
    p.grad = torch.ones(2)
    with pytest.raises(RuntimeError, match="SparseAdam does not support dense gradients"):
        optimizer.step()


def test_swapped_parameters():
    p = torch.ones(2, requires_grad=True)
    optimizer = optim.SGD([p], lr=0.1, momentum=0.9)
    p.grad = torch.ones(2)
    optimizer.step()
    state, params = copy.deepcopy(optimizer.state_dict()), optimizer.param_groups[0]["params"]
    other = torch.zeros(2, requires_grad=True)
    other.grad = torch.ones(2)
    state["param_groups"][0]["lr"] = 1.0
    with optim.swap_in_optimizer_params_and_state(optimizer, {"p": other}, state):
        optimizer.step()
    assert other.tolist() == pytest.approx([-1.9] * 2) and p.tolist() == pytest.approx([0.9] * 2)
    assert optimizer.param_groups[0]["params"] is params and optimizer.param_groups[0]["lr"] == 0.1
    assert state["state"][0]["momentum_buffer"].tolist() == pytest.approx([1.9] * 2)
    with (
        pytest.raises(RuntimeError, match="different number of parameter groups"),
        optim.swap_in_optimizer_params_and_state(optimizer, {"p": other}, {"state": {}, "param_groups": []}),
    ):
        pass


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 2.0),
        ({"avg_fn": swa_utils.get_swa_avg_fn()}, 2.0),
        ({"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.5)}, 2.25),
        ({"avg_fn": swa_utils.get_ema_avg_fn(0.5)}, 2.25),
    ],
)
def test_averaged_model(options, expected):
    model = torch.nn.Linear(1, 1)
    averaged = swa_utils.AveragedModel(model, **options)
    for value in (1.0, 2.0, 3.0):
        with torch.no_grad():
            model.weight.fill_(value)
        averaged.update_parameters(model)
    assert averaged.module.weight.item() == pytest.approx(expected) and averaged.n_averaged.item() == 3
    assert list(averaged.state_dict())[0] == "n_averaged" and averaged.module is not model


def test_update_bn():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(2)).eval()
    batches = [torch.randn(8, 2) * 3 + 1 for _ in range(4)]
    swa_utils.update_bn([(batch, None) for batch in batches], model)
    norm = model[0]
    assert torch.allclose(norm.running_mean, torch.stack(batches).mean((0, 1))) and norm.momentum == 0.1
    assert not model.training and norm.num_batches_tracked.item() == 4


def test_swa_rates():
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = swa_utils.SWALR(optimizer, swa_lr=0.2, anneal_epochs=4, anneal_strategy="linear")
    found = []
    for _ in range(6):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert found == pytest.approx([1.0, 0.8, 0.6, 0.4, 0.2, 0.2])
    with pytest.raises(ValueError, match="Invalid decay value 2"):
        swa_utils.get_ema_avg_fn(2)
