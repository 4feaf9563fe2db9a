"""Factorizations of complex matrices: they give the matrix back, and gradients are those of finite differences of the parts."""

import numpy as np
import pytest

import steepest as torch

from .test_complex import differences, loss

RNG = np.random.default_rng(3)
SIZES = {"a": (4, 4), "b": (4, 3), "wide": (3, 4), "c": (2, 4, 4), "v": (4,)}
ARRAYS = {name: RNG.standard_normal(size) + 1j * RNG.standard_normal(size) for name, size in SIZES.items()}
EYE = torch.eye(4, dtype=torch.complex128)
L = torch.linalg


def definite(a):
    return a @ a.mH + 3 * torch.eye(a.shape[-1], dtype=a.dtype)


def tall(a):
    return a if a.shape[-2] >= a.shape[-1] else a.mH


def joined(factors):
    """The product of factors, of which a vector stands for a diagonal matrix."""
    out = factors[0]
    for f in factors[1:]:
        out = out * f.unsqueeze(-2) if f.dim() < factors[0].dim() else out @ f
    return out


# What equals the matrix in the second text.
IDENTITIES = {
    "joined(L.qr(x))": "x",
    "joined(L.qr(x, 'complete'))": "x",
    "joined(L.svd(x, full_matrices=False))": "x",
    "joined(L.lu(x))": "x",
    "joined(torch.lu_unpack(*L.lu_factor(x)))": "x",
    "x @ L.pinv(x) @ x": "x",
    "joined([*torch.svd(x)[:2], torch.svd(x).V.mH])": "x",
    "torch.orgqr(*torch.geqrf(tall(x))).mH @ L.qr(tall(x))[0]": "torch.eye(min(x.shape[-2:]), dtype=x.dtype).expand(*x.shape[:-2], -1, -1)",
}
SQUARE_IDENTITIES = {
    "x @ L.inv(x)": "EYE",
    "x @ L.solve(x, EYE.to(x.dtype))": "EYE",
    "L.solve(x, x, left=False)": "EYE",
    "x @ L.eig(x)[1]": "L.eig(x)[1] * L.eig(x)[0][..., None, :]",
    "L.cholesky(definite(x)) @ L.cholesky(definite(x)).mH": "definite(x)",
    "L.cholesky(definite(x), upper=True).mH": "L.cholesky(definite(x))",
    "definite(x) @ torch.cholesky_inverse(L.cholesky(definite(x)))": "EYE",
    "definite(x) @ torch.cholesky_solve(x, L.cholesky(definite(x), upper=True), upper=True)": "x",
    "x.mH @ L.lu_solve(*L.lu_factor(x), x, adjoint=True)": "x",
    "L.lu_solve(*L.lu_factor(x), x, left=False) @ x": "x",
    "x.tril() @ L.solve_triangular(x.tril(), x, upper=False)": "x",
    "L.solve_triangular(x.triu(), x, upper=True, left=False) @ x.triu()": "x",
    "torch.triangular_solve(x, x.triu(), transpose=True)[0]": "L.solve(x.triu().mT, x)",
    "L.matrix_exp(x) @ L.matrix_exp(-x)": "EYE",
    "L.det(x)": "L.eigvals(x).log().sum(-1).exp()",
    "L.slogdet(x)[0] * L.slogdet(x)[1].exp()": "L.det(x)",
    "torch.logdet(x).exp()": "L.det(x)",
    "L.matrix_power(x, -2) @ x @ x": "EYE",
    "L.inv_ex(x)[0]": "L.inv(x)",
    "L.tensorinv(x.reshape(-1, 4)[:4], 1) @ x.reshape(-1, 4)[:4]": "EYE",
    "torch.ormqr(*torch.geqrf(x), L.qr(x)[0], transpose=True)": "EYE",
}


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
@pytest.mark.parametrize("size", [(4, 4), (5, 3), (3, 5), (2, 3, 3), (2, 2, 60, 40), (100, 130), (0, 3)])
def test_factors_give_the_matrix_back(size, dtype):
    torch.manual_seed(0)
    x = torch.randn(size, dtype=dtype)
    for text, same in IDENTITIES.items():
        agree(text, same, x)


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
@pytest.mark.parametrize("size", [(4, 4), (2, 4, 4), (1, 70, 70)])
def test_square_matrices(size, dtype):
    torch.manual_seed(1)
    x = torch.randn(size, dtype=dtype) / size[-1] ** 0.5 + torch.eye(size[-1])
    for text, same in SQUARE_IDENTITIES.items():
        agree(text, same, x)


def agree(text, same, x):
    n = x.shape[-1]
    scope = {"x": x, "L": L, "torch": torch, "joined": joined, "definite": definite, "tall": tall, "EYE": torch.eye(n, dtype=x.dtype)}
    if n != 4 and "(-1, 4)" in text:
        return
    one, other = eval(text, scope), eval(same, scope)
    close = 2e-3 if x.dtype == torch.complex64 else 1e-10
    torch.testing.assert_close(one, other.expand(one.shape).to(one.dtype), rtol=close, atol=close, msg=lambda m: f"{text}: {m}")


def test_real_results_are_real():
    a = torch.from_numpy(ARRAYS["a"])
    real = [L.svdvals(a), L.cond(a), L.cond(a, 1), L.matrix_norm(a), L.matrix_norm(a, 2), L.norm(a, "nuc"), L.slogdet(a)[1], L.eigvalsh(a)]
    assert {t.dtype for t in real} == {torch.float64}
    np.testing.assert_allclose(L.cond(a).item(), np.linalg.cond(ARRAYS["a"]))
    np.testing.assert_allclose(L.matrix_norm(a, -1).item(), np.linalg.norm(ARRAYS["a"], -1))
    assert L.matrix_rank(torch.outer(a[0], a[1])) == 1 and (L.qr(a)[1].diagonal().imag == 0).all()


