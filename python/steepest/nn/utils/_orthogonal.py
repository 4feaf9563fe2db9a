"""Matrices with orthonormal columns (or rows, where they are wide) as a parametrization of matrices without a constraint."""

from ... import allclose, cat, eye, finfo, geqrf, linalg, randn_like, zeros_like
from ..modules import Module

MAPS = ("matrix_exp", "cayley", "householder")


def _signed(q, packed):
    """The columns of q with the signs of the diagonal of R, which lies in the packed factors."""
    return q * packed.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)


def _made_orthogonal(a):
    """The nearby matrix with orthonormal columns that a QR decomposition gives: A itself if it has them."""
    packed, tau = geqrf(a)
    return _signed(linalg.householder_product(packed, tau), packed)


def _is_orthogonal(q):
    identity = eye(q.size(-1), dtype=q.dtype)
    return allclose(q.mT @ q, identity.expand_as(q.mT @ q), atol=10 * q.size(-2) * finfo(q.dtype).eps)


class _Orthogonal(Module):
    """Of a tall X, lower triangle alone: exp(A) or (I + A/2)(I - A/2)^-1 of A = X - X^T, or the product of Householder reflections.

    With a base B, which is what was assigned last, the result is B times that, so that any orthogonal matrix can be assigned.
    """

    def __init__(self, weight, orthogonal_map, *, use_trivialization=True):
        super().__init__()
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        self.trivialized = use_trivialization
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X):
        wide = X.size(-2) < X.size(-1)
        x = X.mT if wide else X
        rows, columns = x.shape[-2:]
        if self.orthogonal_map == "householder":
            reflectors = x.tril(-1)
            tau = 2.0 / (1.0 + (reflectors * reflectors).sum(-2))
            q = linalg.householder_product(reflectors, tau) * x.diagonal(dim1=-2, dim2=-1).int().unsqueeze(-2)
        else:
            x = x.tril()
            if rows != columns:
                x = cat([x, x.new_zeros(*x.shape[:-1], rows - columns)], -1)
            skew = x - x.mT
            if self.orthogonal_map == "matrix_exp":
                q = linalg.matrix_exp(skew)
            else:
                identity = eye(rows, dtype=x.dtype)
                q = linalg.solve(identity - 0.5 * skew, identity + 0.5 * skew)
            q = q[..., :columns]
        if self.trivialized:
            q = self.base @ q
        return q.mT if wide else q

    def right_inverse(self, Q):
        if Q.shape != self.shape:
            raise ValueError(f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {Q.shape}.")
        wide = Q.size(-2) < Q.size(-1)
        q = Q.mT if wide else Q
        rows, columns = q.shape[-2:]
        if self.trivialized:
            if rows != columns:
                q = cat([q, randn_like(q[..., :1].expand(*q.shape[:-1], rows - columns))], -1)
            self.base = q.clone() if rows == columns and _is_orthogonal(q) else _made_orthogonal(q)
            start = zeros_like(Q)
            start.diagonal(dim1=-2, dim2=-1).fill_(-1.0)
            return start
        if self.orthogonal_map != "householder":
            raise NotImplementedError(
                "It is not possible to assign to the matrix exponential or the Cayley parametrizations when use_trivialization=False."
            )
        packed, tau = geqrf(q)
        # of a reflection by nothing the sign is the other one
        diagonal = packed.diagonal(dim1=-2, dim2=-1)
        diagonal.sign_()
        diagonal[tau == 0] *= -1
        return packed.mT if wide else packed
