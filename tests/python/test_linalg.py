"""torch.linalg beyond the generated samples: matrices larger than a block, batches, empty ones, singular ones, threads."""

import numpy as np
import pytest

import steepest as torch

SIZES = [(1, 1), (17, 17), (40, 40), (97, 97), (150, 150), (130, 45), (45, 130), (70, 16), (16, 70)]
SQUARES = [size for size in SIZES if size[0] == size[1]]


def drawn(*shape, dtype=torch.float64):
    values = np.random.default_rng(list(shape)).standard_normal(shape)
    return torch.from_numpy(values).to(dtype)


def close(a, b, places=1e4):
    eps = torch.finfo(a.dtype).eps
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), 0, places * eps * max(1, b.abs().max().item()))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_factors(size, dtype):
    a = drawn(*size, dtype=dtype)
    p, lower, upper = torch.linalg.lu(a)
    close(p @ lower @ upper, a)
    assert abs(lower).max() <= 1
    for mode in ("reduced", "complete"):
        q, r = torch.linalg.qr(a, mode)
        close(q @ r, a)
        close(q.mT @ q, torch.eye(q.shape[1], dtype=dtype))
    close(torch.linalg.qr(a, "r").R, torch.linalg.qr(a).R)
    packed, tau = torch.geqrf(a)
    c = drawn(size[0], 3, dtype=dtype)
    q = torch.linalg.qr(a, "complete").Q
    close(torch.ormqr(packed, tau, c), q @ c)
    close(torch.ormqr(packed, tau, c.mT, left=False, transpose=True), c.mT @ q.mT)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("size", SQUARES, ids=str)
def test_systems(size, dtype):
    n = size[0]
    a = drawn(*size, dtype=dtype) + 2 * n**0.5 * torch.eye(n, dtype=dtype)
    for k in (1, 5, 40):
        b = drawn(n, k, dtype=dtype)
        close(a @ torch.linalg.solve(a, b), b)
        close(torch.linalg.solve(a, b.mT, left=False) @ a, b.mT)
        factors = torch.linalg.lu_factor(a)
        close(a.mT @ torch.linalg.lu_solve(*factors, b, adjoint=True), b)
        for upper in (False, True):
            one = a.triu() if upper else a.tril()
            close(one @ torch.linalg.solve_triangular(a, b, upper=upper), b)
            close(one.mT @ torch.linalg.solve_triangular(a.mT, b, upper=not upper), b)
            close(torch.linalg.solve_triangular(a, b.mT, upper=upper, left=False) @ one, b.mT)
    close(torch.linalg.inv(a) @ a, torch.eye(n, dtype=dtype))
    sign, log = torch.linalg.slogdet(a)
    expected = np.linalg.slogdet(a.double().numpy())
    np.testing.assert_allclose([sign.item(), log.item()], [float(e) for e in expected], 1e-5 if dtype == torch.float32 else 1e-12)
    spd = a @ a.mT
    for upper in (False, True):
        # one triangle is read, the other one may hold anything
        factor = torch.linalg.cholesky(spd.triu() if upper else spd.tril(), upper=upper)
        close(factor.mT @ factor if upper else factor @ factor.mT, spd)
        assert torch.equal(factor, factor.triu() if upper else factor.tril())
        close(spd @ torch.cholesky_solve(drawn(n, 4, dtype=dtype), factor, upper), drawn(n, 4, dtype=dtype), 1e6)


@pytest.mark.parametrize("n", range(1, 10))
def test_batches_of_small_matrices(n):
    a = drawn(50, n, n)
    b = drawn(50, n, 3)
    close(a @ torch.linalg.inv(a), torch.eye(n, dtype=a.dtype).expand(50, n, n), 1e7)
    for right in (b, b[..., :1], a):
        close(a @ torch.linalg.solve(a, right), right, 1e6)
    np.testing.assert_allclose(torch.linalg.det(a).numpy(), np.linalg.det(a.numpy()), 1e-10)
    spd = a @ a.mT + torch.eye(n)
    factor = torch.linalg.cholesky(spd)
    close(factor @ factor.mT, spd)
    p, lower, upper = torch.linalg.lu(torch.ones(n, n))
    close(p @ lower @ upper, torch.ones(n, n))


def test_qr_of_extreme_numbers():
    a = drawn(6, 4)
    q, r = torch.linalg.qr(a)
    for scale in (1e-310, 1e-200, 1e200, 1e307):
        scaled = torch.linalg.qr(a * scale)
        np.testing.assert_allclose(scaled.Q.numpy(), q.numpy(), atol=1e-8)
        np.testing.assert_allclose((scaled.R / scale).numpy(), r.numpy(), atol=1e-8)
    assert torch.linalg.qr(torch.zeros(3, 2)).R.tolist() == [[0, 0], [0, 0]]


