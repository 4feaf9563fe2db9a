"""Transforms against their inverses and the determinants of their Jacobians; the registries of constraints."""

import pytest

import steepest as torch
from steepest import distributions as d
from steepest.distributions import constraints as c


def vector(n, low=-1.5, high=1.5):
    return torch.linspace(low, high, n, dtype=torch.float64)


ELEMENTWISE = [
    (d.ExpTransform(), vector(5)),
    (d.PowerTransform(torch.tensor(2.5, dtype=torch.float64)), vector(5, 0.2, 2.0)),
    (d.SigmoidTransform(), vector(5)),
    (d.TanhTransform(), vector(5)),
    (d.SoftplusTransform(), vector(5)),
    (d.AffineTransform(1.0, -3.0), vector(5)),
    (d.AffineTransform(vector(5), torch.full((5,), 2.0, dtype=torch.float64)), vector(5)),
    (d.CumulativeDistributionTransform(d.Normal(vector(5), 2.0)), vector(5)),
    (d.ComposeTransform([d.AffineTransform(0.5, 2.0), d.ExpTransform()]), vector(5)),
    (d.ExpTransform().inv, vector(5, 0.2, 2.0)),
]


@pytest.mark.parametrize(("transform", "x"), ELEMENTWISE)
def test_elementwise(transform, x):
    x = x.clone().requires_grad_()
    y = transform(x)
    assert transform.inv(y).tolist() == pytest.approx(x.tolist()) and transform.inv.inv is transform
    (slope,) = torch.autograd.grad(y.sum(), x)
    assert transform.log_abs_det_jacobian(x, y).tolist() == pytest.approx(slope.abs().log().tolist(), rel=1e-6, abs=1e-9)
    assert (transform.codomain.check(y)).all() and transform.forward_shape(x.shape) == y.shape


def test_stick_breaking():
    transform, x = d.StickBreakingTransform(), vector(3)
    y = transform(x)
    assert y.sum().item() == pytest.approx(1.0) and transform.inv(y).tolist() == pytest.approx(x.tolist())
    jacobian = torch.stack([_row(lambda x: transform(x)[:-1], x, i) for i in range(3)])
    assert transform.log_abs_det_jacobian(x, y).item() == pytest.approx(torch.linalg.slogdet(jacobian)[1].item())
    assert transform.forward_shape((3,)) == (4,) and transform.inverse_shape((4,)) == (3,)


def _row(f, x, i):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(f(x)[i], x)[0]


def test_corr_cholesky():
    transform, x = d.CorrCholeskyTransform(), vector(6)
    y = transform(x)
    assert c.corr_cholesky.check(y) and transform.inv(y).tolist() == pytest.approx(x.tolist())
    rows, columns = torch.tril_indices(4, 4, -1)
    jacobian = torch.stack([_row(lambda x: transform(x)[rows, columns], x, i) for i in range(6)])
    assert transform.log_abs_det_jacobian(x, y).item() == pytest.approx(torch.linalg.slogdet(jacobian)[1].item())
    with pytest.raises(ValueError, match="Input is not a flattened lower-diagonal number"):
        transform.forward_shape((4,))


def test_lower_cholesky_and_softmax():
    x = vector(9).reshape(3, 3)
    lower = d.LowerCholeskyTransform()
    assert c.lower_cholesky.check(lower(x)) and lower.inv(lower(x)).flatten().tolist() == pytest.approx(x.tril().flatten().tolist())
    assert d.SoftmaxTransform()(vector(3)).tolist() == pytest.approx(torch.softmax(vector(3), -1).tolist())


