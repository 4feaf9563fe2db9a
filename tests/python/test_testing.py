"""assert_close and make_tensor: what passes, what the error says (texts of PyTorch 2.13), what is drawn."""

import math

import numpy as np
import pytest

import steepest as torch
from steepest.testing import assert_allclose, assert_close, make_tensor

TENSOR_HEAD = "Tensor-likes are not close!\n\n"
CLOSE = [
    (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0 + 1e-6]), {}),
    (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.5]), {"rtol": 0.2, "atol": 0.0}),
    (torch.tensor([math.nan, 1.0]), torch.tensor([math.nan, 1.0]), {"equal_nan": True}),
    (torch.tensor([math.inf, -math.inf]), torch.tensor([math.inf, -math.inf]), {}),
    (torch.tensor([1, 2]), torch.tensor([1.0, 2.0]), {"check_dtype": False}),
    (torch.tensor([1, 2, 100]), torch.tensor([1, 2, 103]), {"rtol": 0.1, "atol": 0.1}),
    (torch.tensor([[1.0, 2.0]]).t(), torch.tensor([[1.0], [2.0]]), {}),
    (torch.tensor([1.0], requires_grad=True), torch.tensor([1.0]), {}),
    (torch.nn.Parameter(torch.tensor([1.0])), torch.tensor([1.0]), {}),
    (torch.zeros(0), torch.zeros(0), {}),
    (np.array([1.0, 2.0]), np.array([1.0, 2.0]), {}),
    (1.0, 1.0 + 1e-9, {}),
    (1.0, 1, {"check_dtype": False}),
    (math.nan, math.nan, {"equal_nan": True}),
    (np.bool_(True), True, {}),
    (None, None, {}),
    ([torch.tensor([1.0]), 2.0], (torch.tensor([1.0]), 2.0), {}),
    ({"a": [1, 2], "b": None}, {"b": None, "a": (1, 2)}, {}),
]
DIFFERENT = [
    (
        torch.tensor([1.0, 2.0]),
        torch.tensor([1.0, 2.5]),
        {},
        TENSOR_HEAD + "Mismatched elements: 1 / 2 (50.0%)\n"
        "Greatest absolute difference: 0.5 at index (1,) (up to 1e-05 allowed)\n"
        "Greatest relative difference: 0.20000000298023224 at index (1,) (up to 1.3e-06 allowed)",
    ),
    (
        torch.tensor([[1, 2], [3, 4]]),
        torch.tensor([[1, 2], [9, 4]]),
        {},
        "Tensor-likes are not equal!\n\nMismatched elements: 1 / 4 (25.0%)\n"
        "Greatest absolute difference: 6 at index (1, 0)\n"
        "Greatest relative difference: 0.6666666865348816 at index (1, 0)",
    ),
    (
        torch.tensor([math.inf, 1.0, -math.inf]),
        torch.tensor([math.inf, 2.0, math.inf]),
        {},
        TENSOR_HEAD + "Mismatched elements: 2 / 3 (66.7%)\n"
        "Greatest absolute difference: inf at index (2,) (up to 1e-05 allowed)\n"
        "Greatest relative difference: nan at index (2,) (up to 1.3e-06 allowed)",
    ),
    (
        torch.tensor([math.nan, 1.0]),
        torch.tensor([math.nan, 2.0]),
        {},
        TENSOR_HEAD + "Mismatched elements: 2 / 2 (100.0%)\n"
        "Greatest absolute difference: nan at index (0,) (up to 1e-05 allowed)\n"
        "Greatest relative difference: nan at index (0,) (up to 1.3e-06 allowed)",
    ),
    (
        torch.tensor([True, False]),
        torch.tensor([True, True]),
        {},
        "Tensor-likes are not equal!\n\nMismatched elements: 1 / 2 (50.0%)\n"
        "Greatest absolute difference: 1 at index (1,)\n"
        "Greatest relative difference: 1.0 at index (1,)",
    ),
    (
        torch.tensor(1.0, dtype=torch.float64),
        torch.tensor(2.0, dtype=torch.float64),
        {},
        "Scalars are not close!\n\nExpected 2.0 but got 1.0.\n"
        "Absolute difference: 1.0 (up to 1e-07 allowed)\nRelative difference: 0.5 (up to 1e-07 allowed)",
    ),
    (
        1,
        0,
        {},
        "Scalars are not equal!\n\nExpected 0 but got 1.\nAbsolute difference: 1\nRelative difference: inf",
    ),
    (
        [[1, [2]], 3],
        [[1, [4]], 3],
        {},
        "Scalars are not equal!\n\nExpected 4 but got 2.\nAbsolute difference: 2\nRelative difference: 0.5\n\n"
        "The failure occurred for item [0][1][0]",
    ),
    (
        torch.zeros(2),
        torch.zeros(3),
        {},
        "The values for attribute 'shape' do not match: torch.Size([2]) != torch.Size([3]).",
    ),
    (
        torch.tensor([1]),
        torch.tensor([1.0]),
        {},
        "The values for attribute 'dtype' do not match: torch.int64 != torch.float32.",
    ),
    (
        torch.zeros(2, 3).t(),
        torch.zeros(3, 2),
        {"check_stride": True},
        "The values for attribute 'stride()' do not match: (1, 3) != (2, 1).",
    ),
    (1, 1.0, {}, "The (d)types do not match: <class 'int'> != <class 'float'>."),
    (True, False, {}, "Booleans mismatch: True is not False"),
    (None, 1, {}, "None mismatch: None is not 1"),
    ([1, 2], [1], {}, "The length of the sequences mismatch: 2 != 1"),
    (
        {"a": 1, "c": 2},
        {"b": 1, "c": 2},
        {},
        "The keys of the mappings do not match:\nMissing keys in the actual mapping: ['b']\n"
        "Additional keys in the actual mapping: ['a']",
    ),
    ({"w": 1}, {"w": None}, {}, "None mismatch: 1 is not None\n\nThe failure occurred for item ['w']"),
]


