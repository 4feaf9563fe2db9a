"""Parametrizations, orthogonal weights, weight and spectral normalisation in both forms, fusion, and calls with other parameters."""

import copy

import pytest

import steepest as torch
from steepest import nn
from steepest.nn.utils import parametrizations, parametrize


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).mT


class Exp(nn.Module):
    def forward(self, x):
        return x.exp()

    def right_inverse(self, y):
        return y.log()


class Halves(nn.Module):
    def forward(self, a, b):
        return torch.cat([a, b])

    def right_inverse(self, x):
        return x[:1], x[1:]


def test_a_parametrized_weight_is_computed_and_learned():
    layer = nn.Linear(3, 3)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    assert torch.equal(layer.weight, layer.weight.T)
    assert [name for name, _ in layer.named_parameters()] == ["bias", "parametrizations.weight.original"]
    layer(torch.ones(1, 3)).sum().backward()
    assert layer.parametrizations.weight.original.grad.abs().sum() > 0
    assert type(layer).__name__ == "ParametrizedLinear"
    assert parametrize.type_before_parametrizations(layer) is nn.Linear
    assert "(0): Symmetric()" in repr(layer)
    with pytest.raises(RuntimeError, match="Symmetric does not implement right_inverse"):
        layer.weight = torch.ones(3, 3)


def test_assignment_goes_back_through_the_inverses():
    layer = nn.Linear(2, 2)
    nn.init.constant_(layer.weight, 2.0)
    parametrize.register_parametrization(layer, "weight", Exp())
    assert torch.allclose(layer.weight, torch.full((2, 2), 2.0))
    layer.weight = torch.full((2, 2), 3.0)
    assert torch.allclose(layer.parametrizations.weight.original, torch.full((2, 2), 3.0).log())


def test_several_originals():
    layer = nn.Linear(2, 2)
    before = layer.weight.detach().clone()
    parametrize.register_parametrization(layer, "weight", Halves())
    assert torch.equal(layer.weight, before)
    assert layer.parametrizations.weight.original1.shape == (1, 2)
    with pytest.raises(ValueError, match="Cannot leave unparametrized"):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    parametrize.remove_parametrizations(layer, "weight")
    assert torch.equal(layer.weight, before)
    assert type(layer) is nn.Linear


@pytest.mark.parametrize("leave", [True, False])
def test_removal(leave):
    layer = nn.Linear(2, 2)
    original = layer.weight.detach().clone()
    parametrize.register_parametrization(layer, "weight", Symmetric())
    shown = layer.weight.detach().clone()
    parametrize.remove_parametrizations(layer, "weight", leave)
    assert torch.equal(layer.weight, shown if leave else original)
    assert isinstance(layer.weight, nn.Parameter)
    assert not parametrize.is_parametrized(layer)


def test_cache_copies_and_transfer():
    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Symmetric())
    assert layer.weight is not layer.weight
    with parametrize.cached():
        assert layer.weight is layer.weight
    twin = copy.deepcopy(layer)
    other = parametrize.transfer_parametrizations_and_params(layer, nn.Linear(2, 2))
    with torch.no_grad():
        layer.parametrizations.weight.original.zero_()
    assert twin.weight.abs().sum() > 0
    assert torch.equal(other.weight, twin.weight)


class Doubled(nn.Module):
    def forward(self, x):
        return x.double()


class Cut(nn.Module):
    def forward(self, x):
        return x[0]


@pytest.mark.parametrize(
    ("name", "rule", "text"),
    [
        ("weight", Doubled(), "may not change the dtype"),
        ("weight", Cut(), "may not change the shape"),
        ("nothing", Exp(), "does not have a parameter, a buffer, or a parametrized element with name 'nothing'"),
    ],
)
def test_bad_parametrizations(name, rule, text):
    layer = nn.Linear(3, 2)
    with pytest.raises(ValueError, match=text):
        parametrize.register_parametrization(layer, name, rule)
    assert type(layer) is nn.Linear
    with pytest.raises(ValueError, match="does not have a parametrization on weight"):
        parametrize.remove_parametrizations(layer, "weight")


