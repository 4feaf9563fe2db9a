"""Sparse tensors: gradients against finite differences, second derivatives, dense results, tables that learn, refusals."""

import gc

import pytest

import steepest as torch
from steepest.autograd import gradcheck, gradgradcheck

PLACES = torch.tensor([[0, 1, 1, 0, 3], [2, 0, 2, 2, 1]])
VALUES = torch.tensor([3.0, 4.0, 5.0, 1.0, -2.0], dtype=torch.float64)


def matrix(values=VALUES):
    return torch.sparse_coo_tensor(PLACES, values, (4, 3))


@pytest.mark.parametrize(
    "f",
    [
        lambda v, d: torch.sparse.mm(matrix(v), d),
        lambda v, d: matrix(v).t() @ torch.cat([d, d[:1]]),
        lambda v, d: torch.sparse.mm(matrix(v), matrix(v).t()).to_dense(),
        lambda v, d: matrix(v).to_dense() @ d,
        lambda v, d: torch.sparse.softmax(matrix(v), 1).to_dense() @ d,
        lambda v, d: torch.sparse.log_softmax(matrix(v), 0).values(),
        lambda v, d: torch.sparse.sum(matrix(v) * matrix(v), 0).to_dense() @ d,
        lambda v, d: (d @ d.t()).add(matrix(v).index_select(0, PLACES[0, :3])),
        lambda v, d: torch.cat([matrix(v), matrix(v)], 1).to_dense() @ torch.cat([d, d]),
        lambda v, d: matrix(v).mul(torch.cat([d, d[:1]]) @ d.t()).to_dense(),
        lambda v, d: (d @ d.t()).to_sparse() @ d,
        lambda v, d: (d @ d.t()).sparse_mask(matrix(v).index_select(0, torch.arange(3)).coalesce()).values(),
    ],
)
def test_derivatives(f):
    v = VALUES.clone().requires_grad_()
    d = torch.linspace(0.3, 2, 6, dtype=torch.float64).view(3, 2).requires_grad_()
    assert gradcheck(f, (v, d))
    assert gradgradcheck(f, (v, d))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.uint8])
def test_products_of_all_types(dtype):
    a = torch.sparse_coo_tensor(PLACES, VALUES.abs().to(dtype), (4, 3))
    x = torch.arange(6).view(3, 2).to(dtype)
    expected = a.to_dense().double() @ x.double()
    assert torch.equal((a @ x).double(), expected)
    assert (a @ x).dtype is dtype


def test_threads_give_the_same():
    torch.manual_seed(0)
    places, values, x = torch.randint(0, 500, (2, 4000)), torch.randn(4000), torch.randn(500, 64)
    results, before = [], torch.get_num_threads()
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            v, d = values.clone().requires_grad_(), x.clone().requires_grad_()
            y = torch.sparse_coo_tensor(places, v, (500, 500)) @ d
            y.square().sum().backward()
            results.append((y, v.grad, d.grad))
    finally:
        torch.set_num_threads(before)
    for one, two in zip(*results, strict=True):
        assert torch.equal(one, two)
    dense = torch.zeros(500, 500).index_put((places[0], places[1]), values, accumulate=True)
    torch.testing.assert_close(results[0][0], dense @ x, rtol=1e-4, atol=1e-4)  # sums in another order


def test_views_and_empty_factors():
    x = torch.arange(12.0, dtype=torch.float64).view(4, 3).t()
    assert torch.equal(matrix() @ x, matrix().to_dense() @ x)
    assert (matrix() @ x[:, :0]).shape == (4, 0)
    nothing = torch.sparse_coo_tensor((4, 3))
    assert torch.equal(nothing @ torch.ones(3, 2), torch.zeros(4, 2))
    assert nothing.coalesce()._nnz() == 0
    assert torch.equal(torch.sparse.softmax(nothing, 1).to_dense(), torch.zeros(4, 3))


