"""Samples of linear algebra: one line an op. Factors, whose signs or order numpy may choose otherwise, are put together again."""

import numpy as np

import steepest as st

from .draw import i, op, scalar, x

SQUARES = x(3, 3), x(2, 4, 4)
OPTIONS = {"dtypes": "f", "halves": False, "layouts": False, "atol": 64, "rtol": 64}
T = np.swapaxes


def exact(*calls, **options):
    """An op whose result is unique."""
    return op(*calls, **OPTIONS | options)


def near(result, a, b):
    """Whether a and b, made of the results, differ by no more than their dtype explains."""
    dtype = result[0].dtype if isinstance(result, (list, tuple)) else result.dtype
    return np.allclose(a, b, rtol=0, atol=64 * np.finfo(dtype).eps * max(1, abs(np.asarray(b)).max(initial=0)))


def factors(*calls, call=None, **options):
    """An op with several right results; `check` puts them together."""
    return op(*calls, **OPTIONS | {"call": call} | options)


def t(v):
    return T(v, -1, -2)


def definite(v):
    return v @ v.mT + 3 * st.eye(v.shape[-1], dtype=v.dtype)


def np_definite(v):
    return v @ t(v) + 3 * np.eye(v.shape[-1])


def symmetric(v):
    return v + v.mT


def is_ldl(r, v):
    """The factors solve the system: those of A = v's strict lower triangle and its mirror, whose diagonal needs blocks of two."""
    a, b = np.tril(v, -1) + t(np.tril(v, -1)), np.arange(1.0, v.shape[-1] + 1)[:, None]
    solved = st.linalg.ldl_solve(*[st.from_numpy(part) for part in r[:2]], st.from_numpy(b.astype(r[0].dtype))).numpy()
    return near(r, a @ solved, np.broadcast_to(b, solved.shape)) and (r[1] < 0).any()


def np_lstsq(a, b):
    return np.linalg.pinv(a) @ b


def joined(parts):
    """(P L, U): P alone has no derivative."""
    return parts[0] @ parts[1], parts[2]


def from_packed(lu, pivots, rows):
    """P L U of LAPACK's form."""
    k = min(lu.shape[-2:])
    lower = np.tril(lu[..., :k], -1) + np.eye(rows, k)
    a = lower @ np.triu(lu[..., :k, :])
    for one, exchanges in zip(a.reshape(-1, *a.shape[-2:]), pivots.reshape(-1, k)):
        for step in reversed(range(k)):
            one[[step, exchanges[step] - 1]] = one[[exchanges[step] - 1, step]]
    return a


def solve_packed(lu, pivots, b, left=True, adjoint=False):
    a = from_packed(lu, pivots, lu.shape[0])
    return solve(t(a) if adjoint else a, b, left)


def packed_is(r, a, *args, **kwargs):
    return near(r, from_packed(r[0], r[1], a.shape[-2]), a)


def orthonormal(q):
    return near(q, t(q) @ q, np.broadcast_to(np.eye(q.shape[-1]), (*q.shape[:-2], q.shape[-1], q.shape[-1])))


def is_qr(r, a, *args, **kwargs):
    return near(r, r[0] @ r[1], a) and orthonormal(r[0]) and near(r, np.tril(r[1], -1), 0 * r[1])


def is_svd(r, a, *args, **kwargs):
    u, s, vh = r
    k = s.shape[-1]
    whole = (u[..., :k] * s[..., None, :]) @ vh[..., :k, :]
    return near(r, whole, a) and orthonormal(u) and orthonormal(t(vh)) and near(r, s, np.linalg.svd(a, compute_uv=False))


def is_old_svd(r, a, *args, **kwargs):
    return is_svd((r[0], r[1], t(r[2])), a)


def is_eigh(r, a, *args):
    a = a + t(a)
    return near(r, (r[1] * r[0][..., None, :]) @ t(r[1]), a) and orthonormal(r[1]) and near(r, r[0], np.linalg.eigvalsh(a))


def is_eig(r, a):
    return near(r, abs(a @ r[1] - r[1] * r[0][..., None, :]), 0 * a)


def are_eigenvalues(r, a):
    return near(r, np.sort(abs(r)), np.sort(abs(np.linalg.eigvals(a))))


def is_geqrf(r, a):
    return near(r, t(np.triu(r[0])) @ np.triu(r[0]), t(a) @ a) and r[1].shape == (*a.shape[:-2], min(a.shape[-2:]))


