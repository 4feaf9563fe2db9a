"""Schedulers: learning rates epoch by epoch against their formulas, state_dict, warnings, errors."""

import math
import pickle

import pytest

import steepest as torch
from steepest import optim
from steepest.optim import lr_scheduler as s


def make_optimizer(lr=1.0, **options):
    return optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, **options)


def lrs(scheduler, n):
    found = []
    for _ in range(n):
        found.append(scheduler.optimizer.param_groups[0]["lr"])
        scheduler.optimizer.step()
        scheduler.step()
        assert scheduler.get_last_lr() == [scheduler.optimizer.param_groups[0]["lr"]]
    return found


FORMULAS = [
    (lambda o: s.LambdaLR(o, lambda e: 1 / (1 + e)), lambda e: 1 / (1 + e)),
    (lambda o: s.MultiplicativeLR(o, lambda e: 0.5), lambda e: 0.5**e),
    (lambda o: s.StepLR(o, 3, 0.5), lambda e: 0.5 ** (e // 3)),
    (lambda o: s.MultiStepLR(o, [2, 2, 5], 0.5), lambda e: 0.5 ** (2 * (e >= 2) + (e >= 5))),
    (lambda o: s.ConstantLR(o, 0.5, 4), lambda e: 1.0 if e >= 4 else 0.5),
    (lambda o: s.LinearLR(o, 0.2, 0.8, 5), lambda e: 0.2 + 0.6 * min(e, 5) / 5),
    (lambda o: s.ExponentialLR(o, 0.9), lambda e: 0.9**e),
    (lambda o: s.PolynomialLR(o, 8, 2.0), lambda e: (1 - min(e, 8) / 8) ** 2),
    (lambda o: s.CosineAnnealingLR(o, 4, 0.1), lambda e: 0.1 + 0.9 * (1 + math.cos(math.pi * e / 4)) / 2),
    (lambda o: s.CosineAnnealingWarmRestarts(o, 4), lambda e: (1 + math.cos(math.pi * (e % 4) / 4)) / 2),
    (lambda o: s.CyclicLR(o, 0.1, 0.5, 2, cycle_momentum=False), lambda e: 0.1 + 0.4 * [0, 0.5, 1, 0.5][e % 4]),
]


@pytest.mark.parametrize(("make", "formula"), FORMULAS)
def test_formula(make, formula):
    assert lrs(make(make_optimizer()), 10) == pytest.approx([formula(e) for e in range(10)], abs=1e-12)


@pytest.mark.parametrize(("make", "formula"), FORMULAS[:9])
def test_an_epoch_given_is_gone_to_directly(make, formula):
    scheduler = make(make_optimizer())
    scheduler.optimizer.step()
    with pytest.warns(UserWarning, match="The epoch parameter in `scheduler.step"):
        scheduler.step(7)
    if hasattr(scheduler, "_get_closed_form_lr"):
        assert scheduler.get_last_lr() == pytest.approx([formula(7)])


@pytest.mark.parametrize(("make", "formula"), FORMULAS)
def test_resumes_from_state_dict(make, formula):
    one, two = make(make_optimizer()), make(make_optimizer())
    lrs(one, 4)
    two.load_state_dict(pickle.loads(pickle.dumps(one.state_dict())) if "Lambda" not in type(one).__name__ else one.state_dict())
    two.optimizer.load_state_dict(one.optimizer.state_dict())
    assert lrs(two, 4) == lrs(one, 4)


def test_tensor_rates_stay_the_same_tensor():
    optimizer = make_optimizer(torch.tensor(1.0))
    lr = optimizer.param_groups[0]["lr"]
    scheduler = s.ExponentialLR(optimizer, 0.5)
    optimizer.step()
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] is lr and lr.item() == 0.5
    assert scheduler.get_last_lr()[0] is not lr and scheduler.base_lrs[0].item() == 1.0


def test_one_cycle():
    optimizer = make_optimizer(momentum=0.9)
    scheduler = s.OneCycleLR(optimizer, 1.0, total_steps=10, anneal_strategy="linear")
    found = lrs(scheduler, 10)
    assert found[:3] == pytest.approx([0.04, 0.52, 1.0]) and found[-1] == pytest.approx(0.04 / 1e4)
    assert optimizer.param_groups[0]["momentum"] == pytest.approx(0.95, abs=0.02)
    with pytest.raises(ValueError, match="Tried to step 11 times. The specified number of total steps is 10"):
        scheduler.step()


def test_momentum_cycles_as_beta1():
    optimizer = optim.Adam([torch.zeros(1, requires_grad=True)])
    scheduler = s.CyclicLR(optimizer, 0.1, 0.2, 2)
    betas = []
    for _ in range(3):
        betas.append(optimizer.param_groups[0]["betas"][0])
        optimizer.step()
        scheduler.step()
    assert betas == pytest.approx([0.9, 0.85, 0.8])


def test_plateau():
    scheduler = s.ReduceLROnPlateau(make_optimizer(), patience=1, cooldown=1, factor=0.5, min_lr=0.3)
    found = []
    for metric in (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0):
        scheduler.step(metric)
        found.append(scheduler.get_last_lr()[0])
    assert found == [1.0, 1.0, 0.5, 0.5, 0.5, 0.3, 0.3]
    best = s.ReduceLROnPlateau(make_optimizer(), mode="max", threshold=0.1, threshold_mode="abs")
    best.step(torch.tensor(2.0))
    best.step(2.05)
    assert best.best == 2.0 and best.num_bad_epochs == 1


def test_sequence_and_chain():
    optimizer = make_optimizer()
    parts = [s.ConstantLR(optimizer, 0.1, 2), s.ExponentialLR(optimizer, 0.5)]
    assert lrs(s.SequentialLR(optimizer, parts, [3]), 6) == pytest.approx([0.1, 0.1, 1.0, 1.0, 0.5, 0.25])
    optimizer = make_optimizer()
    chain = s.ChainedScheduler([s.ConstantLR(optimizer, 0.1, 2), s.ExponentialLR(optimizer, 0.5)])
    assert lrs(chain, 4) == pytest.approx([0.1, 0.05, 0.25, 0.125])


def test_order_of_steps_is_checked():
    scheduler = s.StepLR(make_optimizer(), 1)
    with pytest.warns(UserWarning, match="Detected call of `lr_scheduler.step\\(\\)` before `optimizer.step\\(\\)`"):
        scheduler.step()
    with pytest.warns(UserWarning, match="please use `get_last_lr"):
        scheduler.get_lr()
    optimizer = make_optimizer()
    scheduler = s.StepLR(optimizer, 1)
    optimizer.step = lambda: None
    with pytest.warns(UserWarning, match="`optimizer.step\\(\\)` has been overridden"):
        scheduler.step()


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda o: s.StepLR(3, 1), TypeError, "int is not an Optimizer"),
        (lambda o: s.LambdaLR(o, [len, len]), ValueError, "Expected 1 lr_lambdas, but got 2"),
        (lambda o: s.MultiplicativeLR(o, 3), TypeError, "lr_lambda should be a function, but got int"),
        (lambda o: s.StepLR(o, 2, last_epoch=3), KeyError, "param 'initial_lr' is not specified in param_groups"),
        (lambda o: s.ConstantLR(o, 2.0), ValueError, "Constant multiplicative factor"),
        (lambda o: s.CyclicLR(o, [0.1, 0.2], 0.2), ValueError, "base_lr must have the same length as"),
        (lambda o: s.OneCycleLR(o, 0.1), ValueError, "You must define either total_steps OR"),
        (lambda o: s.OneCycleLR(o, 0.1, 0), ValueError, "Expected positive integer total_steps, but got 0"),
        (lambda o: s.CosineAnnealingWarmRestarts(o, 0), ValueError, "Expected positive integer T_0, but got 0"),
        (lambda o: s.ReduceLROnPlateau(o, "up"), ValueError, "mode up is unknown!"),
        (lambda o: s.SequentialLR(o, [s.StepLR(o, 1)], [1]), ValueError, "Sequential Schedulers expects number"),
        (lambda o: s.ChainedScheduler([s.ReduceLROnPlateau(o)]), ValueError, "does not support `ReduceLROnPlateau`"),
    ],
)
def test_errors(make, error, text):
    with pytest.raises(error) as raised:
        make(make_optimizer(momentum=0.9))
    assert text in str(raised.value)
