"""nn beside PyTorch: derivatives at kinks, limits and specials, seeded starts, errors of modules."""

import pytest

from parity.pair import error_text, st, torch

XS = [-100.0, -7.0, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0, 30.0, 100.0, float("nan")]
FUNCTIONS = [
    "celu", "elu", "gelu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "logsigmoid",
    "mish", "relu", "relu6", "rrelu", "selu", "sigmoid", "silu", "softplus", "softshrink", "softsign", "tanh",
    "tanhshrink",
]


def value_and_gradient(library, name, dtype):
    x = library.tensor(XS, dtype=getattr(library, dtype), requires_grad=True)
    y = getattr(library.nn.functional, name)(x)
    y.backward(library.ones_like(y))
    return y.detach().numpy(), x.grad.numpy()


def seeded(draw):
    """What `draw(library)` gives in both libraries, from one seed."""
    for library in (st, torch):
        library.manual_seed(3)
        yield draw(library)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_activation(name, dtype):
    tolerance = {"float32": 2e-6, "float64": 1e-7}[dtype]  # assert_close's, rounded
    (y, grad), (peer_y, peer_grad) = (value_and_gradient(library, name, dtype) for library in (st, torch))
    assert y.tolist() == pytest.approx(peer_y.tolist(), rel=tolerance, abs=tolerance, nan_ok=True)
    # the gradient at NaN is whatever the kernel's last branch says
    assert grad[:-1].tolist() == pytest.approx(peer_grad[:-1].tolist(), rel=tolerance, abs=tolerance)


@pytest.mark.parametrize(
    "build",
    [
        lambda nn: nn.Linear(5, 3),
        lambda nn: nn.Linear(100, 17, bias=False),
        lambda nn: nn.Bilinear(2, 3, 4),
        lambda nn: nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)),
    ],
)
def test_seeded_start(build):
    ours, theirs = seeded(lambda library: build(library.nn).state_dict())
    assert list(ours) == list(theirs)
    for name in ours:
        assert ours[name].tolist() == theirs[name].tolist()


@pytest.mark.parametrize(
    "name",
    [f"{kind}_" for kind in ("uniform", "normal", "trunc_normal", "xavier_uniform", "xavier_normal")]
    + ["kaiming_uniform_", "kaiming_normal_"],
)
def test_seeded_init(name):
    ours, theirs = seeded(lambda library: getattr(library.nn.init, name)(library.empty(6, 7)))
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("name", ["dropout", "alpha_dropout", "rrelu", "dropout1d", "feature_alpha_dropout"])
def test_seeded_noise(name):
    ours, theirs = seeded(
        lambda library: getattr(library.nn.functional, name)(-library.ones(4, 5, 3), training=True)
    )
    assert ours.tolist() == theirs.tolist()


def module_calls(library):
    nn = library.nn
    m = nn.Linear(2, 1)
    return [
        lambda: setattr(m, "weight", 3),
        lambda: m.register_parameter("weight.x", None),
        lambda: m.register_buffer("weight", None),
        lambda: m.add_module("child", 3),
        lambda: m.register_parameter("p", m.weight * 2),
        lambda: m.missing,
        lambda: m.get_submodule("a.b"),
        lambda: m.load_state_dict({"weight": library.ones(2, 2), "more": library.ones(1)}),
        lambda: m.to(library.int64),
        lambda: nn.Module()(1),
        lambda: nn.Dropout(2.0),
        lambda: nn.Sequential(m)[1],
        lambda: nn.ModuleList(3),
        lambda: nn.ModuleDict([1]),
        lambda: nn.ParameterList(library.ones(1)),
        lambda: nn.Unflatten(1, 2),
        lambda: nn.Hardtanh(1, -1),
    ]


def test_error_texts():
    for ours, theirs in zip(module_calls(st), module_calls(torch), strict=True):
        kind, text = error_text(theirs)
        assert error_text(ours) == (kind, text.replace("torch.nn.modules.", "steepest.nn.modules."))