@pytest.mark.parametrize(("actual", "expected", "options"), CLOSE)
def test_close(actual, expected, options):
    assert_close(actual, expected, **options)


@pytest.mark.parametrize(("actual", "expected", "options", "text"), DIFFERENT)
def test_different(actual, expected, options, text):
    with pytest.raises(AssertionError) as error:
        assert_close(actual, expected, **options)
    assert str(error.value) == text


def test_nan_differs_by_default_and_infinities_of_unlike_sign_always():
    for one, other in ((math.nan, math.nan), (math.inf, -math.inf)):
        with pytest.raises(AssertionError, match="not close"):
            assert_close(torch.tensor([one]), torch.tensor([other]))
    with pytest.raises(AssertionError, match="not close"):
        assert_close(torch.tensor([1e30]), torch.tensor([math.inf]), rtol=1.0, atol=1.0)


def test_one_tolerance_is_not_enough():
    for given, missing in (("rtol", "atol"), ("atol", "rtol")):
        message = f"^Both 'rtol' and 'atol' must be either specified or omitted, but got no {missing}.$"
        with pytest.raises(ValueError, match=message):
            assert_close(torch.zeros(1), torch.zeros(1), **{given: 0.1})


def test_what_cannot_be_compared():
    pairs = [("a", "a"), (torch.zeros(1), np.zeros(1)), (torch.tensor(1.5), 1.5), (object(), object())]
    for actual, expected in pairs:
        with pytest.raises(TypeError, match="^No comparison pair was able to handle inputs of type"):
            assert_close(actual, expected)
    with pytest.raises(TypeError, match="No comparison pair"):
        assert_close(torch.nn.Parameter(torch.zeros(1)), torch.zeros(1), allow_subclasses=False)


def test_the_message_can_be_replaced_or_wrapped():
    pair = torch.zeros(1), torch.ones(1)
    with pytest.raises(AssertionError, match="^mine$"):
        assert_close(*pair, msg="mine")
    with pytest.raises(AssertionError, match="^Header\n\nTensor-likes are not close!\n\nMismatched"):
        assert_close(*pair, msg=lambda text: "Header\n\n" + text)


