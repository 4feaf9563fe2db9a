"""gradcheck and gradgradcheck find wrong derivatives of every kind, and accept right ones."""

import pytest

import steepest as torch
from steepest.autograd.gradcheck import GradcheckError

both_modes = pytest.mark.parametrize("fast_mode", [False, True])


def point(*values, **options):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True, **options)


def function_with(backward):
    """The identity with a backward of the test's choosing."""

    class Identity(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            ctx.set_materialize_grads(False)
            return x.clone()

        @staticmethod
        def backward(ctx, grad):
            return backward(ctx.saved_tensors[0], grad)

    return Identity.apply


RIGHT = {
    "elementwise": (torch.sin, (point(0.5, 2.0),)),
    "0-d": (torch.exp, (torch.tensor(0.3, dtype=torch.float64, requires_grad=True),)),
    "several inputs and outputs": (lambda x, y: (x * y, x - y), (point(1.0, 2.0), point(3.0, -1.0))),
    "matrices": (
        lambda x, y: x.reshape(2, 2) @ y.reshape(2, 2),
        (point(1.0, 2.0, 3.0, 4.0), point(0.5, 1.0, -1.0, 2.0)),
    ),
    "transposed": (lambda x: x.t() ** 2, (torch.arange(6.0, dtype=torch.float64).reshape(2, 3).requires_grad_(),)),
    "unused input": (lambda x, y: x * 2, (point(1.0), point(2.0))),
    "input without grad": (lambda x, y: x * y, (point(1.0), torch.tensor([3.0], dtype=torch.float64))),
    "input that is no tensor": (lambda x, k: x * k, (point(1.0, 2.0), 3)),
    "output without grad": (lambda x: (x > 0, x * 2), (point(1.0, -1.0),)),
    "identity": (lambda x: x, (point(1.0, 2.0),)),
    "no elements": (torch.sin, (torch.zeros(0, dtype=torch.float64, requires_grad=True),)),
    "no output elements": (lambda x: x[:0], (point(1.0, 2.0),)),
    "lists": (lambda x: [x * 2, x * 3], [point(1.0)]),
}


@both_modes
@pytest.mark.parametrize("name", RIGHT)
def test_right_gradients_pass(name, fast_mode):
    func, inputs = RIGHT[name]
    before = [x.tolist() for x in inputs if isinstance(x, torch.Tensor)]
    assert torch.autograd.gradcheck(func, inputs, fast_mode=fast_mode) is True
    assert torch.autograd.gradgradcheck(func, inputs, fast_mode=fast_mode) is True
    assert [x.tolist() for x in inputs if isinstance(x, torch.Tensor)] == before


def test_a_single_tensor_needs_no_tuple():
    assert torch.autograd.gradcheck(torch.sin, point(0.5))
    assert torch.autograd.gradgradcheck(torch.sin, point(0.5), point(1.0))


WRONG = {
    "a factor too many": (lambda x, g: None if g is None else 2 * g, "Jacobian mismatch for output 0"),
    "no gradient": (lambda x, g: None, "Jacobian mismatch for output 0"),
    "nan": (lambda x, g: None if g is None else g * float("nan"), "Jacobian mismatch for output 0"),
    "nothing where zero was due": (
        lambda x, g: torch.ones_like(x) if g is None else g,
        "Expected all input grads to be undefined or zero",
    ),
}


@both_modes
@pytest.mark.parametrize("name", WRONG)
def test_wrong_gradients_fail(name, fast_mode):
    backward, message = WRONG[name]
    func, x = function_with(backward), point(0.5, 2.0)
    with pytest.raises(GradcheckError, match=message):
        torch.autograd.gradcheck(func, x, fast_mode=fast_mode)
    assert torch.autograd.gradcheck(func, x, fast_mode=fast_mode, raise_exception=False) is False


def test_the_error_shows_both_jacobians():
    func = function_with(lambda x, g: None if g is None else 3 * g)
    with pytest.raises(GradcheckError) as error:
        torch.autograd.gradcheck(lambda x, y: (x * y, func(y)), (point(1.0, 2.0), point(0.25, 4.0)))
    assert str(error.value) == (
        "Jacobian mismatch for output 1 with respect to input 1,\n"
        "numerical:tensor([[1.0000, 0.0000],\n        [0.0000, 1.0000]], dtype=torch.float64)\n"
        "analytical:tensor([[3., 0.],\n        [0., 3.]], dtype=torch.float64)\n"
    )


def test_fast_mode_also_shows_the_whole_jacobians():
    func = function_with(lambda x, g: None if g is None else 3 * g)
    with pytest.raises(GradcheckError) as error:
        torch.autograd.gradcheck(func, point(1.0), fast_mode=True)
    text = str(error.value)
    assert text.startswith("Jacobian mismatch for output 0 with respect to input 0,\nnumerical:")
    assert "\nanalytical:3.0\n" in text
    assert "Analytical:\ntensor([[3.]], dtype=torch.float64)\n" in text
    assert "The max per-element difference (slow mode) is: 2.0" in text


def test_an_error_in_backward_without_gradient_is_reported():
    def backward(x, g):
        if g is None:
            raise RuntimeError("gradient missing")
        return g

    func = function_with(backward)
    with pytest.raises(GradcheckError, match="Expected backward function to handle undefined output grads"):
        torch.autograd.gradcheck(func, point(1.0))
    assert torch.autograd.gradcheck(func, point(1.0), check_undefined_grad=False)


@both_modes
def test_backward_that_changes_from_run_to_run(fast_mode):
    runs = []

    def backward(x, g):
        runs.append(g)
        return None if g is None else g * (1 + 1e-7 * len(runs))

    func = function_with(backward)
    with pytest.raises(GradcheckError, match="Backward is not reentrant"):
        torch.autograd.gradcheck(func, point(1.0), fast_mode=fast_mode)
    assert torch.autograd.gradcheck(func, point(1.0), fast_mode=fast_mode, nondet_tol=1e-3)


@both_modes
def test_backward_that_ignores_the_output_gradient(fast_mode):
    func = function_with(lambda x, g: None if g is None else g + 1e-9)
    options = {"fast_mode": fast_mode, "check_undefined_grad": False}
    with pytest.raises(GradcheckError, match="^backward not multiplied by grad_output$"):
        torch.autograd.gradcheck(func, point(1.0), **options)
    assert torch.autograd.gradcheck(func, point(1.0), masked=True, **options)


@both_modes
def test_second_derivative_that_was_cut_off(fast_mode):
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, grad):
            return grad * 3 * ctx.saved_tensors[0].detach() ** 2

    x = point(0.5, 2.0)
    assert torch.autograd.gradcheck(Cube.apply, x, fast_mode=fast_mode)
    with pytest.raises(GradcheckError, match="Jacobian mismatch for output 0 with respect to input 0"):
        torch.autograd.gradgradcheck(Cube.apply, x, fast_mode=fast_mode)