def test_exponential_of_every_order():
    for scale in (1e-3, 0.1, 0.5, 1.5, 4, 40):
        a = drawn(5, 5) * scale / 5
        close(torch.linalg.matrix_exp(a), torch.linalg.matrix_power(torch.linalg.matrix_exp(a / 4), 4), 1e5)


def test_threads_do_not_change_results():
    a, batch, before = drawn(200, 200), drawn(40, 12, 12), torch.get_num_threads()
    results = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        results.append([torch.linalg.inv(a), torch.linalg.qr(a).Q, torch.linalg.inv(batch), torch.linalg.det(batch)])
    torch.set_num_threads(before)
    assert all(torch.equal(one, two) for one, two in zip(*results))


def test_empty_matrices():
    assert torch.linalg.det(torch.ones(0, 0)) == 1
    assert torch.linalg.det(torch.ones(3, 0, 0)).tolist() == [1, 1, 1]
    assert torch.linalg.inv(torch.ones(0, 3, 3)).shape == (0, 3, 3)
    assert torch.linalg.solve(torch.ones(2, 0, 0), torch.ones(2, 0, 3)).shape == (2, 0, 3)
    assert torch.linalg.qr(torch.ones(4, 0), "complete").Q.tolist() == torch.eye(4).tolist()
    u, s, vh = torch.linalg.svd(torch.ones(0, 3))
    assert (u.shape, s.shape, vh.tolist()) == ((0, 0), (0,), torch.eye(3).tolist())
    assert torch.linalg.eigh(torch.ones(2, 0, 0)).eigenvalues.shape == (2, 0)
    assert torch.linalg.pinv(torch.ones(0, 3)).shape == (3, 0)
    assert torch.linalg.matrix_rank(torch.ones(2, 0, 3)).tolist() == [0, 0]
    assert torch.linalg.lstsq(torch.ones(3, 0), torch.ones(3, 2)).solution.shape == (0, 2)
    assert torch.linalg.matrix_norm(torch.ones(0, 3), "nuc") == 0


def test_det_of_singular_matrices():
    a = torch.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(torch.linalg.det(a), a, create_graph=True)
    close(first, torch.tensor([[4.0, -2.0], [-2.0, 1.0]], dtype=torch.float64))
    (second,) = torch.autograd.grad(first.sum(), a)
    close(second, torch.tensor([[1.0, -1.0], [-1.0, 1.0]], dtype=torch.float64))
    assert torch.logdet(torch.zeros(2, 2)) == -torch.inf
    assert torch.logdet(torch.tensor([[0.0, 1.0], [1.0, 0.0]])).isnan()


def test_rank_deficient_least_squares():
    a, b = torch.ones(5, 3), drawn(5, 2, dtype=torch.float32)
    for driver in (None, "gelsd", "gelss"):
        x, residuals, rank, values = torch.linalg.lstsq(a, b, driver=driver)
        close(x, torch.linalg.pinv(a) @ b)
        assert rank == 1 and residuals.shape == (0,) and values.shape == ((0,) if driver is None else (3,))
    assert torch.linalg.lstsq(drawn(2, 4, 3), drawn(2, 4), driver="gels").residuals.shape == (2, 1)


def test_info_instead_of_errors():
    a = torch.stack([torch.eye(2), torch.zeros(2, 2)])
    assert torch.linalg.inv_ex(a).info.tolist() == [0, 1]
    assert torch.linalg.solve_ex(a, torch.ones(2, 2, 1)).info.tolist() == [0, 1]
    assert torch.linalg.cholesky_ex(a).info.tolist() == [0, 1]
    assert torch.linalg.lu_factor_ex(a).info.tolist() == [0, 1]
    with pytest.raises(torch.linalg.LinAlgError, match=r"\(Batch element 1\)"):
        torch.linalg.inv(a)
    assert issubclass(torch.linalg.LinAlgError, RuntimeError) and torch._C._LinAlgError is torch.linalg.LinAlgError
    assert repr(torch.linalg.LinAlgError) == "<class 'torch._C._LinAlgError'>"


def test_matrices_that_are_not_finite():
    gaps = torch.tensor([[[1.0, 0.0], [0.0, 2.0]], [[float("nan"), 0.0], [0.0, 1.0]]])
    values = torch.linalg.eigvalsh(gaps)
    assert values[0].tolist() == [1, 2] and values[1].isnan().all()
    assert torch.linalg.svdvals(torch.full((2, 2), float("inf"))).isnan().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 25, 26, 60])