def reflections(a, tau):
    q = np.broadcast_to(np.eye(a.shape[-2]), (*a.shape[:-2], a.shape[-2], a.shape[-2]))
    for k in range(tau.shape[-1]):
        v = np.concatenate([np.zeros_like(a[..., :k, k]), np.ones_like(a[..., :1, k]), a[..., k + 1 :, k]], -1)
        q = q - tau[..., k, None, None] * (q @ v[..., None]) * v[..., None, :]
    return q


def is_lstsq(r, a, b, *args, driver="gelsy", **kwargs):
    b = b[..., None] if b.ndim == a.ndim - 1 else b
    solution = np_lstsq(a, b)
    tall = a.shape[-2] > a.shape[-1] and driver != "gelsy"
    residuals = ((a @ solution - b) ** 2).sum(-2) if tall else np.zeros(0)
    return near(r, r[0].reshape(solution.shape), solution) and near(r, r[1], residuals)


def matrix_norm(a, ord="fro", dim=(-2, -1), keepdim=False, **kwargs):
    return np.linalg.norm(a, ord, tuple(dim), keepdim)


def norm(a, ord=None, dim=None, keepdim=False):
    return np.linalg.norm(a, ord, tuple(dim) if isinstance(dim, (list, tuple)) else dim, keepdim)


def rank(a, tol=None, **kwargs):
    return np.asarray(np.linalg.matrix_rank(a, tol))


def solve(a, b, left=True):
    if not left:
        return t(np.linalg.solve(t(a), t(b)))
    return np.linalg.solve(a, b[..., None])[..., 0] if b.ndim == 1 or b.shape == a.shape[:-1] else np.linalg.solve(a, b)


def solve_triangular(a, b, upper, left=True, unitriangular=False):
    a = np.triu(a) if upper else np.tril(a)
    if unitriangular:
        a = a - np.eye(a.shape[-1]) * a + np.eye(a.shape[-1])
    return solve(a, b, left)


def exponential(a):
    small = a / 2**5
    term = total = np.broadcast_to(np.eye(a.shape[-1]), a.shape)
    for k in range(1, 30):
        term = term @ small / k
        total = total + term
    for _ in range(5):
        total = total @ total
    return total


def power(a, n):
    return np.linalg.matrix_power(a, n)


MATRIX, WIDE, BATCH = x(4, 3), x(3, 5), x(2, 3, 3)
TRIANGLE = x(4, 4, low=0.5, high=1.5)
B = x(4, 2)
UPPER, LOWER = {"upper": True}, {"upper": False}

