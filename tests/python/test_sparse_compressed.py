"""Matrices in compressed rows and columns: what they hold, products and their gradients, ways to and from other layouts, refusals."""

import copy
import io

import pytest

import steepest as torch
from steepest.autograd import gradcheck

DENSE = torch.tensor([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, 0.0, 3.0], [4.0, 5.0, 0.0]], dtype=torch.float64)


def csr():
    return torch.sparse_csr_tensor([0, 2, 2, 3, 5], [0, 2, 2, 0, 1], [1.0, 2.0, 3.0, 4.0, 5.0], (4, 3), dtype=torch.float64)


def csc():
    return torch.sparse_csc_tensor([0, 2, 3, 5], [0, 3, 3, 0, 2], [1.0, 4.0, 5.0, 2.0, 3.0], (4, 3), dtype=torch.float64)


def test_parts():
    a, b = csr(), csc()
    assert torch.equal(a.to_dense(), DENSE) and torch.equal(b.to_dense(), DENSE)
    assert (a.layout, a.is_sparse, a.is_sparse_csr, a._nnz(), a.shape) == (torch.sparse_csr, False, True, 5, (4, 3))
    assert (b.layout, b.is_sparse, b.is_sparse_csr) == (torch.sparse_csc, False, False)
    for made, same in ((DENSE.to_sparse_csr(), a), (DENSE.to_sparse(layout=torch.sparse_csr), a), (b.to_sparse_csr(), a), (a.t().t(), a)):
        assert torch.equal(made.crow_indices(), same.crow_indices()) and torch.equal(made.col_indices(), same.col_indices())
        assert torch.equal(made.values(), same.values())
    assert torch.equal(a.to_sparse_csc().row_indices(), b.row_indices()) and torch.equal(a.t().ccol_indices(), a.crow_indices())
    assert a.to_sparse_csr() is a and a.to_sparse().layout is torch.sparse_coo and torch.equal(a.to_sparse().to_dense(), DENSE)


def test_text():
    assert repr(torch.tensor([[0.0, 2.0], [1.0, 0.0]]).to_sparse_csr()) == (
        "tensor(crow_indices=tensor([0, 1, 2]),\n       col_indices=tensor([1, 0]),\n       values=tensor([2., 1.]), size=(2, 2), nnz=2, "
        "layout=torch.sparse_csr)"
    )
    assert repr(csc()).startswith("tensor(ccol_indices=tensor([0, 2, 3, 5]),\n       row_indices=tensor([0, 3, 3, 0, 2]),")
    assert repr(torch.zeros(1, 2).to_sparse_csr()).splitlines()[1] == "       col_indices=tensor([], size=(0,)),"


@pytest.mark.parametrize("make", [csr, csc])
def test_ops(make):
    a, layout = make(), make().layout
    x, v = torch.arange(6.0, dtype=torch.float64).view(3, 2), torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    for got, wanted in (
        (a @ x, DENSE @ x), (a @ v, DENSE @ v), (torch.mv(a, v), DENSE @ v), (torch.mm(a, x), DENSE @ x),
        (torch.sparse.mm(a, x), DENSE @ x), (x.t() @ a.t(), x.t() @ DENSE.t()), (torch.addmm(DENSE[:, :2], a, x), DENSE[:, :2] + DENSE @ x),
        (a.sum(), DENSE.sum()), (a[3, 1], DENSE[3, 1]), (a[0].to_dense(), DENSE[0]),
    ):
        assert got.layout is torch.strided and torch.equal(got, wanted)
    for got, wanted in (
        (a * 2, DENSE * 2), (2 * a, DENSE * 2), (a + a, DENSE + DENSE), (-a, -DENSE), (a.abs(), DENSE), (a * DENSE, DENSE * DENSE),
        (a.clone(), DENSE), (a.detach(), DENSE), (a @ a.t(), DENSE @ DENSE.t()), (a.float(), DENSE.float()), (DENSE.sparse_mask(a), DENSE),
        (torch.zeros_like(a), 0 * DENSE), (copy.deepcopy(a), DENSE), (a.mul_(1), DENSE),
    ):
        assert got.layout is layout and torch.equal(got.to_dense(), wanted)
    assert a.t().layout is (torch.sparse_csc if layout is torch.sparse_csr else torch.sparse_csr)
    assert torch.equal(a.t().to_dense(), DENSE.t())


