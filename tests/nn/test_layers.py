"""Layers and functions: values by closed form, gradients at kinks, printing, errors."""

import math

import pytest

import steepest as torch
from steepest import nn
from steepest.nn import functional as F

XS = [-4.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 7.0]


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def clamp(x, low, high):
    return min(max(x, low), high)


SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
CLOSED_FORMS = [
    (nn.ReLU(), lambda x: max(x, 0), "ReLU()"),
    (nn.ReLU6(), lambda x: clamp(x, 0, 6), "ReLU6()"),
    (nn.LeakyReLU(0.2), lambda x: x if x > 0 else 0.2 * x, "LeakyReLU(negative_slope=0.2)"),
    (nn.ELU(2.0), lambda x: x if x > 0 else 2 * math.expm1(x), "ELU(alpha=2.0)"),
    (nn.CELU(2.0), lambda x: x if x > 0 else 2 * math.expm1(x / 2), "CELU(alpha=2.0)"),
    (nn.SELU(), lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * math.expm1(x)), "SELU()"),
    (nn.Hardtanh(-2, 2), lambda x: clamp(x, -2, 2), "Hardtanh(min_val=-2, max_val=2)"),
    (nn.Hardsigmoid(), lambda x: clamp(x + 3, 0, 6) / 6, "Hardsigmoid()"),
    (nn.Hardswish(), lambda x: x * clamp(x + 3, 0, 6) / 6, "Hardswish()"),
    (nn.Hardshrink(), lambda x: x if abs(x) > 0.5 else 0, "Hardshrink(0.5)"),
    (nn.Softshrink(), lambda x: math.copysign(max(abs(x) - 0.5, 0), x), "Softshrink(0.5)"),
    (nn.Threshold(0.5, 9), lambda x: x if x > 0.5 else 9, "Threshold(threshold=0.5, value=9)"),
    (nn.RReLU(0.1, 0.3).eval(), lambda x: x if x > 0 else 0.2 * x, "RReLU(lower=0.1, upper=0.3)"),
    (nn.PReLU(), lambda x: x if x > 0 else 0.25 * x, "PReLU(num_parameters=1)"),
    (nn.Sigmoid(), sigmoid, "Sigmoid()"),
    (nn.Tanh(), math.tanh, "Tanh()"),
    (nn.SiLU(), lambda x: x * sigmoid(x), "SiLU()"),
    (nn.Mish(), lambda x: x * math.tanh(math.log1p(math.exp(x))), "Mish()"),
    (nn.GELU(), lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2, "GELU(approximate='none')"),
    (nn.LogSigmoid(), lambda x: math.log(sigmoid(x)), "LogSigmoid()"),
    (nn.Softplus(2.0), lambda x: math.log1p(math.exp(2 * x)) / 2, "Softplus(beta=2.0, threshold=20.0)"),
    (nn.Softsign(), lambda x: x / (1 + abs(x)), "Softsign()"),
    (nn.Tanhshrink(), lambda x: x - math.tanh(x), "Tanhshrink()"),
]
NAMES = [type(m).__name__ for m, _, _ in CLOSED_FORMS]


@pytest.mark.parametrize(("layer", "formula", "text"), CLOSED_FORMS, ids=NAMES)
def test_activation(layer, formula, text):
    y = layer.double()(torch.tensor(XS, dtype=torch.float64))
    assert y.tolist() == pytest.approx([formula(x) for x in XS], rel=1e-6, abs=1e-9)
    assert repr(layer) == text


@pytest.mark.parametrize(("layer", "formula", "text"), CLOSED_FORMS, ids=NAMES)
def test_activation_passes_nan_and_keeps_float32(layer, formula, text):
    y = layer.float()(torch.tensor([float("nan"), 1.0]))
    assert y.dtype is torch.float32 and bool(y.isnan()[0]) and y[1].item() == pytest.approx(formula(1.0), rel=1e-5)


INPLACE = [m for m, _, _ in CLOSED_FORMS if hasattr(m, "inplace")]


@pytest.mark.parametrize("layer", INPLACE, ids=lambda m: type(m).__name__)
def test_inplace_form_writes_and_differentiates_alike(layer):
    w = torch.tensor(XS, dtype=torch.float64, requires_grad=True)
    layer(w).sum().backward()
    plain, w.grad = w.grad, None
    layer.inplace = True
    try:
        x = w * 1
        y = layer(x)
        y.sum().backward()
    finally:
        layer.inplace = False
    assert y.data_ptr() == x.data_ptr() and w.grad.tolist() == pytest.approx(plain.tolist())


@pytest.mark.parametrize(
    ("fn", "at", "slope"),
    [
        (F.relu, 0.0, 0.0),
        (F.hardtanh, 1.0, 0.0),
        (F.relu6, 6.0, 0.0),
        (F.hardsigmoid, 3.0, 0.0),
        (F.softshrink, 0.5, 0.0),
        (F.hardshrink, 0.5, 0.0),
        (F.selu, 0.0, SELU_SCALE * SELU_ALPHA),
    ],
)
def test_derivative_at_the_kink(fn, at, slope):
    x = torch.tensor(at, requires_grad=True)
    fn(x).backward()
    assert x.grad.item() == pytest.approx(slope)


