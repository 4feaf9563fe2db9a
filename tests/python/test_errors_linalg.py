"""Matrices that linear algebra refuses, with PyTorch's exception types and texts."""

import pytest

import steepest as torch
from bad_input import check_refused

LINALG = torch.linalg.LinAlgError
ROWS = [
    ("torch.linalg.inv(torch.zeros(2, 2))", LINALG, "linalg.inv: The diagonal element 1 is zero, the inversion could not be"),
    ("torch.linalg.inv(torch.zeros(3, 2, 2))", LINALG, "linalg.inv: (Batch element 0): The diagonal element 1 is zero"),
    ("torch.linalg.inv(a)", RuntimeError, "linalg.inv: A must be batches of square matrices, but they are 2 by 3 matrices"),
    ("torch.linalg.inv(torch.ones(2))", RuntimeError, "linalg.inv: The input tensor A must have at least 2 dimensions."),
    ("torch.linalg.det(torch.ones(2, 2).long())", RuntimeError, "linalg.det: Expected a floating point or complex tensor as"),
    ("torch.linalg.solve(torch.zeros(2, 2), torch.ones(2))", LINALG, "torch.linalg.solve: The solver failed because the inp"),
    ("torch.linalg.solve(torch.ones(2, 2), torch.ones(3))", RuntimeError, "linalg.solve: Incompatible shapes of A and B for"),
    ("torch.linalg.solve(torch.ones(2, 2), torch.ones(2).double())", RuntimeError, "linalg.solve: Expected A and B to have"),
    ("torch.linalg.cholesky(-torch.ones(2, 2))", LINALG, "linalg.cholesky: The factorization could not be completed because"),
    ("torch.cholesky(-torch.ones(2, 2))", LINALG, "cholesky: The factorization could not be completed because the input is"),
    ("torch.linalg.lu_factor(torch.zeros(2, 2))", RuntimeError, "torch.linalg.lu_factor: U[1,1] is zero and using it on lu_"),
    ("torch.linalg.lu(torch.ones(2, 2), pivot=False)", RuntimeError, "linalg.lu_factor: LU without pivoting is not impleme"),
    ("torch.linalg.qr(a, mode='x')", RuntimeError, "qr received unrecognized mode 'x' but expected one of 'reduced'"),
    ("torch.linalg.svd(torch.full((2, 2), float('nan')))", LINALG, "linalg.svd: The algorithm failed to converge because"),
    ("torch.linalg.eigh(torch.ones(2, 2), UPLO='x')", RuntimeError, "Expected UPLO argument to be 'L' or 'U', but got x"),
    ("torch.linalg.eig(torch.full((2, 2), float('nan')))", RuntimeError, "torch.linalg.eig: input tensor should not contain"),
    ("torch.linalg.lstsq(a, torch.ones(3))", RuntimeError, "torch.linalg.lstsq: input.size(-2) should match other.size(-"),
    ("torch.linalg.lstsq(a, torch.ones(2), driver='x')", RuntimeError, "torch.linalg.lstsq: parameter `driver` should be one"),
    ("torch.linalg.pinv(torch.ones(2))", RuntimeError, "linalg.pinv(Float{[2]}): expected a tensor with 2 or more"),
    ("torch.linalg.matrix_norm(a, 3)", RuntimeError, "linalg.matrix_norm: Order 3 not supported."),
    ("torch.linalg.matrix_norm(a, dim=(0, 0))", RuntimeError, "linalg.matrix_norm: dims must be different. Got (0, 0)"),
    ("torch.linalg.norm(torch.ones(2, 2, 2), 2)", RuntimeError, "linalg.norm: If dim is not specified but ord is, the inp"),
    ("torch.linalg.cond(a, 1)", RuntimeError, "linalg.cond(ord=1): A must be batches of square matrices, but they are 2"),
    ("torch.linalg.solve_triangular(a, torch.ones(2, 1), upper=True)", RuntimeError, "linalg.solve_triangular: A must be"),
    ("torch.linalg.tensorinv(a)", RuntimeError, "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod("),
    ("torch.linalg.vander(torch.ones(3), N=1)", RuntimeError, "N must be greater than 1."),
    ("torch.cholesky_inverse(torch.zeros(2, 2))", LINALG, "cholesky_inverse: The diagonal element 1 is zero, the inversion"),
]


@pytest.mark.parametrize("program, kind, text", ROWS, ids=[row[0] for row in ROWS])
def test_refused(program, kind, text):
    check_refused(program, kind, text)
