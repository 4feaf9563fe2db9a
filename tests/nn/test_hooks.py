"""Hooks of modules: order, what they may replace, and their removal."""

import copy
import pickle

import pytest

import steepest as torch
from steepest import nn
from steepest.nn.modules import module as registry


@pytest.fixture
def layer():
    m = nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        m.weight.copy_(torch.tensor([[2.0, 3.0]]))
    return m


def test_forward_hooks_see_and_replace(layer):
    seen = []
    layer.register_forward_pre_hook(lambda m, args: (args[0] * 2,))
    layer.register_forward_hook(lambda m, args, out: seen.append((args[0].tolist(), out.item())))
    layer.register_forward_hook(lambda m, args, out: out + 1)
    assert layer(torch.ones(2)).item() == 11.0
    assert seen == [([2.0, 2.0], 10.0)]


def test_handles_remove_and_prepend_orders():
    m, order = nn.Identity(), []
    with m.register_forward_hook(lambda *a: order.append("first")):
        m.register_forward_hook(lambda *a: order.append("before"), prepend=True)
        m(1)
    m(1)
    assert order == ["before", "first", "before"]


def test_handles_are_of_one_class():
    from steepest.utils.hooks import RemovableHandle

    handles = [nn.Identity().register_forward_hook(print), torch.ones(1, requires_grad=True).register_hook(print)]
    assert all(isinstance(handle, RemovableHandle) for handle in handles) and type(handles[0]) is RemovableHandle


def test_hooks_with_kwargs():
    class Scale(nn.Module):
        def forward(self, x, by=1):
            return x * by

    m, seen = Scale(), []
    m.register_forward_pre_hook(lambda m, args, kwargs: (args, {"by": kwargs["by"] + 1}), with_kwargs=True)
    m.register_forward_hook(lambda m, args, kwargs, out: seen.append((kwargs, out)), with_kwargs=True)
    assert m(2, by=3) == 8 and seen == [({"by": 4}, 8)]
    m.register_forward_pre_hook(lambda m, args, kwargs: 3, with_kwargs=True)
    with pytest.raises(RuntimeError, match="forward pre-hook must return None or a tuple"):
        m(2, by=3)


def test_always_called_hooks_run_after_an_exception():
    class Fails(nn.Module):
        def forward(self, x):
            raise ValueError("no")

    m, seen = Fails(), []
    m.register_forward_hook(lambda m, args, out: seen.append(out), always_call=True)
    m.register_forward_hook(lambda m, args, out: seen.append("not me"))
    with pytest.raises(ValueError, match="no"):
        m(1)
    assert seen == [None]


def test_global_hooks():
    seen = []
    handles = [
        registry.register_module_forward_pre_hook(lambda m, args: seen.append("pre")),
        registry.register_module_forward_hook(lambda m, args, out: seen.append(type(m).__name__)),
        registry.register_module_module_registration_hook(lambda m, name, child: seen.append(name)),
    ]
    nn.Sequential(nn.Identity())(1)
    for handle in handles:
        handle.remove()
    nn.Sequential(nn.Identity())(1)
    assert seen == ["0", "pre", "pre", "Identity", "Sequential"]


def test_full_backward_hooks_see_both_gradients(layer):
    seen = []
    layer.register_full_backward_hook(lambda m, gi, go: seen.append((gi[0].tolist(), go[0].tolist())))
    x = torch.ones(2, requires_grad=True)
    (layer(x) * 10).sum().backward()
    assert seen == [([20.0, 30.0], [10.0])]
    assert x.grad.tolist() == [20.0, 30.0] and layer.weight.grad.tolist() == [[10.0, 10.0]]


def test_full_backward_hooks_replace_gradients(layer):
    layer.register_full_backward_pre_hook(lambda m, go: (go[0] * 2,))
    layer.register_full_backward_hook(lambda m, gi, go: (gi[0] + 1,))
    x = torch.ones(2, requires_grad=True)
    layer(x).sum().backward()
    assert x.grad.tolist() == [5.0, 7.0] and layer.weight.grad.tolist() == [[2.0, 2.0]]


def test_full_backward_hook_without_inputs_that_need_gradients(layer):
    seen = []
    layer.register_full_backward_hook(lambda m, gi, go: seen.append((gi, go[0].tolist())))
    with pytest.warns(UserWarning, match="no inputs require gradients"):
        layer(torch.ones(2)).sum().backward()
    assert seen == [((None,), [1.0])]


def test_wrong_number_of_gradients(layer):
    layer.register_full_backward_hook(lambda m, gi, go: (gi[0], gi[0]))
    with pytest.raises(RuntimeError, match="invalid number of grad_input, got 2, but expected 1"):
        layer(torch.ones(2, requires_grad=True)).sum().backward()


def test_both_kinds_of_backward_hooks_do_not_mix(layer):
    layer.register_full_backward_hook(lambda m, gi, go: None)
    with pytest.raises(RuntimeError, match="Cannot use both regular backward hooks and full backward hooks"):
        layer.register_backward_hook(lambda m, gi, go: None)


def _count(module, args, out):
    module.calls = getattr(module, "calls", 0) + 1


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_hooks_are_copied(duplicate):
    m = nn.Identity()
    m.register_forward_hook(_count)
    twin = duplicate(m)
    twin(1)
    assert twin.calls == 1 and not hasattr(m, "calls")


def test_hooks_written_into_the_registry_run():
    m, seen = nn.Identity(), []
    m._forward_hooks[0] = lambda m, args, out: seen.append(out)
    m(3)
    m._forward_hooks.clear()
    m(4)
    assert seen == [3]
