"""Jacobians, Hessians and products with them, against closed forms."""

import pytest

import steepest as torch
from steepest.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp

X = torch.tensor([1.0, 2.0, 3.0])
Y = torch.tensor([[1.0, 2.0], [3.0, 4.0]])


def test_jacobian_of_one_input_and_output():
    assert torch.equal(jacobian(lambda x: x**2, X), torch.diag(2 * X))
    assert torch.equal(jacobian(lambda x: x.sum(), X), torch.ones(3))
    assert jacobian(lambda x: x.new_zeros(0) * x.sum(), X).shape == (0, 3)


def test_jacobian_of_several():
    (aa, ab), (ba, bb) = jacobian(lambda a, b: (a.sum() * b, b.sum() * a), (X, Y))
    assert torch.equal(aa, Y.unsqueeze(-1).expand(2, 2, 3))
    assert torch.equal(ab, 6 * torch.eye(4).view(2, 2, 2, 2))
    assert torch.equal(ba, 10 * torch.eye(3))
    assert torch.equal(bb, X.view(3, 1, 1).expand(3, 2, 2))


def test_jacobian_that_is_differentiated_again():
    x = X.clone().requires_grad_()
    jacobian(lambda x: x**3, x, create_graph=True).sum().backward()
    assert torch.equal(x.grad, 6 * X)
    assert not jacobian(lambda x: x**3, x).requires_grad


def test_hessian():
    assert torch.equal(hessian(lambda x: (x**3).sum(), X), torch.diag(6 * X))
    (aa, ab), (_, bb) = hessian(lambda a, b: a.sum() * b.pow(2).sum(), (X, Y))
    assert torch.equal(aa, torch.zeros(3, 3))
    assert torch.equal(ab, (2 * Y).expand(3, 2, 2))
    assert torch.equal(bb, 12 * torch.eye(4).view(2, 2, 2, 2))


def test_products():
    v = torch.tensor([1.0, 0.0, -1.0])
    assert torch.equal(vjp(lambda x: x**2, X, v)[1], 2 * X * v)
    assert torch.equal(vjp(lambda x: (x**2).sum(), X)[1], 2 * X)
    assert torch.equal(jvp(lambda x: x**2, X, v)[1], 2 * X * v)
    for product in (vhp, hvp):
        value, result = product(lambda x: (x**3).sum(), X, v)
        assert value.item() == 36
        assert torch.equal(result, 6 * X * v)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: jacobian(lambda x: x, [X]), TypeError, "must be either a Tensor or a tuple of Tensors"),
        (lambda: jacobian(lambda x: torch.ones(2), X, strict=True), RuntimeError, "does not require gradients"),
        (lambda: jacobian(lambda a, b: a, (X, Y), strict=True), RuntimeError, "independent of input 1"),
        (lambda: hessian(lambda x: x, X), RuntimeError, "should contain a single element"),
        (lambda: vjp(lambda x: x, X), RuntimeError, "v can only be None"),
        (lambda: vjp(lambda x: x, X, torch.ones(2)), RuntimeError, "v has invalid size"),
        (lambda: hvp(lambda x: 3, X, X), TypeError, "has type <class 'int'>"),
    ],
)
def test_bad_input(call, error, text):
    with pytest.raises(error, match=text):
        call()
