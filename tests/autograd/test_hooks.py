"""Hooks of tensors, leaves and nodes: order, what they may replace, removal."""

import pytest

import steepest as torch


@pytest.fixture
def x():
    return torch.ones(2, requires_grad=True)


def test_tensor_hooks_run_in_order_and_replace(x):
    log = []
    y = x * 2
    y.register_hook(lambda g: log.append(g.tolist()))
    tenfold = y.register_hook(lambda g: g * 10)
    y.register_hook(lambda g: log.append(g.tolist()))
    more = x.register_hook(lambda g: g + 1)
    y.sum().backward(retain_graph=True)
    assert log == [[1.0, 1.0], [10.0, 10.0]]
    assert x.grad.tolist() == [21.0, 21.0]
    tenfold.remove()
    tenfold.remove()
    more.remove()
    x.grad = None
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_handles_work_in_a_with_statement_and_name_pytorchs_class(x):
    with x.register_hook(lambda g: g * 3) as handle:
        x.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
    assert type(handle).__name__ == "RemovableHandle" and type(handle).__module__ == "torch.utils.hooks"
    x.sum().backward()
    assert x.grad.tolist() == [4.0, 4.0]


def test_leaf_hooks_run_as_soon_as_the_gradient_is_whole():
    log = []
    leaves = {name: torch.ones(2, requires_grad=True) for name in ("w1", "w2", "x")}
    for name, leaf in leaves.items():
        leaf.register_hook(lambda g, name=name: log.append(name))
        leaf.register_post_accumulate_grad_hook(lambda p, name=name: log.append(name + "!"))
    h1 = leaves["x"] * leaves["w1"]
    h1.register_hook(lambda g: log.append("h1"))
    h2 = h1 * leaves["w2"]
    h2.register_hook(lambda g: log.append("h2"))
    h2.sum().backward()
    assert log == ["h2", "w2", "w2!", "h1", "x", "x!", "w1", "w1!"]


def test_a_leaf_used_twice_waits_for_its_last_use():
    log = []
    p = {name: torch.ones(3, 3, requires_grad=True) for name in "abcd"}
    for name, leaf in p.items():
        leaf.register_post_accumulate_grad_hook(lambda _, name=name: log.append(name))
    y = torch.addmm(p["a"], torch.ones(3, 3), p["b"])
    y = torch.addmm(p["c"], y, p["d"]) + p["a"]
    y.sum().backward()
    assert log == ["c", "d", "a", "b"]
    assert p["a"].grad[0, 0].item() == 4.0


def test_post_accumulate_hook_may_step_and_free(x):
    seen = []

    def step(p):
        assert p is x
        seen.append(p.grad.tolist())
        with torch.no_grad():
            p -= 0.5 * p.grad
        p.grad = None

    handle = x.register_post_accumulate_grad_hook(step)
    (x * 2).sum().backward()
    assert seen == [[2.0, 2.0]] and x.grad is None and x.tolist() == [0.0, 0.0]
    handle.remove()
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
    with pytest.raises(RuntimeError, match="post accumulate grad hooks cannot be registered on non-leaf tensors"):
        (x * 2).register_post_accumulate_grad_hook(step)


@pytest.mark.parametrize(
    ("result", "kind", "text"),
    [
        (3, TypeError, "expected Variable, but hook returned 'int'"),
        (torch.ones(3), RuntimeError, "hook 'hook' has changed the size of value"),
        (torch.ones(2, dtype=torch.float64), RuntimeError, "hook 'hook' has changed the type of value (was torch.FloatTensor"),
    ],
)
def test_what_a_hook_returns_is_checked(x, result, kind, text):
    def hook(g):
        return result

    handle = x.register_hook(hook)
    with pytest.raises(kind) as caught:
        x.sum().backward()
    assert text in str(caught.value)
    assert x.grad is None
    handle.remove()
    x.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_hooks_need_a_gradient_and_a_callable(x):
    with pytest.raises(RuntimeError, match="cannot register a hook on a tensor that doesn't require gradient"):
        torch.ones(2).register_hook(print)
    with pytest.raises(TypeError, match="hook must be callable"):
        x.register_hook(3)


def test_node_hooks_see_and_replace(x):
    log = []
    y = x * 2
    after = y.grad_fn.register_hook(lambda inputs, outputs: log.append(("after", inputs[0].tolist(), inputs[1], outputs)))
    before = y.grad_fn.register_prehook(lambda outputs: log.append(("before", outputs[0].tolist())))
    y.register_hook(lambda g: log.append("tensor"))
    y.retain_grad()
    y.sum().backward()
    assert log[0] == "tensor" and log[1] == ("before", [1.0, 1.0])
    assert log[2][:3] == ("after", [2.0, 2.0], None) and log[2][3][0].tolist() == [1.0, 1.0]
    after.remove(), before.remove()

    x.grad = None
    y = x * 3
    y.grad_fn.register_prehook(lambda outputs: (outputs[0] * 10,))
    y.grad_fn.register_hook(lambda inputs, outputs: (inputs[0] + 1, None))
    y.sum().backward()
    assert x.grad.tolist() == [31.0, 31.0]


def test_node_hooks_must_return_as_many_gradients(x):
    y = x * 3
    y.grad_fn.register_prehook(lambda outputs: (outputs[0], 1))
    with pytest.raises(RuntimeError, match="returned an incorrect number of values \\(got 2, but expected 1\\)"):
        y.sum().backward()


def test_hooks_of_a_leafs_place_in_the_graph(x):
    log = []
    y = x * 2
    accumulate = y.grad_fn.next_functions[0][0]
    accumulate.register_prehook(lambda grads: (grads[0] * 10,))
    accumulate.register_hook(lambda inputs, outputs: log.append((inputs, outputs[0].tolist())))
    y.sum().backward()
    assert x.grad.tolist() == [20.0, 20.0]
    assert log == [((), [20.0, 20.0])]


def test_tensor_hooks_change_what_grad_returns_and_prehooks_do_not(x):
    h = x * 2
    h.register_hook(lambda g: g * 3)
    h.grad_fn.register_prehook(lambda grads: (grads[0] * 100,))
    assert torch.autograd.grad(h.sum(), h, retain_graph=True)[0].tolist() == [3.0, 3.0]
    assert torch.autograd.grad(h.sum(), x)[0].tolist() == [600.0, 600.0]


def test_hooks_may_remove_themselves_and_add_others(x):
    log = []

    def once(g):
        log.append("once")
        handle.remove()
        x.register_hook(lambda g: log.append("later"))

    handle = x.register_hook(once)
    x.sum().backward()
    x.sum().backward()
    assert log == ["once", "later"]


def test_a_hook_from_before_an_in_place_write_sees_the_old_value(x):
    log = []
    y = x * 2
    handle = y.register_hook(lambda g: log.append(g.tolist()))
    y.mul_(5)
    y.register_hook(lambda g: log.append(("new", g.tolist())))
    y.sum().backward(retain_graph=True)
    assert log == [("new", [1.0, 1.0]), [5.0, 5.0]]
    handle.remove()
    y.sum().backward()
    assert log[2:] == [("new", [1.0, 1.0])]


def test_handles_keep_neither_tensor_nor_graph_alive():
    import weakref

    x = torch.ones(2, requires_grad=True)
    y = x * 2
    handle = y.register_hook(print)
    gone = weakref.ref(y)
    del y
    assert gone() is None
    handle.remove()