def test_symmetric_eigenvalues(n, dtype):
    a = drawn(n, n, dtype=dtype)
    rank_one = a[:1].mT @ a[:1]
    for given in (a, a * 1e-30, a * 1e30, rank_one, torch.eye(n, dtype=dtype), torch.zeros(n, n, dtype=dtype), a.diagonal().diag()):
        for uplo in "LU":
            values, vectors = torch.linalg.eigh(given, uplo)
            whole = given.tril() + given.tril(-1).mT if uplo == "L" else given.triu() + given.triu(1).mT
            size = max(whole.abs().max().item(), 1e-300) if dtype == torch.float64 else max(whole.abs().max().item(), 1e-37)
            close((vectors * (values / size)) @ vectors.mT, whole / size)
            close(vectors.mT @ vectors, torch.eye(n, dtype=dtype))
            assert (values.diff() >= 0).all()
            close(torch.linalg.eigvalsh(given, uplo) / size, values / size)


def test_signs_of_eigenvectors():
    """As PyTorch 2.13 shows them."""
    a = torch.tensor([[2.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 1.0]], dtype=torch.float64)
    expected = [[0.4597, 0.7067, -0.5378], [-0.1272, -0.5469, -0.8275], [-0.8789, 0.4488, -0.1615]]
    np.testing.assert_allclose(torch.linalg.eigh(a).eigenvectors.numpy(), expected, atol=1e-4)


def test_eigenvalues_are_complex():
    turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]])
    values, vectors = torch.linalg.eig(turn)
    assert values.dtype == vectors.dtype == torch.complex64
    assert sorted(values.tolist(), key=lambda c: c.imag) == [-1j, 1j]
    torch.linalg.eigvals(turn.requires_grad_()).imag.abs().sum().backward()
    torch.testing.assert_close(turn.grad, torch.tensor([[0.0, -1.0], [1.0, 0.0]]))


def test_named_results():
    assert type(torch.linalg.svd(torch.eye(2))).__name__ == "linalg_svd"
    assert torch.svd(torch.eye(2)).V.shape == (2, 2)
    assert torch.linalg.slogdet(torch.eye(2)).logabsdet == 0
    assert repr(torch.linalg.qr(torch.eye(1))).startswith("torch.return_types.linalg_qr(\nQ=tensor(")


def test_low_rank():
    a = drawn(30, 3) @ drawn(3, 20)
    for given, m in ((a, None), (a.mT, None), (a + 1, torch.ones(()))):
        u, s, v = torch.svd_lowrank(given, q=4, M=m)
        close((u * s) @ v.mT, given if m is None else given - 1)
    centred = a - a.mean(0)
    u, s, v = torch.pca_lowrank(a, q=3)
    close(s, torch.linalg.svdvals(centred)[:3])
    with pytest.raises(ValueError, match="must be non-negative integer and not greater"):
        torch.pca_lowrank(a, q=21)


def test_lobpcg():
    a, b = drawn(9, 9), drawn(9, 9)
    a, b = a + a.mT, b @ b.mT + torch.eye(9)
    values, vectors = torch.lobpcg(a, k=2, B=b)
    close(a @ vectors, b @ vectors * values)
    close(torch.lobpcg(a, k=3, largest=False)[0], torch.linalg.eigvalsh(a)[:3])
    with pytest.raises(ValueError, match="smaller than 3 x"):
        torch.lobpcg(a, k=4)


def test_lu_with_infos():
    packed, pivots, info = torch.lu(torch.zeros(2, 2), get_infos=True)
    assert info == 1 and pivots.tolist() == [1, 2]
    assert len(torch.eye(2).lu()) == 2


@pytest.mark.parametrize("name", ["eig", "lstsq", "matrix_rank", "solve", "symeig"])
def test_removed_functions_say_so(name):
    with pytest.raises(RuntimeError, match="now removed"):
        getattr(torch, name)(torch.eye(2))


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
@pytest.mark.parametrize("uplo", ["L", "U"])
def test_eigenvectors_of_hermitian_matrices(dtype, uplo):
    torch.manual_seed(0)
    half = torch.randn(3, 5, 5, dtype=dtype)
    whole = (half + half.mH).requires_grad_()
    given = (whole.tril() if uplo == "L" else whole.triu()) if dtype == torch.complex64 else whole
    values, vectors = torch.linalg.eigh(given, UPLO=uplo)
    assert values.dtype == dtype.to_real() and (values.diff() >= 0).all()
    torch.testing.assert_close(vectors * values.unsqueeze(-2) @ vectors.mH, whole, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(torch.linalg.eigvalsh(given, UPLO=uplo), values, atol=1e-4, rtol=1e-4)


def test_derivatives_of_hermitian_eigenvalues():
    torch.manual_seed(0)
    parts = torch.randn(2, 4, 4, dtype=torch.float64, requires_grad=True)

    def f(parts):
        x = torch.complex(*parts)
        values, vectors = torch.linalg.eigh(x + x.mH)
        return values, vectors.abs()

    assert torch.autograd.gradcheck(f, (parts,))
    assert torch.linalg.eigh(torch.zeros(2, 0, 0, dtype=torch.complex64)).eigenvalues.shape == (2, 0)
