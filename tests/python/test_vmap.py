"""vmap: dimensions, trees, gradients, random numbers, and what batched tensors show of themselves."""

import functools

import pytest

import steepest as torch
import steepest.nn.functional as F
from steepest import nn
from steepest.func import grad, hessian, jacfwd, vmap

X = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
W = torch.tensor([[1.0, 2.0, -1.0], [0.5, -0.25, 3.0]], dtype=torch.float64)
same = functools.partial(torch.testing.assert_close, rtol=1e-12, atol=1e-12)


def test_vmap_over_dimensions_and_trees():
    a, b = torch.randn(4, 2, 3), torch.randn(3, 5)
    expected = torch.einsum("nij,jk->nik", a, b)
    same(vmap(torch.matmul, in_dims=(0, None))(a, b), expected)
    same(vmap(torch.matmul, in_dims=(1, None), out_dims=-1)(a.movedim(0, 1), b), expected.movedim(0, -1))
    f = vmap(lambda d, k=1: {"x": d["x"] * d["y"] * k, "y": (d["y"],)}, in_dims=({"x": 0, "y": None},), out_dims={"x": 1, "y": (None,)})
    result = f({"x": b, "y": b[0]}, k=2)
    same(result, {"x": (2 * b * b[0]).t(), "y": (b[0],)})
    same(vmap(vmap(torch.dot))(a, a), (a * a).sum(-1))
    same(vmap(vmap(torch.mul, in_dims=(None, 0)), in_dims=(0, None))(b[0], b[1]), torch.outer(b[0], b[1]))
    same(vmap(lambda x: x * 2, chunk_size=2)(b), 2 * b)


def test_vmap_of_several_results():
    values, places = vmap(lambda x: x.max(0))(W)
    assert values.tolist() == [2.0, 3.0]
    assert places.tolist() == [1, 2]


def test_vmap_writes_to_its_arguments():
    x = torch.zeros(2, 3)
    vmap(lambda row, v: row.add_(v))(x, torch.tensor([1.0, 2.0]))
    assert x.tolist() == [[1.0] * 3, [2.0] * 3]


def test_vmap_over_nothing():
    assert vmap(lambda x: (x @ x, x > 0))(torch.zeros(0, 3))[0].shape == (0,)
    assert vmap(lambda x: x.view(1, -1), in_dims=1, out_dims=2)(torch.zeros(3, 0)).shape == (1, 3, 0)


def test_gradients_go_through_vmap():
    x = torch.randn(4, 3, requires_grad=True)
    w = torch.randn(3, requires_grad=True)
    vmap(lambda r: (r * w).sum().tanh())(x).sum().backward()
    slope = 1 - (x.detach() @ w.detach()).tanh() ** 2
    torch.testing.assert_close(x.grad, slope[:, None] * w.detach())
    torch.testing.assert_close(w.grad, slope @ x.detach())
    y = x**2
    same(vmap(lambda v: torch.autograd.grad(y, x, v)[0])(torch.ones(2, 4, 3)), (2 * x.detach()).expand(2, 4, 3))


def test_gradients_of_batches():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (rows,) = torch.autograd.grad(x**2, x, torch.eye(2), is_grads_batched=True)
    assert rows.tolist() == [[2.0, 0.0], [0.0, 4.0]]
    z = torch.ones(1, requires_grad=True)
    assert torch.autograd.grad([x**2], [x, z], [torch.eye(2)], is_grads_batched=True, allow_unused=True)[1] is None
    with pytest.raises(RuntimeError, match="first dimension of each grad_output as the batch dimension"):
        torch.autograd.grad(x**2, x, torch.ones(2), is_grads_batched=True)


def test_random_numbers():
    draw = lambda x: x + torch.rand(2)  # noqa: E731
    zeros = torch.zeros(3)
    before = torch.get_rng_state()
    with pytest.raises(RuntimeError, match="called random operation while in randomness error mode"):
        vmap(draw)(zeros)
    assert torch.equal(torch.get_rng_state(), before)
    with pytest.raises(RuntimeError, match="called random operation"):
        jacfwd(draw)(zeros[:2])
    torch.manual_seed(1)
    expected = torch.rand(3, 2)
    torch.manual_seed(1)
    same(vmap(draw, randomness="different")(zeros), expected)
    torch.manual_seed(1)
    same(vmap(draw, randomness="same")(zeros), expected[:1].expand(3, 2))
    same(torch.rand(2), expected[1])


def test_random_numbers_of_jacobians():
    torch.manual_seed(0)
    expected = torch.rand(3)
    for randomness in ("same", "different"):
        torch.manual_seed(0)
        same(jacfwd(lambda x: x * torch.rand(3), randomness=randomness)(torch.ones(3)), torch.diag(expected))
    with pytest.raises(RuntimeError, match="called random operation"):
        hessian(lambda x: (x**3 * torch.rand(3)).sum())(torch.ones(3))


RANDOM = {
    "rand": lambda x: x + torch.rand(4),
    "randint": lambda x: x + torch.randint(9, (4,)),
    "randperm": lambda x: x[torch.randperm(4)],
    "like": lambda x: x + torch.randn_like(x),
    "dropout": lambda x: F.dropout(x + 1),
    "in place": lambda x: x.clone().uniform_(),
    "channels": lambda x: F.dropout2d(x.view(1, 4, 1, 1).expand(1, 4, 2, 1) + 2).flatten(),
}


