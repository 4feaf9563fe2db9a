"""Tensors and modules of the device meta: what they know, what they refuse, how values come to them."""

import copy

import pytest

import steepest as torch
from steepest import nn
from steepest.func import functional_call, stack_module_state, vmap


def test_what_is_known():
    x = torch.ones(3, 2).to("meta")
    assert (x.shape, x.dtype, x.device, x.is_meta, x.is_cpu) == ((3, 2), torch.float32, torch.device("meta"), True, False)
    assert repr(x) == "tensor(..., device='meta', size=(3, 2))"
    assert repr(x.long()) == "tensor(..., device='meta', size=(3, 2), dtype=torch.int64)"
    y = x @ x.t() + 1
    assert y.is_meta
    assert y.shape == (3, 3)
    assert torch.ones(2).to(torch.device("meta"), torch.float64).dtype is torch.float64
    assert f"{x[0, 0]}" == "tensor(..., device='meta', size=())"
    assert copy.deepcopy(x).is_meta


def test_nothing_is_written():
    x = torch.zeros(2).to("meta")
    assert x.add_(1) is x
    x[0] = 3
    assert x.copy_(torch.ones(2)) is x
    assert torch.zeros(2).sum().item() == 0


def test_modules():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)).to("meta")
    assert all(x.is_meta for x in (*model.parameters(), *model.buffers()))
    assert all(isinstance(p, nn.Parameter) and p.requires_grad for p in model.parameters())
    assert repr(model[0].bias) == "Parameter containing:\ntensor(..., device='meta', size=(3,), requires_grad=True)"
    source = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    loaded = copy.deepcopy(model)
    loaded.load_state_dict(source.state_dict(), assign=True)
    x = torch.randn(4, 2)
    torch.testing.assert_close(loaded.eval()(x), source.eval()(x))
    assert not any(p.is_meta for p in model.to_empty(device="cpu").parameters())


def test_ensembles_of_a_model_without_values():
    models = [nn.Linear(3, 2) for _ in range(4)]
    parameters, buffers = stack_module_state(models)
    base, x = copy.deepcopy(models[0]).to("meta"), torch.randn(5, 3)
    found = vmap(lambda p, b: functional_call(base, (p, b), (x,)))(parameters, buffers)
    torch.testing.assert_close(found, torch.stack([m(x) for m in models]))
    assert base.weight.is_meta


@pytest.mark.parametrize(
    ("kind", "text", "call"),
    [
        (RuntimeError, "Tensor on device meta is not on the expected device cpu!", lambda x: torch.ones(2) + x),
        (RuntimeError, "Tensor on device cpu is not on the expected device meta!", lambda x: x + torch.ones(2)),
        (RuntimeError, r"Tensor.item\(\) cannot be called on meta tensors", lambda x: bool(x[0])),
        (NotImplementedError, "Cannot copy out of meta tensor; no data!", lambda x: x.to("cpu")),
        (NotImplementedError, "Cannot copy out of meta tensor; no data!", lambda x: torch.zeros(2).copy_(x)),
        (NotImplementedError, "to_empty", lambda x: nn.Linear(2, 2).to("meta").to("cpu")),
        (TypeError, "can't convert meta device type tensor to numpy", lambda x: x.numpy()),
    ],
)
def test_errors(kind, text, call):
    with pytest.raises(kind, match=text):
        call(torch.ones(2).to("meta"))
