"""torch.autocast: which ops compute in which type, and gradients through the casts."""

import pytest

import steepest as torch

F = torch.nn.functional
HALVES = [torch.bfloat16, torch.float16]


@pytest.mark.parametrize("lower", HALVES)
def test_products_take_the_lower_type_and_losses_float32(lower):
    x, w, h = torch.ones(2, 3), torch.ones(4, 3), torch.ones(2, 3).to(lower)
    image = torch.ones(1, 1, 4, 4)
    with torch.autocast("cpu", dtype=lower):
        products = [F.linear(x, w), x @ w.t(), x.mm(w.t()), torch.einsum("ij,kj->ik", x, w), F.conv2d(image, torch.ones(1, 1, 2, 2))]
        products += [torch.nn.LSTM(3, 4)(x[None])[0], torch.nn.MultiheadAttention(4, 2)(*[torch.ones(2, 1, 4)] * 3)[0]]
        full = [F.mse_loss(h, h), F.cross_entropy(h, torch.tensor([0, 1])), h.prod(), torch.cat([h, x]), x + h]
        assert {y.dtype for y in products} == {lower}
        assert {y.dtype for y in full} == {torch.float32}
        assert torch.stack([h, h]).dtype == torch.softmax(h, -1).dtype == lower
        assert (x.double() @ w.t().double()).dtype == torch.float64
        assert torch.mm(x, w.t(), out=torch.empty(2, 4)).dtype == torch.float32


def test_parameters_get_gradients_of_their_own_type():
    w = torch.ones(4, 3, requires_grad=True)
    with torch.autocast("cpu"):
        y = F.linear(F.linear(torch.ones(2, 3), w).relu(), w.t())
    y.sum().backward()
    assert y.dtype == torch.bfloat16
    assert w.grad.dtype == torch.float32
    assert torch.equal(w.grad, torch.full((4, 3), 12.0))


def test_blocks_nest_and_end():
    x = torch.ones(2, 2)
    with torch.autocast("cpu", dtype=torch.float16):
        assert torch.is_autocast_enabled("cpu")
        assert torch.get_autocast_dtype("cpu") == torch.float16
        with torch.autocast("cpu", enabled=False):
            assert (x @ x).dtype == torch.float32
        with pytest.raises(ZeroDivisionError), torch.autocast("cpu", dtype=torch.bfloat16):
            assert (x @ x).dtype == torch.bfloat16
            raise ZeroDivisionError
        assert (x @ x).dtype == torch.float16
    assert not torch.is_autocast_enabled("cpu")
    assert (x @ x).dtype == torch.float32
    assert torch.autocast("cpu")(lambda: x @ x)().dtype == torch.bfloat16


def test_weights_changed_between_blocks_are_cast_again():
    w = torch.ones(2, 2, requires_grad=True)
    for value in (1.0, 3.0):
        with torch.no_grad():
            w.fill_(value)
        with torch.autocast("cpu"):
            assert F.linear(torch.ones(1, 2), w)[0, 0] == 2 * value


def test_functions_of_the_user():
    class Product(torch.autograd.Function):
        @staticmethod
        @torch.amp.custom_fwd(device_type="cpu", cast_inputs=torch.float32)
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x @ x

        @staticmethod
        @torch.amp.custom_bwd(device_type="cpu")
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g @ x.t() + x.t() @ g

    x = torch.ones(2, 2, requires_grad=True)
    with torch.autocast("cpu"):
        y = Product.apply(x.bfloat16())
    assert y.dtype == torch.float32
    y.sum().backward()
    assert x.grad.dtype == torch.float32