def test_indices_are_checked():
    with pytest.raises(RuntimeError, match="size is inconsistent with indices: for dim 1, size is 2 but found index 2"):
        torch.sparse_coo_tensor(PLACES, VALUES, (4, 2))
    with pytest.raises(RuntimeError, match="found negative index -2 for dim 1"):
        torch.sparse_coo_tensor(-PLACES[1:].repeat(2, 1) * torch.tensor([[0], [1]]), VALUES, (4, 3))
    unchecked = torch.sparse_coo_tensor(PLACES, VALUES, (2, 3), check_invariants=False)
    with pytest.raises(IndexError, match="index 3 is out of bounds for a size of 2"):
        unchecked @ torch.ones(3, 1, dtype=torch.float64)


def test_every_method_answers_or_refuses():
    a, known = matrix().coalesce(), {"is_leaf", "grad_fn"}
    for name in dir(torch.Tensor):
        plain = getattr(torch.Tensor, name)
        if name.startswith("__") or name in known or not callable(plain):
            continue
        own = getattr(type(a), name)
        safe = name in torch.sparse._face._SAFE
        assert (own is plain) == safe, f"{name} would see a tensor of zeros"


def test_functions_refuse_what_is_not_known():
    a = matrix()
    for call in (lambda: torch.exp(a), lambda: a > 0, lambda: a[:1], lambda: torch.nn.functional.layer_norm(a, (3,)), lambda: a.cumsum(0)):
        with pytest.raises(NotImplementedError):
            call()
    for call in (lambda: torch.sparse_bsr_tensor([0, 1], [0], [1.0]), a.to_sparse_bsr, torch.eye(2).to_sparse_bsc):
        with pytest.raises(NotImplementedError, match="torch.sparse_coo, torch.sparse_csr and torch.sparse_csc are here"):
            call()


def test_core_code_refuses_what_has_no_elements():
    a, x = matrix(), torch.ones(4, 3, dtype=torch.float64, requires_grad=True)

    class Sparse(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            return matrix()

    calls = [
        lambda: torch._C._tensor(a, None, False),
        lambda: torch.Tensor(a),
        lambda: torch.autograd.backward(x * 1, a),
        lambda: (x * 1).backward(a),
        lambda: torch.autograd.grad(x * 1, x, a),
        lambda: setattr(torch.ones(4, 3), "data", a),
        lambda: Sparse.apply(x * 1).sum().backward(),
        lambda: torch.optim.SGD([a.detach().requires_grad_()], lr=0.1),
        lambda: a.new_zeros(2),
    ]
    for call in calls:
        with pytest.raises(NotImplementedError):
            call()
    Sparse.apply(x).sum().backward()
    assert x.grad.is_sparse
    assert torch.equal(a.H.to_dense(), a.to_dense().t())


def test_user_functions_save_sparse_tensors():
    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx, values, x):
            a = torch.sparse_coo_tensor(PLACES, values, (4, 3))
            ctx.save_for_backward(a, x)
            return a @ x

        @staticmethod
        def backward(ctx, g):
            a, x = ctx.saved_tensors
            return (g @ x.t())[a._indices()[0], a._indices()[1]], a.t() @ g

    v, x = VALUES.clone().requires_grad_(), torch.ones(3, 2, dtype=torch.float64, requires_grad=True)
    assert gradcheck(Product.apply, (v, x))


def test_comparison():
    a = matrix()
    torch.testing.assert_close(a, a.coalesce())
    torch.testing.assert_close(a, a.to_dense(), check_layout=False)
    with pytest.raises(AssertionError, match="Mismatched elements: 4 / 12"):
        torch.testing.assert_close(a, a * 2)
    with pytest.raises(AssertionError, match="The values for attribute 'layout' do not match: torch.sparse_coo != torch.strided"):
        torch.testing.assert_close(a, a.to_dense())