def test_least_squares():
    a, b = (torch.from_numpy(ARRAYS[k]) for k in ("b", "a"))
    wanted, rest, rank, values = np.linalg.lstsq(ARRAYS["b"], ARRAYS["a"], rcond=None)
    for driver in ("gelsy", "gels", "gelsd"):
        found = L.lstsq(a, b, driver=driver)
        np.testing.assert_allclose(found.solution.numpy(), wanted)
        if driver != "gelsy":
            np.testing.assert_allclose(found.residuals.numpy(), rest)
    assert found.rank == rank
    np.testing.assert_allclose(found.singular_values.numpy(), values)


def test_singular_matrices():
    with pytest.raises(torch.linalg.LinAlgError, match="singular"):
        L.inv(torch.ones(2, 2, dtype=torch.complex64))
    assert L.cholesky_ex(-EYE).info == 1 and L.lu_factor_ex(torch.zeros(2, 2, dtype=torch.complex64)).info == 1
    bad = EYE.clone()
    bad[0, 0] = complex(0, np.nan)
    assert L.eigvalsh(bad).isnan().all()


# Of a and c square, b tall and wide. What vectors leave open is taken out by absolute values.
GRADIENTS = [
    "L.inv(a)", "L.solve(c, b)", "L.solve(a, v)", "L.solve(a, wide, left=False)", "L.det(c)", "L.slogdet(a)[0]", "L.slogdet(a)[1]",
    "torch.logdet(a)", "L.cholesky(definite(c))", "L.cholesky(definite(a), upper=True)",
    "torch.cholesky_solve(b, L.cholesky(definite(a)))", "torch.cholesky_inverse(L.cholesky(definite(a), upper=True), upper=True)",
    "L.qr(a)[0]",
    "L.qr(a)[1]", "joined(L.qr(b)[::-1][1:])", "L.qr(b)[1]", "L.qr(wide)[1]", "L.lu(a)[1] @ L.lu(a)[2] * a", "L.lu_factor(b)[0]",
    "L.lu_factor(wide)[0]", "L.lu_solve(*L.lu_factor(a), b)", "L.lu_solve(*L.lu_factor(a), wide, left=False, adjoint=True)",
    "L.solve_triangular(a.triu(), b, upper=True)", "L.solve_triangular(a.tril(), wide, upper=False, left=False)", "L.svdvals(b)",
    "L.svd(a)[0].abs()", "L.svd(wide, full_matrices=False)[2].abs()", "joined(L.svd(b, full_matrices=False))",
    "joined(L.svd(a)[::2])", "L.pinv(b)", "L.pinv(wide)", "L.pinv(a + a.mH, hermitian=True)", "L.lstsq(b, a).solution",
    "L.lstsq(b, a, driver='gels').residuals", "L.eigvals(a)", "L.eig(a)[1].abs()", "L.eigh(a + a.mH)[1].abs()", "L.matrix_exp(a)",
    "L.matrix_power(a, -2)", "L.matrix_norm(a, 2)", "L.matrix_norm(b, 'nuc')", "L.cond(a)", "L.householder_product(b, v[:3])",
    "torch.trace(a)", "torch.ormqr(b, v[:3], b.mH, left=False, transpose=True)", "L.vecdot(a, c)", "L.cross(wide.mT, wide.mT[:1])",
    "torch.dist(a, c, 1)",
]


@pytest.mark.parametrize("text", GRADIENTS)
def test_gradients(text):
    names = [name for name in ARRAYS if any(f"{before}{name}{after}" in text for before in "( " for after in ",).[ ")]
    assert names

    def f(arrays, of=lambda array: torch.from_numpy(array)):
        leaves = [of(a) for a in arrays]
        scope = {"L": L, "torch": torch, "joined": joined, "definite": definite, **dict(zip(names, leaves, strict=True))}
        return loss(eval(text, scope)), leaves

    arrays = [ARRAYS[name] for name in names]
    value, leaves = f(arrays, lambda array: torch.from_numpy(array.copy()).requires_grad_())
    for k, grad in enumerate(torch.autograd.grad(value, leaves)):
        np.testing.assert_allclose(grad.numpy(), differences(lambda a: f(a)[0], arrays, k), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("text", ["L.inv(a)", "L.det(a)", "L.qr(a)[1]", "L.svd(a)[0].abs()", "L.eigvals(a)", "L.cholesky(definite(a))"])
def test_second_derivatives(text):
    def slope(arrays, leaf=None):
        a = torch.from_numpy(arrays[0].copy()).requires_grad_() if leaf is None else leaf
        return loss(torch.autograd.grad(loss(eval(text, {"a": a, "L": L, "definite": definite})), a, create_graph=True)[0])

    leaf = torch.from_numpy(ARRAYS["a"].copy()).requires_grad_()
    slope(None, leaf).backward()
    np.testing.assert_allclose(leaf.grad.numpy(), differences(lambda a: slope(a).detach(), [ARRAYS["a"]], 0), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("text", "words"), [
    ("L.svd(a)[0].real", "svd_backward: The singular vectors in the complex case are specified up to multiplication by e^{i phi}."),
    ("L.eig(a)[1].real", "linalg_eig_backward: The eigenvectors in the complex case"),
    ("L.eigh(a)[1].real", "linalg_eigh_backward: The eigenvectors in the complex case"),
])
def test_what_depends_on_an_open_phase_is_refused(text, words):
    a = torch.from_numpy(ARRAYS["a"].copy()).requires_grad_()
    with pytest.raises(RuntimeError) as error:
        eval(text, {"a": a, "L": L}).sum().backward()
    assert words in str(error.value)
