"""The text of tensors: repr, str, format and the print options, against texts that PyTorch 2.13 printed."""

import math
import time

import pytest

import steepest as torch
from steepest.printing import get_printoptions, printoptions

NAMES = {"torch": torch, "nan": math.nan, "inf": math.inf}

TEXTS = {
    # scalars
    "torch.tensor(3)": "tensor(3)",
    "torch.tensor(-0.5)": "tensor(-0.5000)",
    "torch.tensor(3.0)": "tensor(3.)",
    "torch.tensor(-0.0)": "tensor(-0.)",
    "torch.tensor(1e10)": "tensor(1.0000e+10)",
    "torch.tensor(1e-10)": "tensor(1.0000e-10)",
    "torch.tensor(True)": "tensor(True)",
    "torch.tensor(nan)": "tensor(nan)",
    "torch.tensor(-inf)": "tensor(-inf)",
    "torch.tensor(0.1, dtype=torch.float64)": "tensor(0.1000, dtype=torch.float64)",
    "torch.tensor(7, dtype=torch.uint8)": "tensor(7, dtype=torch.uint8)",
    # vectors
    "torch.tensor([1, -2, 300])": "tensor([  1,  -2, 300])",
    "torch.tensor([True, False])": "tensor([ True, False])",
    "torch.tensor([1.0, 2.0, 3.0])": "tensor([1., 2., 3.])",
    "torch.tensor([-1.5, 22.25, -333.125])": "tensor([  -1.5000,   22.2500, -333.1250])",
    "torch.tensor([1.0, 1000.5])": "tensor([1.0000e+00, 1.0005e+03])",
    "torch.tensor([1.0, 1001.5])": "tensor([1.0000e+00, 1.0015e+03])",
    "torch.tensor([1e-4, 0.05])": "tensor([1.0000e-04, 5.0000e-02])",
    "torch.tensor([1e-5, 1.0])": "tensor([1.0000e-05, 1.0000e+00])",
    "torch.tensor([1e8])": "tensor([100000000.])",
    "torch.tensor([1e8 + 8])": "tensor([1.0000e+08])",
    "torch.tensor([1e-4], dtype=torch.float64)": "tensor([0.0001], dtype=torch.float64)",
    "torch.tensor([1e8, 2e8])": "tensor([1.0000e+08, 2.0000e+08])",
    "torch.tensor([2e8, 1e8 + 8])": "tensor([2.0000e+08, 1.0000e+08])",
    "torch.tensor([3.4e38, -1.2e-38])": "tensor([ 3.4000e+38, -1.2000e-38])",
    "torch.tensor([5e-324], dtype=torch.float64)": "tensor([4.9407e-324], dtype=torch.float64)",
    "torch.tensor([nan, 1.0])": "tensor([nan, 1.])",
    "torch.tensor([nan, 100.0, -1.5])": "tensor([     nan, 100.0000,  -1.5000])",
    "torch.tensor([inf, -inf, 0.5])": "tensor([   inf,   -inf, 0.5000])",
    "torch.tensor([1e-9, inf, 0.0])": "tensor([1.0000e-09,        inf, 0.0000e+00])",
    "torch.tensor([0.0, -0.0])": "tensor([0., -0.])",
    "torch.full((3,), nan)": "tensor([nan, nan, nan])",
    "torch.arange(3, dtype=torch.int32)": "tensor([0, 1, 2], dtype=torch.int32)",
    "torch.ones(2, dtype=torch.float64)": "tensor([1., 1.], dtype=torch.float64)",
    # matrices
    "torch.eye(3)": """\
tensor([[1., 0., 0.],
        [0., 1., 0.],
        [0., 0., 1.]])""",
    "torch.tensor([[1e3, 1e-3], [1.0, 0.5]])": """\
tensor([[1.0000e+03, 1.0000e-03],
        [1.0000e+00, 5.0000e-01]])""",
    "torch.arange(12.0).reshape(2, 3, 2) * 1.1": """\
tensor([[[ 0.0000,  1.1000],
         [ 2.2000,  3.3000],
         [ 4.4000,  5.5000]],

        [[ 6.6000,  7.7000],
         [ 8.8000,  9.9000],
         [11.0000, 12.1000]]])""",
    "torch.arange(8).reshape(2, 2, 2)": """\
tensor([[[0, 1],
         [2, 3]],

        [[4, 5],
         [6, 7]]])""",
    "torch.arange(6).reshape(2, 3).t()": """\
tensor([[0, 3],
        [1, 4],
        [2, 5]])""",
    "torch.arange(16.0).reshape(2, 2, 2, 2)": """\
tensor([[[[ 0.,  1.],
          [ 2.,  3.]],

         [[ 4.,  5.],
          [ 6.,  7.]]],


        [[[ 8.,  9.],
          [10., 11.]],

         [[12., 13.],
          [14., 15.]]]])""",
    "torch.arange(30.0)": """\
tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,
        14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27.,
        28., 29.])""",
    "torch.arange(13.0) * 1e6": """\
tensor([       0.,  1000000.,  2000000.,  3000000.,  4000000.,  5000000.,
         6000000.,  7000000.,  8000000.,  9000000., 10000000., 11000000.,
        12000000.])""",
    "torch.ones(2, 40, dtype=torch.int64)": """\
tensor([[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]])""",
    # empty
    "torch.tensor([])": "tensor([])",
    "torch.zeros(0, 3)": "tensor([], size=(0, 3))",
    "torch.zeros(2, 0, 3, dtype=torch.float64)": "tensor([], size=(2, 0, 3), dtype=torch.float64)",
    "torch.zeros(0, dtype=torch.int64)": "tensor([], dtype=torch.int64)",
    "torch.zeros(0, dtype=torch.bool)": "tensor([], dtype=torch.bool)",
    "torch.zeros(0, requires_grad=True)": "tensor([], requires_grad=True)",
    # summarised
    "torch.arange(1001)": "tensor([   0,    1,    2,  ...,  998,  999, 1000])",
    "torch.arange(1000)[-3:]": "tensor([997, 998, 999])",
    "torch.zeros(2, 1000)": """\
tensor([[0., 0., 0.,  ..., 0., 0., 0.],
        [0., 0., 0.,  ..., 0., 0., 0.]])""",
    "torch.arange(1200, dtype=torch.float64).reshape(3, 400)": """\
tensor([[0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 3.9700e+02, 3.9800e+02,
         3.9900e+02],
        [4.0000e+02, 4.0100e+02, 4.0200e+02,  ..., 7.9700e+02, 7.9800e+02,
         7.9900e+02],
        [8.0000e+02, 8.0100e+02, 8.0200e+02,  ..., 1.1970e+03, 1.1980e+03,
         1.1990e+03]], dtype=torch.float64)""",
    "torch.arange(2000) % 2 == 0": "tensor([ True, False,  True,  ..., False,  True, False])",
    "torch.cat([torch.zeros(1500), torch.tensor([1e9])])": """\
tensor([0.0000e+00, 0.0000e+00, 0.0000e+00,  ..., 0.0000e+00, 0.0000e+00,
        1.0000e+09])""",
    "torch.cat([torch.zeros(1500), torch.tensor([1e9]), torch.zeros(5)])": "tensor([0., 0., 0.,  ..., 0., 0., 0.])",
    "torch.ones(1001, 1)": """\
tensor([[1.],
        [1.],
        [1.],
        ...,
        [1.],
        [1.],
        [1.]])""",
    "torch.ones(1001, requires_grad=True)": "tensor([1., 1., 1.,  ..., 1., 1., 1.], requires_grad=True)",
    # autograd
    "torch.ones(1, dtype=torch.float64, requires_grad=True)": "tensor([1.], dtype=torch.float64, requires_grad=True)",
    "torch.ones(2, requires_grad=True) + 1": "tensor([2., 2.], grad_fn=<AddBackward0>)",
    "torch.ones(2, requires_grad=True).sum()": "tensor(2., grad_fn=<SumBackward0>)",
    "torch.ones(2, requires_grad=True).detach()": "tensor([1., 1.])",
    "torch.nn.Parameter(torch.ones(2, 2))": """\
Parameter containing:
tensor([[1., 1.],
        [1., 1.]], requires_grad=True)""",
    "torch.nn.Parameter(torch.ones(2), requires_grad=False)": """\
Parameter containing:
tensor([1., 1.])""",
    "torch.arange(9.0, requires_grad=True) * 1.5": """\
tensor([ 0.0000,  1.5000,  3.0000,  4.5000,  6.0000,  7.5000,  9.0000, 10.5000,
        12.0000], grad_fn=<MulBackward0>)""",
    "torch.arange(7.0, dtype=torch.float64, requires_grad=True) * 1.5": """\
tensor([0.0000, 1.5000, 3.0000, 4.5000, 6.0000, 7.5000, 9.0000],
       dtype=torch.float64, grad_fn=<MulBackward0>)""",
}