@both_modes
def test_a_result_cut_from_the_graph(fast_mode):
    assert torch.autograd.gradcheck(lambda x: (x > 0).double(), point(1.0, -1.0), fast_mode=fast_mode)
    with pytest.raises(GradcheckError, match="^Numerical gradient for function expected to be zero$"):
        torch.autograd.gradcheck(lambda x: x.detach() * 2, point(1.0), fast_mode=fast_mode)
    with pytest.raises(ValueError, match="gradgradcheck: expected at least one output that requires grad"):
        torch.autograd.gradgradcheck(lambda x: x.detach(), point(1.0))


def test_output_whose_shape_hangs_on_the_values():
    with pytest.raises(
        AssertionError, match=r"outputs with the same shape when inputs are perturbed on index \(0,\) by"
    ):
        torch.autograd.gradcheck(lambda x: x[x.detach() > 1.0], point(1.0, 5.0))


def test_inputs_are_checked():
    with pytest.raises(ValueError, match="gradcheck expects at least one input tensor to require gradient"):
        torch.autograd.gradcheck(torch.sin, torch.zeros(2, dtype=torch.float64))
    with pytest.raises(RuntimeError, match="The 0th input has a dimension with stride 0"):
        torch.autograd.gradcheck(torch.sin, point(1.0).expand(3))
    single = torch.tensor([0.5], requires_grad=True)
    with pytest.warns(UserWarning, match="Input #0 requires gradient and is not a double precision"):
        assert torch.autograd.gradcheck(torch.sin, single, eps=1e-2, atol=1e-2)


def test_what_is_not_available_is_refused():
    for check, option in (
        (torch.autograd.gradcheck, "check_batched_grad"),
        (torch.autograd.gradgradcheck, "check_fwd_over_rev"),
    ):
        with pytest.raises(NotImplementedError, match=f"{option}=True"):
            check(torch.sin, point(1.0), **{option: True})
    with pytest.raises(AssertionError, match="Expected at least one of check_forward_ad or check_backward_ad"):
        torch.autograd.gradcheck(torch.sin, point(1.0), check_backward_ad=False)


def test_the_callers_random_numbers_are_untouched_by_gradcheck():
    torch.manual_seed(5)
    expected = torch.rand(3).tolist()
    torch.manual_seed(5)
    torch.autograd.gradcheck(torch.sin, point(1.0, 2.0), fast_mode=True)
    assert torch.rand(3).tolist() == expected
