"""What keeps what alive: cycles go with the collector, graphs without it, objects keep their identity and attributes."""

import gc
import weakref

import pytest

import steepest as torch


class Thing:
    """Something whose end can be seen."""


@pytest.fixture(autouse=True)
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def attribute_cycle(thing):
    x = torch.ones(2)
    x.thing, x.itself = thing, x


def leaf_hook_cycle(thing):
    x = torch.ones(2, requires_grad=True)
    x.register_hook(lambda g, held=(thing, x): None)


def post_accumulate_hook_cycle(thing):
    x = torch.ones(2, requires_grad=True)
    x.register_post_accumulate_grad_hook(lambda p, held=(thing, x): None)


def tensor_hook_cycle(thing):
    y = torch.ones(2, requires_grad=True) * 2
    y.register_hook(lambda g, held=(thing, y): None)


def hook_of_an_earlier_value_cycle(thing):
    y = torch.ones(2, requires_grad=True) * 2
    y.register_hook(lambda g, held=(thing, y): None)
    y.mul_(3)


def context_cycle(thing):
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x * 2
            ctx.held = thing, y
            return y

        @staticmethod
        def backward(ctx, g):
            return g * 2

    Double.apply(torch.ones(2, requires_grad=True))


@pytest.mark.parametrize(
    "make",
    [
        attribute_cycle,
        leaf_hook_cycle,
        post_accumulate_hook_cycle,
        tensor_hook_cycle,
        hook_of_an_earlier_value_cycle,
        context_cycle,
    ],
)
def test_the_collector_finds_cycles(make):
    thing = Thing()
    gone = weakref.ref(thing)
    make(thing)
    del thing
    assert gone() is not None
    gc.collect()
    assert gone() is None


def test_graphs_go_without_the_collector():
    x = torch.ones(2, requires_grad=True)
    leaf = weakref.ref(x)
    y = ((x * 2).exp() + x).sum()
    y.backward()
    del x, y
    assert leaf() is None


def test_a_leaf_kept_by_its_graph_stays_itself():
    thing = Thing()
    x = torch.ones(2, requires_grad=True)
    x.note, address, leaf = thing, id(x), weakref.ref(x)
    y = x * 2
    del x
    z = y.grad_fn.next_functions[0][0].variable
    assert id(z) == address and z.note is thing and leaf() is z
    del y, z
    assert leaf() is None


def test_a_parameter_kept_by_its_graph_stays_itself():
    p = torch.nn.Parameter(torch.ones(2))
    p.tag = "weight"
    y = p * 2
    leaf = weakref.ref(p)
    del p
    gc.collect()
    y.sum().backward()
    again = leaf()
    assert type(again) is torch.nn.Parameter and again.tag == "weight"
    assert again.grad.tolist() == [2.0, 2.0]


def test_weak_references_outlive_nothing():
    x = torch.ones(2)
    refs = weakref.WeakValueDictionary(x=x)
    assert refs["x"] is x
    seen = []
    watched = weakref.ref(x, lambda r: seen.append(r() is None))
    del x
    assert len(refs) == 0 and watched() is None and seen == [True]


def test_attributes_and_identity():
    x = torch.ones(2, requires_grad=True)
    x.sum().backward()
    assert x.grad is x.grad
    x.grad.note = 5
    assert x.grad.note == 5 and vars(x.grad) == {"note": 5}
    assert vars(torch.ones(1)) == {}
    x.foo = 3
    del x.foo
    with pytest.raises(AttributeError):
        x.foo
    for name in ("shape", "dtype", "is_leaf", "grad_fn"):
        with pytest.raises(AttributeError):
            setattr(x, name, 3)


def test_a_new_object_does_not_inherit_attributes():
    for _ in range(1000):
        t = torch.ones(1)
        assert not t.__dict__ and not t.requires_grad and t.grad is None
        t.note = 1
        t.requires_grad_()


def test_objects_die_in_the_middle_of_backward():
    x = torch.ones(2, requires_grad=True)
    y = [x * 2]
    y[0].register_hook(lambda g: y.clear())
    z = y[0].exp().sum()
    z.backward()
    assert y == [] and x.grad is not None