def test_gradients():
    def f(values, x):
        a = torch.sparse_csr_tensor([0, 2, 2, 3, 5], [0, 2, 2, 0, 1], values, (4, 3))
        return a @ x, (a * 2).to_dense(), a.t() @ torch.cat([x, x[:1]]), a.to_sparse_csc().values()

    values = torch.linspace(1, 2, 5, dtype=torch.float64).requires_grad_()
    assert gradcheck(f, (values, torch.linspace(-1, 1, 6, dtype=torch.float64).view(3, 2).requires_grad_()))
    a = csr().requires_grad_()
    (a @ torch.ones(3, dtype=torch.float64)).sum().backward()
    assert a.grad.layout is torch.sparse_csr and torch.equal(a.grad.values(), torch.ones(5, dtype=torch.float64))


def test_files_keep_it():
    a, file = csr(), io.BytesIO()
    torch.save(a, file)
    file.seek(0)
    b = torch.load(file)
    assert b.layout is torch.sparse_csr and torch.equal(b.to_dense(), DENSE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("[1, 2, 3], [0, 1], [1.0, 2.0]", "`crow_indices[..., 0] == 0` is not satisfied."),
        ("[0, 1, 3], [0, 1], [1.0, 2.0]", "`crow_indices[..., -1] == nnz` is not satisfied."),
        ("[0, 3, 2], [0, 1], [1.0, 2.0], (2, 2)", "`0 <= crow_indices[..., 1:] - crow_indices[..., :-1] <= ncols` is not satisfied."),
        ("[0, 1, 2], [0, 5], [1.0, 2.0], (2, 2)", "`0 <= col_indices < ncols` is not satisfied."),
        ("[0, 2], [1, 0], [1.0, 2.0]", "are sorted and distinct along the last dimension values` is not satisfied."),
        ("[0, 1, 2], [0, 1], [1.0, 2.0], (3, 2)", "crow_indices.shape[-1] must be equal to the number of rows + 1 (=4), but got 3"),
        ("[0, 1, 2], [0, 1], [1.0]", "col_indices.shape[-1] must be equal to nnz (=1) as defined by values.shape[0], but got 2"),
        ("torch.tensor([0, 1]).int(), torch.tensor([0]), [1.0]", "must have the same dtype, bot got Int and Long, respectively"),
    ],
)
def test_parts_that_do_not_fit(arguments, words):
    with pytest.raises(RuntimeError) as error:
        eval(f"torch.sparse_csr_tensor({arguments})", {"torch": torch})
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("a.stride()", RuntimeError, "Sparse CSR tensors do not have strides"),
        ("a.coalesce()", RuntimeError, "coalesce expected sparse coordinate tensor layout but got SparseCsr"),
        ("a.ccol_indices()", RuntimeError, "ccol_indices expected sparse column compressed tensor layout but got SparseCsr"),
        ("d.crow_indices()", RuntimeError, "crow_indices expected sparse row compressed tensor layout but got Strided"),
        ("a.numpy()", TypeError, "can't convert SparseCsr layout tensor to numpy"),
        ("a.exp()", NotImplementedError, "aten::exp"),
        ("torch.exp(a)", NotImplementedError, "aten::exp"),
        ("a.reshape(-1)", NotImplementedError, "aten::reshape"),
        ("d[0].to_sparse_csr()", RuntimeError, "only matrices"),
    ],
)
def test_refusals(text, kind, words):
    with pytest.raises(kind) as error:
        eval(text, {"a": csr(), "d": DENSE, "torch": torch})
    assert words in str(error.value)


def test_beta_is_said_once():
    torch.set_warn_always(True)
    try:
        with pytest.warns(UserWarning, match="Sparse CSR tensor support is in beta state"):
            csr()
    finally:
        torch.set_warn_always(False)