def test_attributes_live_as_long_as_the_gradient():
    table = torch.nn.Embedding(5, 2, sparse=True)
    table(torch.tensor([1, 3])).sum().backward()
    grad = table.weight.grad
    for rows in ([1, 3], [4]):
        table(torch.tensor(rows)).sum().backward()
    assert grad is table.weight.grad
    assert grad.coalesce().values().tolist() == [[2.0, 2.0], [2.0, 2.0], [1.0, 1.0]]
    table.weight.grad = None
    gc.collect()
    assert grad._indices().tolist() == [[1, 3, 4]]


def test_what_a_hook_keeps_is_not_added_to():
    table, seen = torch.nn.Embedding(5, 2, sparse=True), []
    table.weight.register_hook(seen.append)
    for rows in ([1, 3], [4]):
        table(torch.tensor(rows)).sum().backward()
    assert [g._indices().tolist() for g in seen] == [[[1, 3]], [[4]]]
    assert table.weight.grad._nnz() == 3


def test_sparse_and_dense_uses_of_one_weight():
    sparse, dense = (torch.nn.Embedding(5, 2, sparse=s, _weight=torch.arange(10.0).view(5, 2)) for s in (True, False))
    x = torch.tensor([[1, 3], [3, 0]])
    for order in (lambda e, w: e + w, lambda e, w: w + e):
        for table in (sparse, dense):
            table.zero_grad()
            order(table(x).pow(2).sum(), table.weight.sin().sum()).backward()
            table(x).sum().backward()
        assert not sparse.weight.grad.is_sparse
        torch.testing.assert_close(sparse.weight.grad, dense.weight.grad)


