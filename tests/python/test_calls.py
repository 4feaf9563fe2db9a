"""How calls from Python reach ops: arguments by place, by name and in lists; what is made of data; modules; sizes."""

import math
import sys
import warnings

import numpy as np
import pytest

import steepest as torch


def test_arguments_by_name_in_any_order_and_under_numpys_names():
    x = torch.arange(6.0).reshape(2, 3)
    expected = [[3.0], [12.0]]
    assert x.sum(dim=1, keepdim=True).tolist() == expected
    assert torch.sum(keepdim=True, dim=1, input=x).tolist() == expected
    assert torch.sum(x, axis=1, keepdims=True).tolist() == expected
    name = "".join(["keep", "dim"])  # a text that is not the interned one
    assert x.sum(1, **{name: True}).tolist() == expected


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda x: x.sum(1, dim=1), "got multiple values for argument 'dim'"),
        (lambda x: x.cumsum(dims=1), "got an unexpected keyword argument 'dims'"),
        (lambda x: x.cumsum(), 'missing 1 required positional arguments: "dim"'),
        (lambda x: torch.trace(x, 1), "takes 1 positional argument but 2 were given"),
        (lambda x: x.view(2, "a"), "failed to unpack the object at pos 2"),
        (lambda x: torch.cat([x, 1]), "expected Tensor as element 1 in argument 0, but got int"),
        (lambda x: x.softmax("a"), "argument 'dim' (position 1) must be int, not str"),
    ],
)
def test_arguments_that_do_not_fit(call, words):
    with pytest.raises(TypeError) as raised:
        call(torch.zeros(2, 2))
    assert words in str(raised.value)


def test_numbers_of_every_kind_for_a_parameter():
    x = torch.tensor([-2.0, 0.5, 2.0])
    for low, high in ((-1, 1), (-1.0, 1.0), (np.float32(-1), np.int64(1)), (torch.tensor(-1.0), torch.tensor(1.0))):
        assert x.clamp(low, high).tolist() == [-1.0, 0.5, 1.0]
    assert x.clamp(max=1).tolist() == [-2.0, 0.5, 1.0]
    assert x.clamp(None, 1).tolist() == [-2.0, 0.5, 1.0]


@pytest.mark.parametrize("n", [1, 16, 17, 100, 512, 513])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_numbers_beside_few_elements(n, dtype):
    x = torch.arange(n, dtype=dtype) - n / 2
    a = x.numpy()
    assert np.array_equal((x + 1.5).numpy(), a + a.dtype.type(1.5))
    assert np.array_equal((2 * x).numpy(), 2 * a)
    assert np.array_equal(x.clamp(-3, 2).numpy(), a.clip(-3, 2))
    assert np.array_equal((x > 0).numpy(), a > 0)
    assert np.array_equal((x - torch.tensor(0.5)).numpy(), a - a.dtype.type(0.5))
    y = x.clone()
    y.mul_(3)
    assert np.array_equal(y.numpy(), 3 * a)
    assert (x + 1).stride() == x.stride()


def test_shapes_of_small_new_tensors():
    for sizes in ((), (0,), (3,), (2, 0, 3), (1, 2, 1, 4), (1, 1, 1, 1, 3), (17,), (64, 1)):
        t = torch.zeros(sizes)
        assert tuple(t.shape) == sizes and t.is_contiguous() and t.tolist() == np.zeros(sizes).tolist()
        assert t.stride() == tuple(math.prod(max(s, 1) for s in sizes[i + 1 :]) for i in range(len(sizes)))
    with pytest.raises(RuntimeError, match="non-negative"):
        torch.zeros(2, -1)
    with torch.inference_mode():
        assert torch.zeros(2).is_inference()


def test_data_of_tensor_and_as_tensor():
    with pytest.raises(TypeError, match='missing 1 required positional arguments: "data"'):
        torch.tensor()
    with pytest.raises(TypeError):
        torch.tensor([1], torch.float32)
    with pytest.raises(TypeError, match="unexpected keyword argument 'shape'"):
        torch.tensor([1], shape=2)
    assert torch.tensor(True).dtype == torch.bool and torch.tensor(2).dtype == torch.int64
    assert torch.tensor(1.5, dtype=torch.int32).item() == 1
    assert torch.tensor(data=[1, 2.5]).tolist() == [1.0, 2.5]
    x = torch.tensor([1.0], requires_grad=True, device="cpu")
    assert x.requires_grad
    with pytest.warns(UserWarning, match="To copy construct from a tensor"):
        assert torch.tensor(x) is not x
    assert torch.as_tensor(x) is x and torch.as_tensor(x, dtype=torch.float32) is x
    assert torch.as_tensor(x, torch.float64).dtype == torch.float64
    array = np.zeros(2, np.float32)
    torch.as_tensor(array)[0] = 1
    assert array[0] == 1
    assert torch.as_tensor([1, 2], dtype=torch.float64).tolist() == [1.0, 2.0]


def test_numpy_of_what_requires_grad():
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="Use tensor.detach"):
        x.numpy()
    shared = x.numpy(force=True)
    shared[0] = 5
    assert x[0].item() == 5
    assert torch.ones(2, 3).t().numpy().strides == (4, 12)


