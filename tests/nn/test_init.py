"""nn.init: ranges, structure, errors; numbers of a seed."""

import math

import pytest

import steepest as torch
from steepest.nn import init


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.mark.parametrize(
    ("fill", "std"),
    [
        (lambda t: init.uniform_(t, -1, 1), 1 / math.sqrt(3)),
        (lambda t: init.normal_(t, 0, 2), 2.0),
        (lambda t: init.xavier_uniform_(t, gain=2), 2 * math.sqrt(2 / 250)),
        (lambda t: init.xavier_normal_(t), math.sqrt(2 / 250)),
        (lambda t: init.kaiming_uniform_(t, nonlinearity="relu"), math.sqrt(2 / 150)),
        (lambda t: init.kaiming_normal_(t, mode="fan_out", nonlinearity="linear"), math.sqrt(1 / 100)),
        (lambda t: init.trunc_normal_(t, 0, 1, -1, 1), 0.5396),
        (lambda t: init.trunc_normal_(t, 0, 1, 0.0, 0.3), 0.0865),
    ],
)
def test_spread(fill, std):
    t = torch.empty(100, 150, requires_grad=True)
    assert fill(t) is t and t.grad_fn is None
    assert t.std().item() == pytest.approx(std, rel=0.03)


@pytest.mark.parametrize(("low", "high"), [(-2.0, 2.0), (0.0, 0.3), (3.0, 4.0), (-1.5, -1.0)])
def test_truncation_holds(low, high):
    t = init.trunc_normal_(torch.empty(5000), 1.0, 2.0, low, high)
    assert low <= t.min().item() and t.max().item() <= high


def test_truncation_far_away_warns():
    with pytest.warns(UserWarning, match="mean is more than 2 std from"):
        init.trunc_normal_(torch.empty(3), 10.0, 1.0, 0.0, 1.0)


def test_constants_and_structure():
    assert init.constant_(torch.empty(2), 3).tolist() == [3.0, 3.0]
    assert init.ones_(torch.empty(2)).tolist() == [1.0, 1.0] and init.zeros_(torch.ones(2)).tolist() == [0.0, 0.0]
    assert init.eye_(torch.ones(2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    delta = init.dirac_(torch.ones(4, 2, 3), groups=2)
    assert delta.sum().item() == 4 and delta[2, 0, 1].item() == 1 and delta[1, 1, 1].item() == 1
    columns = init.sparse_(torch.empty(10, 4), 0.25)
    assert (columns == 0).sum(0).tolist() == [3, 3, 3, 3]


def test_gains():
    assert init.calculate_gain("linear") == init.calculate_gain("conv_transpose2d") == 1
    assert init.calculate_gain("tanh") == 5 / 3 and init.calculate_gain("selu") == 0.75
    assert init.calculate_gain("leaky_relu", 3) == pytest.approx(math.sqrt(0.2))
    with pytest.raises(ValueError, match="negative_slope True not a valid number"):
        init.calculate_gain("leaky_relu", True)
    with pytest.raises(ValueError, match="Unsupported nonlinearity swish"):
        init.calculate_gain("swish")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: init.eye_(torch.ones(2)), "Only tensors with 2 dimensions"),
        (lambda: init.dirac_(torch.ones(2, 2)), "Only tensors with 3, 4, or 5 dimensions"),
        (lambda: init.dirac_(torch.ones(3, 2, 2), groups=2), "dim 0 must be divisible by groups"),
        (lambda: init.xavier_normal_(torch.ones(2)), "fewer than 2 dimensions"),
        (lambda: init.kaiming_normal_(torch.ones(2, 2), mode="fan"), "Mode fan not supported"),
        (lambda: init.orthogonal_(torch.ones(2)), "Only tensors with 2 or more dimensions"),
        (lambda: init.sparse_(torch.ones(2), 0.5), "Only tensors with 2 dimensions"),
    ],
)
def test_errors(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_warnings():
    with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
        init.kaiming_uniform_(torch.empty(0, 3))
    with pytest.warns(FutureWarning, match="`nn.init.constant` is now deprecated in favor of `nn.init.constant_`"):
        init.constant(torch.empty(1), 1.0)


def test_a_generator_of_its_own_leaves_the_default_stream_alone():
    before = torch.get_rng_state()
    a = init.normal_(torch.empty(4), generator=torch.Generator().manual_seed(5))
    b = init.normal_(torch.empty(4), generator=torch.Generator().manual_seed(5))
    assert torch.equal(a, b) and torch.equal(before, torch.get_rng_state())