@pytest.mark.parametrize("dim", [0, 1, None])
def test_weight_norm(dim):
    new = nn.Conv2d(2, 3, 2)
    weight = new.weight.detach().clone()
    old = copy.deepcopy(new)
    parametrizations.weight_norm(new, dim=dim)
    with pytest.warns(FutureWarning, match="deprecated"):
        nn.utils.weight_norm(old, dim=dim)
    x = torch.randn(1, 2, 4, 4)
    assert torch.allclose(new.weight, weight)
    assert torch.allclose(new(x), old(x))
    with torch.no_grad():
        new.parametrizations.weight.original0.mul_(2)
        old.weight_g.mul_(2)
    assert torch.allclose(new.weight, 2 * weight)
    assert torch.allclose(new(x), old(x))
    nn.utils.remove_weight_norm(old)
    assert torch.allclose(old.weight, 2 * weight)
    with pytest.raises(ValueError, match="weight_norm of 'weight' not found"):
        nn.utils.remove_weight_norm(old)


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2)])
@pytest.mark.parametrize("name", [None, "matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("trivial", [True, False])
def test_orthogonal(shape, name, trivial):
    def excess(weight):
        product = weight.mT @ weight if shape[0] > shape[1] else weight @ weight.mT
        return (product - torch.eye(min(shape))).abs().max().item()

    layer = nn.Linear(*shape[::-1])
    assignable = trivial or name == "householder" or (name is None and shape[0] != shape[1])
    parametrizations.orthogonal(layer, orthogonal_map=name, use_trivialization=trivial)
    assert excess(layer.weight) < 1e-5
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    before = layer.weight.detach().clone()
    layer(torch.ones(1, shape[1])).pow(3).sum().backward()
    optimizer.step()
    assert excess(layer.weight) < 1e-5 and not torch.allclose(layer.weight, before, atol=1e-4)
    if assignable:
        wanted = nn.init.orthogonal_(torch.empty(shape))
        layer.weight = wanted
        assert torch.allclose(layer.weight, wanted, atol=1e-5)
    else:
        with pytest.raises(NotImplementedError, match="not possible to assign"):
            layer.weight = torch.ones(shape)
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear and excess(layer.weight) < 1e-5


def test_what_cannot_be_orthogonal():
    for call, text in (
        (lambda: parametrizations.orthogonal(nn.Linear(2, 2), "bias"), "Expected a matrix or batch of matrices"),
        (lambda: parametrizations.orthogonal(nn.Linear(2, 2), "none"), "has no parameter or buffer with name 'none'"),
        (lambda: parametrizations.orthogonal(nn.Linear(2, 2), orthogonal_map="x"), "orthogonal_map has to be one of"),
    ):
        with pytest.raises(ValueError, match=text):
            call()


@pytest.mark.parametrize("layer", [nn.Linear(4, 3), nn.ConvTranspose2d(2, 3, 2)])
def test_spectral_norm(layer):
    for wrap in (nn.utils.spectral_norm, parametrizations.spectral_norm):
        normed = wrap(copy.deepcopy(layer))
        x = torch.randn(2, 4) if isinstance(layer, nn.Linear) else torch.randn(1, 2, 3, 3)
        for _ in range(30):
            normed(x)
        normed.eval()
        normed(x)
        matrix = normed.weight.transpose(0, 1) if layer.weight.dim() == 4 else normed.weight
        flat = matrix.flatten(1)
        gram = flat @ flat.T
        v = torch.ones(gram.shape[0])
        for _ in range(200):
            v = gram @ v
            v = v / v.norm()
        assert (v @ gram @ v).item() == pytest.approx(1, rel=1e-3)


def test_remove_spectral_norm():
    layer = nn.utils.spectral_norm(nn.Linear(2, 2))
    with pytest.raises(RuntimeError, match="two spectral_norm hooks"):
        nn.utils.spectral_norm(layer)
    assert list(layer.state_dict()) == ["bias", "weight_orig", "weight_u", "weight_v"]
    nn.utils.remove_spectral_norm(layer)
    assert list(layer.state_dict()) == ["bias", "weight"]


def test_fusion():
    conv, norm, x = nn.Conv2d(2, 3, 2), nn.BatchNorm2d(3), torch.randn(5, 2, 4, 4)
    norm(conv(x))
    with pytest.raises(AssertionError, match="only for eval"):
        nn.utils.fuse_conv_bn_eval(conv, norm)
    conv.eval(), norm.eval()
    assert torch.allclose(nn.utils.fuse_conv_bn_eval(conv, norm)(x), norm(conv(x)), atol=1e-5)
    linear, norm, x = nn.Linear(2, 3), nn.BatchNorm1d(3), torch.randn(5, 2)
    norm(linear(x))
    linear.eval(), norm.eval()
    assert torch.allclose(nn.utils.fuse_linear_bn_eval(linear, norm)(x), norm(linear(x)), atol=1e-5)


def test_functional_call():
    layer = nn.Linear(2, 1)
    weight = torch.ones(1, 2, requires_grad=True)
    before = layer.weight
    torch.func.functional_call(layer, {"weight": weight}, torch.tensor([[2.0, 3.0]])).sum().backward()
    assert weight.grad.tolist() == [[2, 3]]
    assert layer.weight is before
    assert before.grad is None
    with pytest.raises(RuntimeError, match="Missing key"):
        torch.func.functional_call(layer, {"weight": weight}, torch.ones(1, 2), strict=True)
    parameters, buffers = torch.func.stack_module_state([nn.Linear(2, 1), nn.Linear(2, 1)])
    assert parameters["weight"].shape == (2, 1, 2)
    assert buffers == {}


def test_skip_init_draws_nothing():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    assert nn.utils.skip_init(nn.Linear, 3, 4).weight.shape == (4, 3)
    assert torch.equal(torch.rand(1), expected)