def test_comparing_leaves_the_arguments_alone():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    assert_close(y, torch.tensor([2.0, 4.0]))
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_assert_allclose_is_wider_and_deprecated():
    with pytest.warns(FutureWarning, match="is deprecated since 1.12"):
        assert_allclose([1.0, 2.0], torch.tensor([1.0, 2.0001]))
    with pytest.warns(FutureWarning), pytest.raises(AssertionError, match="not close"):
        assert_allclose(torch.tensor([1.0]), [1.001])


DEFAULT_RANGES = {
    "float32": (-9, 9),
    "float64": (-9, 9),
    "int64": (-9, 9),
    "int8": (-9, 9),
    "uint8": (0, 9),
    "bool": (0, 1),
}


@pytest.mark.parametrize("name", DEFAULT_RANGES)
def test_make_tensor_draws_from_the_default_range(name):
    torch.manual_seed(0)
    low, high = DEFAULT_RANGES[name]
    made = make_tensor(50, 40, dtype=getattr(torch, name), device="cpu")
    assert (made.dtype, tuple(made.shape)) == (getattr(torch, name), (50, 40))
    values = made.numpy().astype(float)
    assert low <= values.min() < low + 0.1
    assert high - 0.1 < values.max() <= high


def test_make_tensor_takes_the_shape_either_way():
    for shape in ((2, 3), ((2, 3),), ([2, 3],), (torch.Size([2, 3]),)):
        assert tuple(make_tensor(*shape, dtype=torch.float32, device="cpu").shape) == (2, 3)
    assert tuple(make_tensor((), dtype=torch.float32, device="cpu").shape) == ()


def test_make_tensor_repeats_with_the_seed():
    torch.manual_seed(3)
    one = make_tensor(4, dtype=torch.float32, device="cpu", low=-1, high=1)
    torch.manual_seed(3)
    assert one.tolist() == torch.empty(4).uniform_(-1, 1).tolist()


def test_make_tensor_options():
    strided = make_tensor(3, 4, dtype=torch.float32, device="cpu", noncontiguous=True)
    assert (strided.stride(), strided.storage_offset()) == ((8, 2), 1)
    assert make_tensor(1, dtype=torch.float32, device="cpu", noncontiguous=True).is_contiguous()
    ones = make_tensor(50, dtype=torch.int64, device="cpu", low=0, high=2, exclude_zero=True)
    assert ones.tolist() == [1] * 50
    leaf = make_tensor(3, dtype=torch.float64, device="cpu", requires_grad=True)
    assert leaf.requires_grad
    assert leaf.is_leaf
    whole = make_tensor(100, dtype=torch.float32, device="cpu", low=-math.inf, high=math.inf)
    assert np.isfinite(whole.numpy()).all()
    assert make_tensor(20, dtype=torch.int64, device="cpu", low=0.5, high=1.5).tolist() == [1] * 20


@pytest.mark.parametrize(
    ("dtype", "options", "message"),
    [
        ("float32", {"low": math.nan}, "`low` and `high` cannot be NaN, but got low=nan and high=9"),
        ("float32", {"low": 5, "high": 4}, "`low` must be less than `high`, but got 5 >= 4"),
        ("int64", {"low": 4, "high": 4}, "`low` must be less than `high`, but got 4 >= 4"),
        (
            "uint8",
            {"low": -3, "high": -1},
            r"The value interval specified by `low` and `high` is \[-3, -1\), but torch.uint8 only supports \[0, 256\)",
        ),
        (
            "int64",
            {"requires_grad": True},
            "`requires_grad=True` is not supported for boolean and integral dtypes, but got dtype=torch.int64",
        ),
    ],
)
def test_make_tensor_refuses(dtype, options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        make_tensor(3, dtype=getattr(torch, dtype), device="cpu", **options)


def test_make_tensor_warns_of_an_empty_interval():
    with pytest.warns(FutureWarning, match="Passing `low==high`"):
        assert make_tensor(2, dtype=torch.float32, device="cpu", low=1, high=1).tolist() == [1.0, 1.0]
