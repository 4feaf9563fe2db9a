"""no_grad, enable_grad, set_grad_enabled, inference_mode: in with statements and as decorators; requires_grad."""

import pytest

import steepest as torch


@pytest.fixture
def x():
    return torch.ones(2, requires_grad=True)


def test_no_grad_and_enable_grad_nest(x):
    with torch.no_grad():
        assert not (x * 2).requires_grad and not torch.is_grad_enabled()
        with torch.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
        assert torch.ones(2, requires_grad=True).requires_grad
    assert torch.is_grad_enabled()


def test_one_object_may_be_entered_again():
    mode = torch.no_grad()
    for _ in range(2):
        with mode:
            assert not torch.is_grad_enabled()
        assert torch.is_grad_enabled()


def test_an_exception_restores_the_mode():
    with pytest.raises(KeyError), torch.no_grad():
        raise KeyError
    assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("decorate", "recorded"),
    [
        (torch.no_grad(), False),
        (torch.no_grad, False),
        (torch.enable_grad(), True),
        (torch.enable_grad, True),
        (torch.inference_mode(), False),
        (torch.inference_mode, False),
        (torch.inference_mode(False), True),
    ],
    ids=["no_grad()", "no_grad", "enable_grad()", "enable_grad", "inference_mode()", "inference_mode", "inference_mode(False)"],
)
def test_decorators(x, decorate, recorded):
    @decorate
    def double(t, *, by=2):
        """What it does."""
        return t * by

    assert double(x, by=3).requires_grad is recorded
    assert (double.__name__, double.__doc__) == ("double", "What it does.")
    assert torch.is_grad_enabled()


def test_set_grad_enabled_is_a_function_a_context_and_a_decorator(x):
    torch.set_grad_enabled(False)
    assert not (x * 2).requires_grad
    torch.set_grad_enabled(True)
    with torch.set_grad_enabled(False):
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()

    @torch.set_grad_enabled(False)
    def f():
        return torch.is_grad_enabled()

    assert torch.is_grad_enabled() and not f()


def test_generators_have_the_mode_in_their_steps_only():
    @torch.no_grad()
    def steps():
        sent = yield torch.is_grad_enabled()
        while True:
            try:
                sent = yield torch.is_grad_enabled(), sent
            except KeyError:
                sent = "caught"

    g = steps()
    assert next(g) is False and torch.is_grad_enabled()
    assert g.send(5) == (False, 5)
    assert g.throw(KeyError()) == (False, "caught")
    g.close()
    assert torch.is_grad_enabled()


def test_decorating_a_class_warns():
    with pytest.warns(FutureWarning, match="Decorating classes is deprecated"):

        @torch.no_grad()
        class Model:
            def __init__(self):
                self.enabled = torch.is_grad_enabled()

    assert not Model().enabled


def test_names():
    assert repr(type(torch.no_grad())) == "<class 'torch.autograd.grad_mode.no_grad'>"
    assert repr(torch.set_grad_enabled(True)) == "torch.autograd.grad_mode.set_grad_enabled(mode=True)"


def test_inference_mode(x):
    with torch.inference_mode():
        t = torch.ones(2)
        assert t.is_inference() and torch.is_inference_mode_enabled() and not torch.is_grad_enabled()
        t.mul_(3)
        with torch.enable_grad():
            assert not (x * 2).requires_grad
        with torch.inference_mode(False):
            assert (x * 2).requires_grad
    assert not torch.is_inference_mode_enabled() and torch.is_grad_enabled()
    with pytest.raises(RuntimeError, match="Setting requires_grad=True on inference tensor outside InferenceMode"):
        t.requires_grad_()
    with pytest.raises(RuntimeError, match="Inference tensors do not track version counter"):
        t._version
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
        x * t
    assert not t.clone().is_inference()
    (x * t.clone()).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_requires_grad_is_set_on_leaves_only(x):
    t = torch.ones(2)
    assert t.requires_grad_() is t and t.requires_grad
    assert not t.requires_grad_(False).requires_grad
    t.requires_grad = True
    for bad in (1, "a"):
        with pytest.raises(RuntimeError, match="requires_grad must be a bool"):
            t.requires_grad = bad
    with pytest.raises(TypeError, match="must be bool, not int"):
        t.requires_grad_(5)
    y = x * 2
    assert y.requires_grad_() is y
    for off in (lambda: y.requires_grad_(False), lambda: setattr(y, "requires_grad", False)):
        with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf variables"):
            off()
    assert y.requires_grad


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.uint8, torch.bool])
def test_only_floats_require_grad(dtype):
    t = torch.ones(2, dtype=dtype)
    with pytest.raises(RuntimeError, match="only Tensors of floating point dtype can require gradients"):
        t.requires_grad_()
    with pytest.raises(RuntimeError, match="Only Tensors of floating point and complex dtype can require gradients"):
        torch.ones(2, dtype=dtype, requires_grad=True)
    assert t.requires_grad_(False) is t


def test_modes_belong_to_a_thread():
    import threading

    seen = []
    with torch.no_grad():
        worker = threading.Thread(target=lambda: seen.append(torch.is_grad_enabled()))
        worker.start()
        worker.join()
    assert seen == [True]