def test_a_weight_that_is_no_leaf_gets_a_dense_gradient():
    base = torch.arange(10.0).view(5, 2).requires_grad_()
    torch.nn.functional.embedding(torch.tensor([1, 1]), base * 2, sparse=True).sum().backward()
    assert base.grad.tolist() == [[0.0, 0.0], [4.0, 4.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    with torch.no_grad():
        assert torch.nn.functional.embedding(torch.tensor([1]), base, sparse=True).tolist() == [[2.0, 3.0]]


def test_second_derivatives_of_a_table():
    table = torch.nn.Embedding(3, 1, sparse=True, _weight=torch.tensor([[1.0], [2.0], [3.0]]))
    (g,) = torch.autograd.grad(table(torch.tensor([0, 2])).pow(3).sum(), table.weight, create_graph=True)
    (second,) = torch.autograd.grad(g.to_dense().sum(), table.weight)
    assert second.to_dense().flatten().tolist() == [6.0, 0.0, 18.0]


def test_frequencies_are_refused():
    table = torch.nn.Embedding(3, 1, sparse=True, scale_grad_by_freq=True)
    with pytest.raises(RuntimeError, match="scale_grad_by_freq not supported with sparse gradients"):
        table(torch.tensor([1])).sum().backward()


def test_modules_are_converted_with_their_gradients():
    table = torch.nn.Embedding(3, 2, sparse=True)
    table(torch.tensor([1])).sum().backward()
    table.double()
    assert table.weight.grad.dtype is table.weight.grad._values().dtype is torch.float64
    table(torch.tensor([1])).sum().backward()
    assert table.weight.grad.to_dense().tolist() == [[0.0, 0.0], [2.0, 2.0], [0.0, 0.0]]


def test_scaled_gradients():
    table = torch.nn.Embedding(3, 2, sparse=True, _weight=torch.ones(3, 2))
    optimizer, scaler = torch.optim.SGD(table.parameters(), lr=1.0), torch.amp.GradScaler("cpu", init_scale=4.0)
    scaler.scale(table(torch.tensor([1])).sum()).backward()
    scaler.step(optimizer)
    assert table.weight.tolist() == [[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]


def test_clipping():
    table = torch.nn.Embedding(5, 2, sparse=True)
    (3 * table(torch.tensor([1, 3, 1])).sum()).backward()
    assert torch.nn.utils.clip_grad_norm_(table.parameters(), 1.0).item() == pytest.approx(90**0.5)
    assert table.weight.grad.norm().item() == pytest.approx(1, rel=1e-5)


def test_parameters_with_and_without_sparse_gradients_in_one_group():
    torch.manual_seed(0)
    table, layer = torch.nn.Embedding(5, 2, sparse=True), torch.nn.Linear(2, 1)
    reference, other = torch.nn.Embedding.from_pretrained(table.weight.detach().clone(), freeze=False), torch.nn.Linear(2, 1)
    other.load_state_dict(layer.state_dict())
    x = torch.tensor([1, 3, 1])
    for name in ("SGD", "Adagrad"):
        pairs = [[*table.parameters(), *layer.parameters()], [*reference.parameters(), *other.parameters()]]
        optimizers = [getattr(torch.optim, name)(parameters, lr=0.1) for parameters in pairs]
        for _ in range(3):
            for optimizer, modules in zip(optimizers, ((table, layer), (reference, other)), strict=True):
                optimizer.zero_grad()
                modules[1](modules[0](x)).pow(2).sum().backward()
                optimizer.step()
        torch.testing.assert_close(table.weight, reference.weight)
        torch.testing.assert_close(layer.weight, other.weight)


def test_a_graph_network_learns():
    """Two layers of Kipf and Welling's, arXiv:1609.02907, on two groups of nodes."""
    torch.manual_seed(0)
    ring = torch.arange(10)
    edges = torch.stack([ring, (ring + 1) % 5 + ring // 5 * 5])
    edges = torch.cat([edges, edges.flip(0), torch.stack([ring, ring])], 1)
    adjacency = torch.sparse.FloatTensor(edges, torch.full((30,), 1 / 3), torch.Size([10, 10]))
    features, labels = torch.randn(10, 4), ring // 5
    weights = [torch.randn(4, 8).requires_grad_(), torch.randn(8, 2).requires_grad_()]
    optimizer = torch.optim.Adam(weights, lr=0.1)
    for _ in range(60):
        optimizer.zero_grad()
        hidden = torch.spmm(adjacency, features @ weights[0]).relu()
        loss = torch.nn.functional.cross_entropy(torch.spmm(adjacency, hidden @ weights[1]), labels)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1


def test_rows_of_elements_and_where_rows_begin():
    rows, columns = torch.tensor([0, 0, 2, 2, 5]), torch.arange(5)
    begins = torch._convert_indices_from_coo_to_csr(rows, 7)
    assert begins.tolist() == [0, 2, 2, 4, 4, 4, 5, 5] and begins.dtype is torch.int64
    assert torch._convert_indices_from_coo_to_csr(rows.int(), 6, out_int32=True).dtype is torch.int32
    assert torch._convert_indices_from_coo_to_csr(rows[:0], 2).tolist() == [0, 0, 0]
    assert torch.equal(torch._convert_indices_from_csr_to_coo(begins, columns), torch.stack((rows, columns)))
    swapped = torch._convert_indices_from_csr_to_coo(begins, columns, out_int32=True, transpose=True)
    assert torch.equal(swapped, torch.stack((columns, rows)).int())
    batch = torch._convert_indices_from_csr_to_coo(torch.stack([begins, begins]), torch.stack([columns, columns]))
    assert batch[0].tolist() == [0] * 5 + [1] * 5 and torch.equal(batch[1:], torch.stack((rows, columns)).repeat(1, 2))
    with pytest.raises(RuntimeError, match="supposed to be a vector, but got 2 dimensional tensor"):
        torch._convert_indices_from_coo_to_csr(rows[None], 7)
    with pytest.raises(NotImplementedError, match="\"convert_indices_from_coo_to_csr_cpu\" not implemented for 'Float'"):
        torch._convert_indices_from_coo_to_csr(rows.float(), 7)


def test_the_word_that_entries_are_in_order():
    x = torch.eye(2).to_sparse()
    assert x._coalesced_(False) is x and not x.is_coalesced() and x._coalesced_(True).is_coalesced()
    with pytest.raises(NotImplementedError, match="_coalesced_"):
        torch.eye(2)._coalesced_(True)