def test_softmax_family():
    x = torch.tensor([[0.0, math.log(3.0)]])
    assert nn.Softmax(1)(x).tolist() == [pytest.approx([0.25, 0.75])]
    assert nn.Softmin(1)(x).tolist() == [pytest.approx([0.75, 0.25])]
    assert nn.LogSoftmax(1)(x).exp().tolist() == [pytest.approx([0.25, 0.75])]
    assert nn.Softmax2d()(x.view(2, 1, 1)).flatten().tolist() == pytest.approx([0.25, 0.75])
    assert F.softmax(x, 1, dtype=torch.float64).dtype is torch.float64 and repr(nn.Softmin(1)) == "Softmin(dim=1)"
    with pytest.warns(UserWarning, match="Implicit dimension choice for softmax has been deprecated"):
        assert nn.Softmax()(x).sum().item() == pytest.approx(1.0)
    with pytest.raises(ValueError, match="expected input to be 3D or 4D, got 2D instead"):
        nn.Softmax2d()(x)


def test_glu_and_prelu():
    assert nn.GLU()(torch.tensor([2.0, 4.0, 0.0, 0.0])).tolist() == [1.0, 2.0]
    with pytest.raises(RuntimeError, match="Halving dimension must be even, but dimension 0 is size 3"):
        F.glu(torch.ones(3), 0)
    slopes = nn.PReLU(2)
    x = -torch.ones(1, 2, 2)
    assert slopes(x).flatten().tolist() == [-0.25] * 4
    slopes(x).sum().backward()
    assert slopes.weight.grad.tolist() == [-2.0, -2.0]
    with pytest.raises(RuntimeError, match="parameter numbers = 2 and channel size = 3"):
        slopes(torch.ones(1, 3))


def test_linear():
    m = nn.Linear(2, 3)
    with torch.no_grad():
        m.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
        m.bias.fill_(0.5)
    assert m(torch.tensor([1.0, 10.0])).tolist() == [21.5, 43.5, 65.5]
    assert m(torch.ones(2, 5, 2)).shape == (2, 5, 3)
    unbiased = nn.Linear(2, 3, bias=False, dtype=torch.float64)
    assert unbiased.bias is None and unbiased.weight.dtype is torch.float64
    assert repr(unbiased) == "Linear(in_features=2, out_features=3, bias=False)"
    bound = 1 / math.sqrt(100)
    big = nn.Linear(100, 50)
    assert all(p.abs().max().item() <= bound for p in big.parameters()) and big.weight.abs().max() > 0.9 * bound


def test_bilinear():
    m = nn.Bilinear(2, 2, 1)
    with torch.no_grad():
        m.weight.copy_(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        m.bias.zero_()
    assert m(torch.tensor([1.0, 10.0]), torch.tensor([1.0, 100.0])).tolist() == [4231.0]
    with pytest.raises(RuntimeError, match="input1 size does not match weight size"):
        m(torch.ones(3), torch.ones(2))
    with pytest.raises(ValueError, match="in1_features must be > 0"):
        nn.Bilinear(0, 1, 1)


def test_flatten_and_unflatten():
    assert nn.Flatten()(torch.ones(2, 3, 4)).shape == (2, 12)
    assert nn.Unflatten(-1, (2, -1))(torch.ones(4, 6)).shape == (4, 2, 3)
    assert repr(nn.Unflatten(1, (2, 3))) == "Unflatten(dim=1, unflattened_size=(2, 3))"
    with pytest.raises(TypeError, match="found element of type float at pos 1"):
        nn.Unflatten(1, (2, 3.0))


def test_dropout():
    torch.manual_seed(0)
    y = nn.Dropout(0.25)(torch.ones(1000))
    assert sorted(set(y.tolist())) == [0.0, pytest.approx(4 / 3)] and 150 < (y == 0).sum().item() < 350
    assert torch.equal(nn.Dropout(0.25).eval()(y), y) and F.dropout(y, 0.0) is not None
    channels = nn.Dropout2d(0.5)(torch.ones(4, 8, 3, 3)).flatten(2)
    assert bool((channels == channels[:, :, :1]).all()) and 0 < (channels == 0).sum().item() < 4 * 8 * 9
    kept = nn.AlphaDropout(0.2)(torch.randn(20000))
    assert abs(kept.mean().item()) < 0.05 and abs(kept.std().item() - 1) < 0.05
    with pytest.raises(ValueError, match="dropout probability has to be between 0 and 1, but got 1.5"):
        nn.Dropout(1.5)
    with pytest.raises(RuntimeError, match="Expected 2D or 3D input"):
        F.dropout1d(torch.ones(3))
    with pytest.warns(UserWarning, match="Received a 2-D input to dropout2d"):
        F.dropout2d(torch.ones(2, 2))