OPTIONS = [
    (
        {"edgeitems": 1},
        "torch.arange(2744).reshape(14, 14, 14)",
        """\
tensor([[[   0,  ...,   13],
         ...,
         [ 182,  ...,  195]],

        ...,

        [[2548,  ..., 2561],
         ...,
         [2730,  ..., 2743]]])""",
    ),
    ({"precision": 2}, "torch.arange(3.0) / 7", "tensor([0.00, 0.14, 0.29])"),
    ({"precision": 0}, "torch.tensor([0.6, 1.5])", "tensor([1, 2])"),
    (
        {"threshold": 5},
        "torch.arange(20).reshape(4, 5)",
        """\
tensor([[ 0,  1,  2,  3,  4],
        [ 5,  6,  7,  8,  9],
        [10, 11, 12, 13, 14],
        [15, 16, 17, 18, 19]])""",
    ),
    (
        {"edgeitems": 1, "threshold": 5},
        "torch.arange(20).reshape(4, 5)",
        """\
tensor([[ 0,  ...,  4],
        ...,
        [15,  ..., 19]])""",
    ),
    (
        {"edgeitems": 1, "threshold": 5},
        "torch.arange(20.0).reshape(2, 5, 2)",
        """\
tensor([[[ 0.,  1.],
         ...,
         [ 8.,  9.]],

        [[10., 11.],
         ...,
         [18., 19.]]])""",
    ),
    (
        {"linewidth": 30},
        "torch.arange(12.0) / 7",
        """\
tensor([0.0000, 0.1429,
        0.2857, 0.4286,
        0.5714, 0.7143,
        0.8571, 1.0000,
        1.1429, 1.2857,
        1.4286, 1.5714])""",
    ),
    (
        {"linewidth": 20},
        "torch.ones(2, dtype=torch.float64, requires_grad=True)",
        """\
tensor([1., 1.],
       dtype=torch.float64,
       requires_grad=True)""",
    ),
    ({"profile": "short"}, "torch.arange(2000.0) / 7", "tensor([0.00e+00, 1.43e-01,  ..., 2.85e+02, 2.86e+02])"),
    ({"profile": "full"}, "torch.arange(1500)[:3]", "tensor([0, 1, 2])"),
    ({"sci_mode": True}, "torch.tensor([1.5, 22.25])", "tensor([1.5000e+00, 2.2250e+01])"),
    ({"sci_mode": False}, "torch.tensor([1e-6, 1e6])", "tensor([      0.0000, 1000000.0000])"),
    ({"precision": 3, "sci_mode": True}, "torch.tensor([0.0, 1.0, nan])", "tensor([0.000e+00, 1.000e+00,       nan])"),
    ({"edgeitems": 0, "threshold": 3}, "torch.zeros(2, 3)", "tensor([...], size=(2, 3))"),
    ({"threshold": 0}, "torch.tensor(1.5)", "tensor(1.5000)"),
    ({"edgeitems": 1, "threshold": 4}, "torch.arange(4)", "tensor([0, 1, 2, 3])"),
    ({"edgeitems": 2, "threshold": 3}, "torch.arange(4)", "tensor([0, 1, 2, 3])"),
    ({"linewidth": 37}, "torch.ones(2, requires_grad=True)", "tensor([1., 1.], requires_grad=True)"),
    ({"linewidth": 36}, "torch.ones(2, requires_grad=True)", "tensor([1., 1.],\n       requires_grad=True)"),
]


