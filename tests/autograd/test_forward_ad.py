"""Dual tensors: tangents of ops against closed forms, levels, what is written in place, functions with a jvp of their own."""

import pytest

import steepest as torch
import steepest.autograd.forward_ad as fwad
from steepest import nn

X = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
V = torch.tensor([1.0, 0.5, -2.0], dtype=torch.float64)


def tangent_of(f, x=X, v=V):
    with fwad.dual_level():
        return fwad.unpack_dual(f(fwad.make_dual(x, v))).tangent


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x**2, 2 * X * V),
        (lambda x: (x * x.sin()).sum(), ((X.sin() + X * X.cos()) * V).sum()),
        (lambda x: x[1:], V[1:]),
        (lambda x: torch.stack([x, 2 * x]), torch.stack([V, 2 * V])),
        (lambda x: x.max(0).values, V[2]),
        (lambda x: x.view(3, 1).T, V.view(1, 3)),
        (lambda x: x.float(), V.float()),
        (lambda x: torch.where(x > 0, x, x**2), torch.where(X > 0, V, 2 * X * V)),
        (lambda x: torch.zeros(3, dtype=torch.float64).copy_(x).mul_(x), 2 * X * V),
    ],
)
def test_tangents(f, expected):
    torch.testing.assert_close(tangent_of(f), expected)


def test_tangents_agree_with_jvp():
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.LayerNorm(4), nn.Linear(4, 2)).double()
    expected = torch.func.jvp(model, (X,), (V,))[1]
    torch.testing.assert_close(tangent_of(model).detach(), expected.detach())


def test_constants_have_no_tangent():
    for f in (torch.zeros_like, lambda x: x > 0, lambda x: x.detach(), lambda x: torch.ones(2)):
        assert tangent_of(f) is None


def test_what_is_carried():
    with fwad.dual_level():
        dual = fwad.make_dual(X, V)
        assert fwad.unpack_dual(dual).tangent is V
        assert fwad.unpack_dual(fwad.make_dual(X[::2], V[:2])).tangent is not V
        assert not dual.requires_grad
        assert repr(dual.float()) == "tensor([ 0.5000, -1.0000,  2.0000],\n       tangent=tensor([ 1.0000,  0.5000, -2.0000]))"
        with torch.no_grad():
            assert fwad.unpack_dual(dual * 3).tangent.tolist() == (3 * V).tolist()
        written = torch.zeros(3, dtype=torch.float64)
        written[1] = dual[2]
        assert fwad.unpack_dual(written).tangent.tolist() == [0.0, -2.0, 0.0]
    assert fwad.unpack_dual(dual).tangent is None
    assert repr(dual) == repr(X)
    assert type(dual + 1) is torch.Tensor


def test_gradients_go_through_tangents():
    w = X.clone().requires_grad_()
    tangent_of(lambda x: x**2, w).sum().backward()
    torch.testing.assert_close(w.grad, 2 * V)
    with fwad.dual_level():
        out = fwad.unpack_dual(fwad.make_dual(X, V) * w)
    assert out.primal.requires_grad
    torch.testing.assert_close(torch.autograd.grad(out.tangent.sum(), w)[0], V)


def test_parameters_take_duals():
    model, x = nn.Linear(2, 1), torch.tensor([3.0, 4.0])
    with fwad.dual_level():
        for name, p in list(model.named_parameters()):
            delattr(model, name)
            setattr(model, name, fwad.make_dual(p, torch.ones_like(p)))
        assert fwad.unpack_dual(model(x)).tangent.item() == 8


class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.result = x.exp()
        return ctx.result

    @staticmethod
    def jvp(ctx, tangent):
        return tangent * ctx.result


class Wrong(Exp):
    @staticmethod
    def jvp(ctx, tangent):
        return tangent


def test_functions_with_a_jvp():
    torch.testing.assert_close(tangent_of(Exp.apply), X.exp() * V)
    x = X.clone().requires_grad_()
    only = {"check_forward_ad": True, "check_backward_ad": False}
    assert torch.autograd.gradcheck(Exp.apply, (x,), **only)
    assert torch.autograd.gradcheck(lambda x: x.sin().sum(), (x,), check_forward_ad=True)
    with pytest.raises(RuntimeError, match="computed with forward mode mismatch"):
        torch.autograd.gradcheck(Wrong.apply, (x,), **only)


class NoJvp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x


ERRORS = [
    (RuntimeError, "no level exists", lambda: fwad.make_dual(X, V)),
    (RuntimeError, "Dual level must be a positive number", fwad.exit_dual_level),
    (RuntimeError, "different size", lambda: tangent_of(torch.sin, X, V[:2])),
    (ValueError, "Expected primal to be floating point", lambda: tangent_of(torch.sin, torch.arange(3))),
    (RuntimeError, "already has a forward gradient", lambda: tangent_of(lambda x: fwad.make_dual(x, V))),
    (RuntimeError, "Nested forward mode AD", lambda: tangent_of(lambda x: fwad.enter_dual_level())),
    (NotImplementedError, "must implement the jvp function", lambda: tangent_of(NoJvp.apply)),
]


@pytest.mark.parametrize(("kind", "text", "call"), ERRORS, ids=[text for _, text, _ in ERRORS])
def test_errors(kind, text, call):
    with pytest.raises(kind, match=text):
        call()
