"""Decompositions of matrices whose arguments or results are too free for the op table: lu, those of low rank, lobpcg."""

from . import _C
from .linalg import cholesky, eigh, qr, solve_triangular, svd
from .settings import warn_once

__all__ = ["eig", "lobpcg", "lstsq", "lu", "matrix_rank", "pca_lowrank", "solve", "svd_lowrank", "symeig"]


def lu(A, pivot=True, get_infos=False, out=None):
    """LU factors of ``A`` (\\*, m, n) in one matrix, and the exchanges of rows: see :func:`torch.linalg.lu_factor`.

    With ``get_infos`` a third tensor holds, for each matrix, 0 or the place of a pivot that is 0.

    Raises RuntimeError for tensors that are no matrices or of no float type, and for ``pivot=False``.

    Example::

        >>> import steepest as torch
        >>> torch.lu(torch.tensor([[2.0, 1.0], [4.0, 3.0]]))
        (tensor([[ 4.0000,  3.0000],
                [ 0.5000, -0.5000]]), tensor([2, 2], dtype=torch.int32))
    """
    warn_once(
        "torch.lu is deprecated in favor of torch.linalg.lu_factor / torch.linalg.lu_factor_ex and will be removed in a future PyTorch "
        "release.\n"
        "LU, pivots = torch.lu(A, compute_pivots)\nshould be replaced with\nLU, pivots = torch.linalg.lu_factor(A, compute_pivots)\nand\n"
        "LU, pivots, info = torch.lu(A, compute_pivots, get_infos=True)\nshould be replaced with\n"
        "LU, pivots, info = torch.linalg.lu_factor_ex(A, compute_pivots)"
    )
    result = _C._lu_with_info(A, pivot, False)
    if out is not None:
        for place, value in zip(out, result):
            place.resize_(value.shape).copy_(value)
        result = out
    return result if get_infos else (result[0], result[1])


_C.Tensor.lu = lu


def svd_lowrank(A, q=6, niter=2, M=None):
    """``(U, S, V)`` with ``A - M`` near ``U @ diag(S) @ V.mT``: the q largest singular values of ``A`` (\\*, m, n), by a random projection.

    ``niter`` iterations sharpen the projection. The random numbers are those of the default generator.
    (Halko, Martinsson, Tropp, "Finding structure with randomness", 2009, algorithm 5.1.)

    Example::

        >>> import steepest as torch
        >>> [t.shape for t in torch.svd_lowrank(torch.ones(5, 4), q=2)]
        [torch.Size([5, 2]), torch.Size([2]), torch.Size([4, 2])]
    """
    q = 6 if q is None else q
    m, n = A.shape[-2:]
    if M is not None:
        A = A - M.broadcast_to(A.shape)
    if m < n:
        A = A.mT
    basis = _basis(A, q, 2 if niter is None else niter)
    u, s, vh = svd(basis.mT @ A, full_matrices=False)
    u, v = basis @ u, vh.mT
    return (v, s, u) if m < n else (u, s, v)


def _basis(A, q, niter):
    """Orthonormal columns whose span is near that of A's first q left singular vectors."""
    q_ = qr(A @ _C.randn(A.shape[-1], q, dtype=A.dtype)).Q
    for _ in range(niter):
        q_ = qr(A.mT @ q_).Q
        q_ = qr(A @ q_).Q
    return q_


def pca_lowrank(A, q=None, center=True, niter=2):
    """``svd_lowrank`` of ``A`` (\\*, m, n) less the mean of its rows: V's columns are the q principal directions.

    Raises ValueError unless 0 <= q <= min(m, n) and niter >= 0.

    Example::

        >>> import steepest as torch
        >>> torch.pca_lowrank(torch.tensor([[3.0, 4.0], [-3.0, -4.0]]), q=1)[1]
        tensor([7.0711])
    """
    m, n = A.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - A.mean(dim=-2, keepdim=True) if center else A, q, niter)


def lobpcg(A, k=None, B=None, X=None, n=None, iK=None, niter=None, tol=None, largest=None, method=None, tracker=None,
           ortho_iparams=None, ortho_fparams=None, ortho_bparams=None):
    """The k largest (or smallest) eigenvalues (\\*, k) of the symmetric ``A`` (\\*, m, m), and their eigenvectors (\\*, m, k).

    With a positive-definite ``B``, of ``A x = e B x``. Matrices here are dense, so that the full decomposition is taken; the
    arguments that steer PyTorch's iteration (``iK``, ``niter``, ``tol``, ``method``, ``tracker``, ``ortho_*``) change nothing, and
    of ``X`` only the number of columns counts, which is the default of ``k``.

    Raises ValueError where 3 k is larger than m, as PyTorch does.

    Example::

        >>> import steepest as torch
        >>> torch.lobpcg(torch.diag(torch.tensor([1.0, 5.0, 3.0])))[0]
        tensor([5.])
    """
    m = A.shape[-1]
    if k is None:
        k = X.shape[-1] if X is not None else 1
    if m < 3 * k:
        raise ValueError(
            f"LOBPCG algorithm is not applicable when the number of A rows (={m}) is smaller than 3 x "
            f"the number of requested eigenpairs (={k})"
        )
    if B is None:
        values, vectors = eigh(A)
    else:
        half = cholesky(B)
        inner = solve_triangular(half.mT, solve_triangular(half, A, upper=False), upper=True, left=False)
        values, vectors = eigh(inner)
        vectors = solve_triangular(half.mT, vectors, upper=True)
    if largest is None or largest:
        values, vectors = values.flip(-1), vectors.flip(-1)
    return values[..., :k], vectors[..., :k]


def _removed(name, instead):
    def function(*args, **kwargs):
        raise RuntimeError(f"This function was deprecated since version 1.9 and is now removed. {instead} takes the place of torch.{name}.")

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Was removed from PyTorch: raises RuntimeError. ``{instead}`` takes its place."
    return function


eig = _removed("eig", "torch.linalg.eig")
lstsq = _removed("lstsq", "torch.linalg.lstsq, whose arguments are in reverse order,")
matrix_rank = _removed("matrix_rank", "torch.linalg.matrix_rank")
solve = _removed("solve", "torch.linalg.solve, whose arguments are in reverse order,")
symeig = _removed("symeig", "torch.linalg.eigh")

for _function in (eig, lstsq, solve, symeig):
    setattr(_C.Tensor, _function.__name__, _function)