def test_parts():
    x = vector(4)
    joined = d.CatTransform([d.ExpTransform(), d.AffineTransform(0.0, 2.0)], dim=0, lengths=[1, 3])
    assert joined(x).tolist() == pytest.approx([x[0].exp().item(), *(2 * x[1:]).tolist()])
    assert joined.inv(joined(x)).tolist() == pytest.approx(x.tolist())
    assert joined.log_abs_det_jacobian(x, joined(x)).tolist() == pytest.approx([x[0].item(), *[0.6931471805599453] * 3])
    stacked = d.StackTransform([d.ExpTransform(), d.TanhTransform()], dim=1)
    pairs = x.reshape(2, 2)
    assert stacked(pairs)[:, 1].tolist() == pytest.approx(pairs[:, 1].tanh().tolist())
    with pytest.raises(AssertionError, match=r"x.size\(1\) = 4 must equal len\(transforms\) 2"):
        stacked(x.reshape(1, 4))
    reshaped = d.ReshapeTransform((4,), (2, 2))
    assert reshaped(x).shape == (2, 2) and reshaped.inv(reshaped(x)).shape == (4,) and reshaped.forward_shape((3, 4)) == (3, 2, 2)
    many = d.IndependentTransform(d.ExpTransform(), 1)
    assert many.log_abs_det_jacobian(x, many(x)).item() == pytest.approx(x.sum().item()) and many.event_dim == 1


def test_caches_and_equality():
    cached = d.ExpTransform(cache_size=1)
    x = vector(3)
    y = cached(x)
    assert cached(x) is y and cached.inv(y) is x and d.ExpTransform() == d.ExpTransform()
    assert d.AffineTransform(0.0, 1.0) == d.AffineTransform(0.0, 1.0) != d.AffineTransform(0.0, 2.0)
    assert repr(d.ComposeTransform([d.ExpTransform(), d.ExpTransform().inv])) == (
        "ComposeTransform(\n    ExpTransform(),\n    _InverseTransform(ExpTransform())\n)"
    )
    with pytest.raises(ValueError, match="cache_size must be 0 or 1"):
        d.ExpTransform(cache_size=2)


@pytest.mark.parametrize(
    "constraint",
    [
        c.real, c.positive, c.nonnegative, c.greater_than(2.0), c.greater_than_eq(2.0), c.less_than(-1.0), c.unit_interval,
        c.interval(1.0, 3.0), c.half_open_interval(1.0, 3.0), c.simplex, c.corr_cholesky, c.real_vector,
        c.independent(c.positive, 1), c.cat([c.positive, c.real], 0, [2, 4]), c.stack([c.positive] * 6, 0), c.lower_cholesky,
    ],
    ids=str,
)
def test_registries(constraint):
    x = vector(9).reshape(3, 3) if constraint is c.lower_cholesky else vector(6)
    assert constraint.check(d.transform_to(constraint)(x)).all()
    if constraint is not c.lower_cholesky:
        bijection = d.biject_to(constraint)
        y = bijection(x)
        assert bijection.bijective and bijection.inv(y).tolist() == pytest.approx(x.tolist()) and constraint.check(y).all()


def test_constraints():
    assert repr(c.interval(0.0, 2.0)) == "Interval(lower_bound=0.0, upper_bound=2.0)" and repr(c.real) == "Real()"
    assert c.integer_interval(0, 3).check(torch.tensor([0.0, 3.0, 0.5, 4.0])).tolist() == [True, True, False, False]
    assert c.one_hot.check(torch.tensor([[0.0, 1.0], [1.0, 1.0]])).tolist() == [True, False]
    assert c.symmetric.check(torch.tensor([[1.0, 2.0], [2.0, 1.0]])) and not c.square.check(torch.ones(2, 3))
    assert c.dependent(event_dim=1).event_dim == 1 and c.is_dependent(c.dependent)
    with pytest.raises(ValueError, match="Cannot determine validity of dependent constraint"):
        c.dependent.check(1)
    with pytest.raises(NotImplementedError, match="Cannot transform _Boolean constraints"):
        d.biject_to(c.boolean)
    with pytest.raises(TypeError, match="Expected constraint to be either"):
        d.biject_to.register(int, None)(len)
