"""Module: walking, printing, modes, conversion and gradients."""

import inspect

import pytest

import steepest as torch
from steepest import nn


@pytest.fixture
def net():
    shared = nn.Linear(2, 2)
    return nn.Sequential(shared, nn.ReLU(), shared, nn.Sequential(nn.Linear(2, 1, bias=False)))


def test_walks_name_everything_once(net):
    assert [n for n, _ in net.named_parameters()] == ["0.weight", "0.bias", "3.0.weight"]
    assert [n for n, _ in net.named_modules()] == ["", "0", "1", "3", "3.0"]
    assert [n for n, _ in net.named_children()] == ["0", "1", "3"]
    assert len(list(net.parameters())) == 3 and len(list(net.children())) == 3
    assert [n for n, _ in net.named_parameters(prefix="p", recurse=False)] == []
    assert [n for n, _ in net.named_modules(remove_duplicate=False)] == ["", "0", "1", "2", "3", "3.0"]


def test_repr():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
            self.drop = nn.Dropout(0.1)

    assert repr(Model()) == (
        "Model(\n"
        "  (body): Sequential(\n"
        "    (0): Linear(in_features=2, out_features=3, bias=True)\n"
        "    (1): ReLU()\n"
        "  )\n"
        "  (drop): Dropout(p=0.1, inplace=False)\n"
        ")"
    )


def test_train_and_eval_reach_all(net):
    assert net.eval() is net and not any(m.training for m in net.modules())
    assert net.train() is net and all(m.training for m in net.modules())
    with pytest.raises(ValueError, match="training mode is expected to be boolean"):
        net.train(1)


def test_conversion_keeps_parameters_and_converts_gradients(net):
    weight = net[0].weight
    net(torch.ones(1, 2)).sum().backward()
    assert net.double() is net
    assert net[0].weight is weight and weight.dtype is torch.float64 and weight.grad.dtype is torch.float64
    assert weight.requires_grad
    assert net.to(torch.float32)[0].weight.dtype is torch.float32
    assert net.to("cpu", torch.float64)[0].weight.dtype is torch.float64
    assert net.to(torch.ones(1))[0].weight.dtype is torch.float32
    with pytest.raises(TypeError, match="only accepts floating point"):
        net.to(torch.int64)


def test_conversion_leaves_integer_buffers():
    m = nn.Module()
    m.register_buffer("steps", torch.tensor([3]))
    m.register_buffer("mean", torch.tensor([0.5]))
    m.double()
    assert m.steps.dtype is torch.int64 and m.mean.dtype is torch.float64


def test_zero_grad(net):
    net(torch.ones(1, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net[0].weight.grad.abs().sum().item() == 0.0
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_requires_grad_and_apply(net):
    assert net.requires_grad_(False) is net and not any(p.requires_grad for p in net.parameters())
    seen = []
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen[-1] == "Sequential" and seen.count("Linear") == 2


def test_get_by_path(net):
    assert net.get_submodule("3.0") is net[3][0] and net.get_submodule("") is net
    assert net.get_parameter("3.0.weight") is net[3][0].weight
    net.register_buffer("b", torch.ones(1))
    assert net.get_buffer("b") is net.b
    for path, text in (("3.7", "Sequential has no attribute `7`"), ("0.weight", "`weight` is not an nn.Module")):
        with pytest.raises(AttributeError, match=text):
            net.get_submodule(path)
    with pytest.raises(AttributeError, match="`1` is not an nn.Parameter"):
        net.get_parameter("1")
    with pytest.raises(AttributeError, match="`weight` is not a buffer"):
        net.get_buffer("0.weight")
    net.set_submodule("3.0", nn.ReLU())
    assert isinstance(net[3][0], nn.ReLU)
    with pytest.raises(AttributeError, match="has no attribute `5`"):
        net.set_submodule("3.5", nn.ReLU(), strict=True)


def test_missing_forward_and_wrong_arguments():
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match=r'Module \[Empty\] is missing the required "forward"'):
        Empty()(1)
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        Empty(1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'size'"):
        Empty(size=1)


def test_forward_of_an_instance_can_be_replaced():
    m = nn.Identity()
    m.forward = lambda x: x + 1
    assert m(1) == 2


def test_buffers():
    m = nn.Module()
    m.kept = nn.Buffer(torch.ones(1))
    m.left_out = nn.Buffer(torch.ones(1), persistent=False)
    assert [n for n, _ in m.named_buffers()] == ["kept", "left_out"] and len(list(m.buffers())) == 2
    assert list(m.state_dict()) == ["kept"]
    m.left_out = torch.zeros(1)
    assert list(m.state_dict()) == ["kept"] and "left_out" in m._buffers
    del m.kept
    assert list(m.state_dict()) == []


def test_signatures_of_calls():
    class Named(torch.nn.Linear):
        def __call__(self, x, scale=1):
            return super().__call__(x) * scale

    assert str(inspect.signature(torch.nn.Linear(2, 3))) == "(*args, **kwargs)"
    assert str(inspect.signature(Named(2, 3))) == "(x, scale=1)"
    assert next(iter(inspect.signature(torch.nn.Linear).parameters)) == "in_features"
    assert not hasattr(torch.nn.Linear, "__signature__")