@pytest.mark.parametrize("expression", TEXTS)
def test_repr(expression):
    tensor = eval(expression, NAMES)
    assert repr(tensor) == TEXTS[expression]
    assert str(tensor) == TEXTS[expression]


@pytest.mark.parametrize(("options", "expression", "expected"), OPTIONS)
def test_options(options, expression, expected):
    before = get_printoptions()
    with printoptions(**options):
        assert repr(eval(expression, NAMES)) == expected
    assert get_printoptions() == before


def test_set_printoptions_keeps_what_is_not_given_except_sci_mode():
    defaults = {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None}
    assert get_printoptions() == defaults
    try:
        torch.set_printoptions(precision=2, sci_mode=True)
        torch.set_printoptions(linewidth=100)
        assert get_printoptions() == {**defaults, "precision": 2, "linewidth": 100}
        torch.set_printoptions(profile="short", linewidth=60)
        assert get_printoptions() == {**defaults, "precision": 2, "edgeitems": 2, "linewidth": 60}
    finally:
        torch.set_printoptions(profile="default")
    assert get_printoptions() == defaults


def test_printoptions_restores_after_an_error():
    before = get_printoptions()
    with pytest.raises(ValueError, match="inside"), printoptions(precision=1):
        raise ValueError("inside")
    assert get_printoptions() == before