MATRICES = {
    "linalg_inv": exact(*SQUARES, ref=np.linalg.inv),
    "inverse": exact(*SQUARES, ref=np.linalg.inv),
    "linalg_inv_ex": factors(*SQUARES, check=lambda r, a: near(r, r[0], np.linalg.inv(a)) and not r[1].any()),
    "linalg_solve": exact((x(3, 3), x(3, 2)), (BATCH, x(2, 3)), (x(3, 3), x(3)), (BATCH, x(3, 2)),
        (x(3, 3), x(2, 3), {"left": False}), ref=solve),
    "linalg_solve_ex": factors((x(3, 3), x(3, 2)), (BATCH, x(3)), check=lambda r, a, b: near(r, r[0], solve(a, b))),
    "linalg_solve_triangular": exact((TRIANGLE, B, UPPER), (TRIANGLE, B, LOWER), (TRIANGLE, x(2, 4), UPPER | {"left": False}),
        (TRIANGLE, x(2, 4), LOWER | {"left": False}), (TRIANGLE, B, UPPER | {"unitriangular": True}),
        (x(2, 4, 4, low=0.5), x(4, 2), LOWER), ref=solve_triangular),
    "triangular_solve": exact((B, TRIANGLE), (B, TRIANGLE, False), (B, TRIANGLE, True, True),
        ref=lambda b, a, upper=True, turned=False: (solve(t(np.triu(a) if upper else np.tril(a)) if turned else
            np.triu(a) if upper else np.tril(a), b), a)),
    "linalg_det": exact(*SQUARES, x(1, 1), ref=np.linalg.det),
    "det": exact(*SQUARES, ref=np.linalg.det),
    "linalg_slogdet": exact(*SQUARES, ref=lambda v: tuple(np.linalg.slogdet(v))),
    "slogdet": exact(*SQUARES, ref=lambda v: tuple(np.linalg.slogdet(v))),
    "logdet": exact(*SQUARES, ref=lambda v: np.where(np.linalg.det(v) < 0, np.nan, np.linalg.slogdet(v)[1])),
    "linalg_lu_factor": factors(x(4, 4), MATRIX, WIDE, BATCH, check=packed_is),
    "linalg_lu_factor_ex": factors(x(4, 4), MATRIX, WIDE, check=packed_is),
    "linalg_lu": factors(x(4, 4), MATRIX, WIDE, BATCH, call=lambda a: joined(st.linalg.lu(a)), check=lambda r, a: near(r, r[0] @ r[1], a)),
    "lu_unpack": factors((TRIANGLE, i(4, low=1, high=5)), (MATRIX, i(3, low=1, high=5)), (WIDE, i(3, low=1, high=4)),
        call=lambda lu, p: joined(st.lu_unpack(lu, p.int())), check=lambda r, lu, p: near(r, r[0] @ r[1], from_packed(lu, p, lu.shape[0]))),
    "linalg_lu_solve": exact((TRIANGLE, i(4, low=1, high=5), B), (TRIANGLE, i(4, low=1, high=5), x(2, 4, 3)),
        (TRIANGLE, i(4, low=1, high=5), x(2, 4), {"left": False}), (TRIANGLE, i(4, low=1, high=5), B, {"adjoint": True}),
        call=lambda lu, p, b, **options: st.linalg.lu_solve(lu, p.int(), b, **options), ref=solve_packed),
    "lu_solve": exact((B, TRIANGLE, i(4, low=1, high=5)), call=lambda b, lu, p: st.lu_solve(b, lu, p.int()),
        ref=lambda b, lu, p: solve_packed(lu, p, b)),
    "linalg_cholesky": exact(x(3, 3), BATCH, call=lambda v: st.linalg.cholesky(definite(v)),
        ref=lambda v: np.linalg.cholesky(np_definite(v))),
    "linalg_cholesky_ex": exact(x(3, 3), call=lambda v: st.linalg.cholesky_ex(definite(v), upper=True)[0],
        ref=lambda v: t(np.linalg.cholesky(np_definite(v)))),
    "cholesky": exact(x(3, 3), call=lambda v: st.cholesky(definite(v)), ref=lambda v: np.linalg.cholesky(np_definite(v))),
    "cholesky_solve": exact((x(3, 2), x(3, 3)), (x(3, 2), BATCH),
        call=lambda b, v: st.cholesky_solve(b, st.linalg.cholesky(definite(v))), ref=lambda b, v: solve(np_definite(v), b)),
    "cholesky_inverse": exact(x(3, 3), BATCH, call=lambda v: st.cholesky_inverse(st.linalg.cholesky(definite(v))),
        ref=lambda v: np.linalg.inv(np_definite(v))),
    "linalg_qr": factors(x(4, 4), MATRIX, WIDE, BATCH, (WIDE, "complete"), check=is_qr),
    "qr": factors(MATRIX, (WIDE, False), check=is_qr),
    "geqrf": factors(MATRIX, WIDE, check=is_geqrf, grad="refused"),
    "linalg_householder_product": exact((MATRIX, x(3)), (MATRIX, x(2)), (x(2, 4, 3), x(2, 3)),
        ref=lambda a, tau: reflections(a, tau)[..., : a.shape[-1]]),
    "orgqr": exact((MATRIX, x(3)), ref=lambda a, tau: reflections(a, tau)[..., : a.shape[-1]]),
    "ormqr": exact((MATRIX, x(3), B), (MATRIX, x(3), B, True, True), (MATRIX, x(3), x(2, 4), False),
        ref=lambda a, tau, c, left=True, turned=False: (lambda q: q @ c if left else c @ q)(
            t(reflections(a, tau)) if turned else reflections(a, tau))),
    "linalg_svd": factors(x(3, 3), MATRIX, WIDE, BATCH, (MATRIX, False), (WIDE, False), check=is_svd,
        call=lambda a, full=None: st.linalg.svd(a, full or False)),
    "linalg_svdvals": exact(MATRIX, WIDE, BATCH, ref=lambda a: np.linalg.svd(a, compute_uv=False)),
    "svd": factors(MATRIX, WIDE, check=is_old_svd),
    "linalg_eigh": factors(x(3, 3), BATCH, (x(3, 3), "U"), check=is_eigh,
        call=lambda a, *uplo: st.linalg.eigh(symmetric(a), *uplo)),
    "linalg_eigvalsh": exact(x(3, 3), BATCH, (x(3, 3), "U"), call=lambda a, *uplo: st.linalg.eigvalsh(symmetric(a), *uplo),
        ref=lambda a, *uplo: np.linalg.eigvalsh(a + t(a), *uplo)),
    "linalg_eig": factors(*SQUARES, check=is_eig, grad=False, values=False),
    "linalg_eigvals": factors(*SQUARES, check=are_eigenvalues, grad=False, values=False),
    "linalg_ldl_factor": factors(x(4, 4), BATCH, call=lambda v: st.linalg.ldl_factor(v.tril(-1) + v.tril(-1).mT), check=is_ldl, grad="refused"),
    "linalg_ldl_factor_ex": factors(x(5, 5), call=lambda v: st.linalg.ldl_factor_ex(v.tril(-1) + v.tril(-1).mT), check=is_ldl,
        grad="refused"),
    "linalg_ldl_solve": exact((BATCH, x(3), x(3, 2)), call=lambda v, _, b: st.linalg.ldl_solve(*st.linalg.ldl_factor(symmetric(v)), b),
        ref=lambda v, _, b: solve(v + t(v), b), grad="refused"),
    "linalg_lstsq": factors((MATRIX, B), (WIDE, x(3, 2)), (x(2, 4, 3), x(2, 4)), (MATRIX, B, {"driver": "gels"}),
        (MATRIX, B, {"driver": "gelsd"}), check=is_lstsq, call=lambda *args, **options: st.linalg.lstsq(*args, **options)[:2]),
    "linalg_pinv": exact(MATRIX, WIDE, x(2, 3, 4), (MATRIX, 1e-9), (WIDE, {"atol": 1e-9}), ref=lambda a, *b, **c: np.linalg.pinv(a)),
    "pinverse": exact(MATRIX, ref=np.linalg.pinv),
    "linalg_matrix_rank": exact(MATRIX, x(2, 3, 4), (MATRIX, 1.0), (MATRIX, {"rtol": 1e-6}), ref=rank, grad=False),
    "linalg_matrix_norm": exact((x(3, 4), 2), (x(3, 4), -2), (x(3, 4), 1), (x(3, 4), -1, [0, 1], True), (x(2, 3, 4), float("inf")),
        (x(2, 3, 4), "fro"), x(3, 4), (x(2, 3, 4), "nuc", [0, 2], True), ref=matrix_norm),
    "linalg_norm": exact(x(3, 4), (x(3, 4), 2), (x(5), 3), (x(3, 4), 1, 0), (x(3, 4), "nuc"), (x(2, 3, 4), "fro", [1, 2], True),
        ref=norm),
    "nuclear_norm": exact(MATRIX, (x(2, 3, 4), [0, 2]), ref=lambda a, dim=(0, 1): np.linalg.norm(a, "nuc", tuple(dim))),
    "frobenius_norm": exact((MATRIX, [0, 1]), (MATRIX, 1, True),
        ref=lambda a, dim, keepdim=False: np.sqrt((a**2).sum(dim if isinstance(dim, int) else tuple(dim), keepdims=keepdim))),
    "linalg_cond": exact(*SQUARES, (x(3, 3), -2), (x(3, 3), 1), (x(3, 3), float("-inf")), (x(3, 3), "fro"), (x(3, 3), "nuc"),
        ref=lambda a, p=None: np.linalg.cond(a, p)),
    "linalg_matrix_exp": exact(*SQUARES, x(3, 3, low=-0.01, high=0.01), x(2, 2, low=-9, high=9), ref=exponential),
    "matrix_exp": exact(x(3, 3), ref=exponential),
    "linalg_matrix_power": exact((x(3, 3), 2), (x(3, 3), 5), (x(3, 3), -2), (x(3, 3), 0), (x(2, 3, 3), 1), ref=power),
    "matrix_power": op((x(3, 3), 2), (x(3, 3), 3), ref=power, dtypes="fi"),
    "linalg_vecdot": op((x(3, 4), x(3, 4)), (x(2, 3, 4), x(3, 1), {"dim": 1}), dtypes="f",
        ref=lambda a, b, dim=-1: (a * b).sum(dim)),
    "linalg_vander": op(x(4), (x(2, 3), {"N": 5}), (scalar(), {"N": 2}), dtypes="f", half_tol=4,
        ref=lambda v, N=None: np.atleast_1d(v)[..., None] ** np.arange(N or v.shape[-1])),
    "linalg_diagonal": op(x(3, 4), (x(2, 3, 4), {"offset": 1}), (x(2, 3, 4), {"offset": -1, "dim1": 0, "dim2": 1}), views=True,
        ref=lambda v, offset=0, dim1=-2, dim2=-1: np.diagonal(v, offset, dim1, dim2)),
    "linalg_tensorinv": exact((x(2, 3, 6), 2), (x(4, 2, 2), 1), ref=np.linalg.tensorinv),
    "linalg_tensorsolve": exact((x(2, 3, 6), x(2, 3)), (x(2, 6, 3), x(6), {"dims": [0, 2]}),
        ref=lambda a, b, dims=None: np.linalg.tensorsolve(a, b, dims)),
}