def test_sizes_are_tuples_whose_slices_are_sizes():
    size = torch.zeros(2, 3, 4).shape
    assert (size[0], size[-1]) == (2, 4) and type(size[1:]) is torch.Size and size[::-2] == (4, 2)
    assert type(size[:0]) is torch.Size and size[True] == 3
    for index, error in ((3, IndexError), ("a", TypeError)):
        with pytest.raises(error):
            size[index]


def test_sizes_are_made_added_and_repeated():
    size = torch.Size([2, 3])
    for value, expected in (
        (torch.Size(), ()), (torch.Size((np.int64(2), True, torch.tensor(3))), (2, 1, 3)), (torch.Size(range(2)), (0, 1)),
        (size + (4,), (2, 3, 4)), ((4,) + size, (4, 2, 3)), (size + [4], (2, 3, 4)), (size + size, (2, 3, 2, 3)),
        (size * 2, (2, 3, 2, 3)), (2 * size, (2, 3, 2, 3)), (size * 0, ()), (torch.Size(sizes=[5]), (5,)),
    ):
        assert type(value) is torch.Size and value == expected and all(type(item) is int for item in value)
    for call in (lambda: torch.Size([1.5]), lambda: torch.Size(3), lambda: size + 1, lambda: size * 1.5, lambda: size + ("a",)):
        with pytest.raises(TypeError):
            call()
    assert {size: 1}[(2, 3)] == 1 and size.numel() == 6


def test_lists_of_tensors_keep_nothing_and_lose_nothing():
    x, y = torch.ones(2, requires_grad=True), torch.ones(2)
    before = sys.getrefcount(y)
    for _ in range(3):
        assert torch.cat([x, y]).tolist() == torch.stack((x, y)).flatten().tolist() == [1.0] * 4
    assert torch.stack([x, y], dim=1).tolist() == [[1.0, 1.0], [1.0, 1.0]]
    with pytest.raises(TypeError):
        torch.cat([x, y, None])
    with pytest.raises(RuntimeError):
        torch.stack([x, torch.ones(3)])
    assert sys.getrefcount(y) == before
    packed = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: packed.append(t) or t, lambda t: t):
        parts = [x * 2, y]
        z = torch.cat(parts)
        del parts[:]
    z.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_modules_call_the_forward_of_their_class_or_their_own():
    class Net(torch.nn.Module):
        def forward(self, *args, **kwargs):
            return args, kwargs

    net = Net()
    assert net(1, 2) == ((1, 2), {})
    assert net(*range(20)) == (tuple(range(20)), {})
    assert net(1, key=2) == ((1,), {"key": 2})
    net.forward = lambda x: -x
    assert net(3) == -3
    Net.forward = lambda self, x: 2 * x
    assert net(3) == -3 and Net()(3) == 6
    Net.forward = staticmethod(lambda x: x)
    assert Net()(3) == 3
    with pytest.raises(NotImplementedError):
        torch.nn.Module()(1)
    assert Net.__call__(Net(), 4) == 4


def test_a_modules_call_may_be_overridden():
    class Net(torch.nn.Module):
        def __call__(self, x):
            return super().__call__(x) + 1

        def forward(self, x):
            return x

    assert Net()(1) == 2


def test_names_of_the_package():
    assert torch.fft.fft is not None and callable(torch.vmap)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        torch.nothing  # noqa: B018


class _Emptying:
    """An int that empties a list when it is asked for its value."""

    def __init__(self, elements):
        self.elements = elements

    def __index__(self):
        self.elements.clear()
        return 0


def test_a_list_that_python_empties_meanwhile_is_still_joined():
    elements = [torch.full((3,), 1.0), torch.full((3,), 2.0)]
    assert torch.cat(elements, _Emptying(elements)).tolist() == [1, 1, 1, 2, 2, 2] and not elements
    elements = [torch.arange(2), torch.arange(3)]
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda *_args, **_options: elements.clear()
        torch.set_warn_always(True)
        try:
            grid = torch.meshgrid(elements)
        finally:
            torch.set_warn_always(False)
    assert not elements and [g.tolist() for g in grid] == [[[0, 0, 0], [1, 1, 1]], [[0, 1, 2], [0, 1, 2]]]


def test_sizes_that_shorten_their_list():
    class Shortening(_Emptying):
        def __index__(self):
            del self.elements[1:]
            return 2

    sizes = [2, 3, 4]
    sizes[0] = Shortening(sizes)
    with pytest.raises(TypeError):
        torch.ones(24).view(sizes)


def test_bools_where_floats_are_expected():
    x = torch.ones(2)
    assert torch.nn.functional.pad(x > 0, (1, 1), value=False).tolist() == [False, True, True, False]
    assert torch.nn.functional.dropout(x, True).tolist() == [0, 0] and x.quantile(True) == 1
    assert torch.isclose(x, 2 * x, rtol=True).all() and torch.nan_to_num(x * torch.nan, nan=True).tolist() == [1, 1]
    with pytest.raises(TypeError, match="must be int, not bool"):
        torch.unsqueeze(x, dim=True)