def test_dtype_is_shown_unless_it_is_the_default():
    torch.set_default_dtype(torch.float64)
    try:
        assert repr(torch.tensor([1.5])) == "tensor([1.5000])"
        assert repr(torch.tensor([1.5], dtype=torch.float32)) == "tensor([1.5000], dtype=torch.float32)"
        assert repr(torch.zeros(0)) == "tensor([])"
    finally:
        torch.set_default_dtype(torch.float32)


class Celsius(torch.Tensor):
    """A subclass, which prints under its own name."""


class Weight(torch.nn.Parameter):
    """A subclass of Parameter."""


def test_subclasses_print_their_name():
    warm = torch.tensor([20.5]).as_subclass(Celsius)
    assert repr(warm) == "Celsius([20.5000])"
    assert repr(Weight(torch.ones(2))) == "Parameter containing:\nParameter(Weight([1., 1.], requires_grad=True))"
    with pytest.raises(TypeError, match=r"unsupported format string passed to Celsius.__format__"):
        format(warm[0], ".2f")


@pytest.mark.parametrize(
    ("expression", "spec", "expected"),
    [
        ("torch.tensor(3.14159)", ".3f", "3.142"),
        ("torch.tensor(3.14159)", ".2e", "3.14e+00"),
        ("torch.tensor(3.14159)", "<10.1f", "3.1       "),
        ("torch.tensor(3.14159)", "%", "314.159012%"),
        ("torch.tensor(3.14159)", "", "3.141590118408203"),
        ("torch.tensor(1e-8)", "", "9.99999993922529e-09"),
        ("torch.tensor(2.5, dtype=torch.float64)", "8.2f", "    2.50"),
        ("torch.tensor(42)", "05d", "00042"),
        ("torch.tensor(255)", "x", "ff"),
        ("torch.tensor(True)", "", "True"),
        ("torch.tensor(2.0, requires_grad=True)", ".2f", "2.00"),
        ("torch.tensor([1.5, 2.0])", "", "tensor([1.5000, 2.0000])"),
        ("torch.nn.Parameter(torch.tensor(0.5))", "", "Parameter containing:\ntensor(0.5000, requires_grad=True)"),
    ],
)
def test_format(expression, spec, expected):
    assert format(eval(expression, NAMES), spec) == expected


def test_format_refuses_a_spec_for_more_than_one_number():
    with pytest.raises(TypeError, match=r"^unsupported format string passed to Tensor\.__format__$"):
        format(torch.tensor([1.0, 2.0]), ".2f")


def test_tensors_inside_containers():
    assert str([torch.tensor(1.0), torch.tensor([2])]) == "[tensor(1.), tensor([2])]"
    assert str({"a": torch.tensor([1.5])}) == "{'a': tensor([1.5000])}"


def test_a_large_tensor_prints_at_once():
    large = torch.zeros(3000, 1000)
    repr(large)
    start = time.process_time()
    text = repr(large)
    # Formatting every element takes seconds; looking at every element takes milliseconds.
    assert time.process_time() - start < 0.05
    assert text.count("0.") == 36


def test_printing_leaves_the_graph_alone():
    x = torch.ones(2000, requires_grad=True)
    y = x * 2
    node = y.grad_fn
    repr(y)
    repr(x)
    assert y.grad_fn is node
    y.sum().backward()
    assert x.grad.tolist() == [2.0] * 2000