@pytest.mark.parametrize("name", RANDOM)
def test_randomness(name):
    f, x = RANDOM[name], torch.arange(4.0).expand(40, 4)
    rows = {kind: vmap(f, randomness=kind)(x) for kind in ("same", "different")}
    assert (rows["same"] == rows["same"][0]).all()
    assert not (rows["different"] == rows["different"][0]).all()
    with pytest.raises(RuntimeError, match="called random operation"):
        vmap(f)(x)


def test_dropout_at_rest_is_not_random():
    x = torch.randn(3, 4)
    assert torch.equal(vmap(nn.Dropout(0.5).eval())(x), x)


def test_attention_draws_where_it_drops():
    q, x = torch.rand(1, 2, 3), torch.rand(2)
    same(vmap(lambda v: v * F.scaled_dot_product_attention(q, q, q).sum())(x), x * F.scaled_dot_product_attention(q, q, q).sum())
    batch = torch.rand(4, 1, 2, 3)
    attention = F.scaled_dot_product_attention
    for drop in (lambda q: attention(q, q, q, dropout_p=0.5), lambda q: attention(q, q, q, None, 0.5)):
        with pytest.raises(RuntimeError, match="called random operation while in randomness error mode"):
            vmap(drop)(batch)
        assert vmap(drop, randomness="different")(batch).shape == batch.shape


# what batched tensors are, and what falls to them


def test_batched_tensors_show_themselves():
    shown = []
    vmap(vmap(lambda x: (shown.append((repr(x), x.shape, x.dtype, x.requires_grad)), x)[1]))(torch.zeros(2, 3, 4).requires_grad_())
    text, *rest = shown[0]
    assert text.startswith("BatchedTensor(lvl=2, bdim=0, value=\n    BatchedTensor(lvl=1, bdim=0, value=\n        tensor([[[0., 0.")
    assert rest == [(4,), torch.float32, True]


def test_diagonals_are_written():
    x = torch.zeros(2, 3, 3)
    same(vmap(lambda m: m.fill_diagonal_(2.0))(x), 2 * torch.eye(3).expand(2, 3, 3))
    assert x[1, 2, 2] == 2


def test_what_has_no_memory_is_not_lent():
    for lend in (lambda x: x.__dlpack__(), lambda x: x.numpy(), lambda x: x.data_ptr()):
        with pytest.raises(RuntimeError, match="Cannot access data pointer"):
            vmap(lend)(X)


def test_chunks():
    calls = []
    x = torch.arange(10.0).view(5, 2)
    found = vmap(lambda r: (calls.append(1), r * 2)[1], chunk_size=2, out_dims=1)(x)
    assert torch.equal(found, 2 * x.t())
    assert len(calls) == 3


@pytest.mark.parametrize(
    "op",
    [
        torch.tril, torch.trace, torch.inverse, torch.matrix_exp, torch.linalg.svd, torch.linalg.pinv, torch.linalg.eigh, torch.fliplr,
        torch.adjoint, lambda x: torch.cdist(x, x), lambda x: F.pad(x, (1, 1, 1, 1)), lambda x: torch.constant_pad_nd(x, (1, 1, 1, 1)),
        lambda x: F.pixel_shuffle(x.expand(4, 4), 2), lambda x: torch.linalg.solve(torch.eye(3), x), lambda x: x[0].unbind(),
        lambda x: x[0].diff(), lambda x: x.expand(2, 2, 4).diag(), lambda x: F.scaled_dot_product_attention(x, x, x),
    ],
)  # fmt: skip
def test_a_batch_is_no_dimension_of_its_elements(op):
    x = torch.rand(4, 4)  # square: ops that took the batch along would find what they need
    with pytest.raises((RuntimeError, ValueError, IndexError)) as alone:
        op(x[0])
    with pytest.raises(alone.type) as batched:
        vmap(op)(x)
    assert str(batched.value) == str(alone.value)


def test_rolling_along_the_first_dimension():
    x = torch.arange(12.0).view(2, 3, 2)
    same(vmap(lambda m: m.roll(1, 0))(x), x.roll(1, 1))


def test_a_map_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError):
        vmap(lambda x: 1 / 0)(X)
    assert torch.rand(2).shape == (2,)
    kept = []
    vmap(lambda x: (kept.append(x), x)[1])(X)
    same(kept[0]._held * 2, (kept[0] * 2)._held)


def test_closures_tell_what_differs_between_elements():
    w = W.clone()

    def shared(v):
        def itself(n):
            return itself(n - 1) if n else (w @ v).sum()

        return grad(lambda w: (w @ v).tanh().sum() + itself(1) * 0)(w)

    batch = torch.stack([X, 2 * X])
    same(vmap(shared)(batch), torch.stack([grad(lambda w, v=v: (w @ v).tanh().sum())(w) for v in batch]))


def test_gradients_of_tensors_from_outside():
    w = W.clone().requires_grad_()
    found = vmap(lambda v: torch.autograd.grad((w @ v).prod(), w)[0])(torch.stack([X, 2 * X]))
    same(found, torch.stack([torch.autograd.grad((w @ v).prod(), w)[0] for v in (X, 2 * X)]))
