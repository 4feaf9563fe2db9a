"""Convolution layers: shapes, printing, errors, padding modes, and layers that learn their sizes from the first input."""

import copy
import pickle

import pytest

import steepest as torch
from steepest import nn

LAYERS = [
    (nn.Conv1d(3, 4, 3), (2, 3, 9), (2, 4, 7), "Conv1d(3, 4, kernel_size=(3,), stride=(1,))"),
    (nn.Conv2d(4, 6, (3, 5), 2, 1, 2, 2, False), (2, 4, 9, 15), (2, 6, 4, 5),
        "Conv2d(4, 6, kernel_size=(3, 5), stride=(2, 2), padding=(1, 1), dilation=(2, 2), groups=2, bias=False)"),
    (nn.Conv3d(2, 3, 2, padding="same"), (2, 4, 5, 6), (3, 4, 5, 6), "Conv3d(2, 3, kernel_size=(2, 2, 2), stride=(1, 1, 1), padding=same)"),
    (nn.ConvTranspose1d(4, 6, 3, 2, 1, 1, 2, False, 3), (2, 4, 5), (2, 6, 14),
        "ConvTranspose1d(4, 6, kernel_size=(3,), stride=(2,), padding=(1,), dilation=(3,), output_padding=(1,), groups=2, bias=False)"),
    (nn.ConvTranspose2d(3, 2, 3, 2), (1, 3, 4, 4), (1, 2, 9, 9), "ConvTranspose2d(3, 2, kernel_size=(3, 3), stride=(2, 2))"),
    (nn.ConvTranspose3d(3, 2, 2), (1, 3, 4, 4, 4), (1, 2, 5, 5, 5), "ConvTranspose3d(3, 2, kernel_size=(2, 2, 2), stride=(1, 1, 1))"),
    (nn.Fold((4, 5), 2), (1, 12, 12), (1, 3, 4, 5), "Fold(output_size=(4, 5), kernel_size=2, dilation=1, padding=0, stride=1)"),
    (nn.Unfold((2, 3)), (2, 5, 3, 4), (2, 30, 4), "Unfold(kernel_size=(2, 3), dilation=1, padding=0, stride=1)"),
]


@pytest.mark.parametrize(("layer", "given", "made", "text"), LAYERS, ids=[type(row[0]).__name__ for row in LAYERS])
def test_shape_and_text(layer, given, made, text):
    assert layer(torch.ones(given)).shape == made
    assert repr(layer) == text


def test_layer_is_the_function_of_its_parameters():
    layer = nn.Conv2d(3, 4, 3, padding=1)
    x = torch.randn(2, 3, 5, 5)
    assert torch.equal(layer(x), torch.conv2d(x, layer.weight, layer.bias, padding=1))
    assert list(layer.state_dict()) == ["weight", "bias"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Conv2d(3, 4, 3, groups=2), "in_channels must be divisible by groups"),
        (lambda: nn.Conv2d(4, 3, 3, groups=2), "out_channels must be divisible by groups"),
        (lambda: nn.Conv2d(4, 3, 3, groups=0), "groups must be a positive integer"),
        (lambda: nn.Conv2d(4, 3, 3, padding="half"), "Invalid padding string 'half'"),
        (lambda: nn.Conv2d(4, 3, 3, 2, "same"), "padding='same' is not supported for strided convolutions"),
        (lambda: nn.Conv2d(4, 3, 3, padding_mode="none"), "padding_mode must be one of"),
        (lambda: nn.ConvTranspose2d(4, 3, 3, padding_mode="reflect"), 'Only "zeros" padding mode is supported'),
    ],
)
def test_refused_settings(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_output_size_chooses_the_padding():
    layer = nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1)
    x = torch.randn(1, 4, 5, 5)
    assert layer(x).shape == (1, 3, 9, 9)
    assert layer(x, output_size=(10, 9)).shape == (1, 3, 10, 9)
    assert layer(x, output_size=(1, 3, 10, 10)).shape == (1, 3, 10, 10)
    with pytest.raises(ValueError, match=r"valid sizes range from \[9, 9\] to \[10, 10\]"):
        layer(x, output_size=(11, 9))
    with pytest.raises(ValueError, match=r"output_size must have 2 or 4 elements \(got 3\)"):
        layer(x, output_size=(1, 10, 9))


LAZY = [
    (lambda: nn.LazyLinear(3), (2, 5), nn.Linear, (3, 5)),
    (lambda: nn.LazyConv1d(4, 3), (2, 3, 9), nn.Conv1d, (4, 3, 3)),
    (lambda: nn.LazyConv2d(4, 3, groups=2), (6, 9, 9), nn.Conv2d, (4, 3, 3, 3)),
    (lambda: nn.LazyConv3d(4, 1, bias=False), (1, 2, 3, 3, 3), nn.Conv3d, (4, 2, 1, 1, 1)),
    (lambda: nn.LazyConvTranspose1d(4, 3), (2, 3, 9), nn.ConvTranspose1d, (3, 4, 3)),
    (lambda: nn.LazyConvTranspose2d(4, 3, 2, 1, 1), (1, 3, 9, 9), nn.ConvTranspose2d, (3, 4, 3, 3)),
    (lambda: nn.LazyConvTranspose3d(4, 1), (1, 3, 2, 2, 2), nn.ConvTranspose3d, (3, 4, 1, 1, 1)),
]


@pytest.mark.parametrize(("make", "given", "becomes", "weight"), LAZY, ids=[row[2].__name__ for row in LAZY])
def test_lazy_layers(make, given, becomes, weight):
    lazy = make()
    assert isinstance(lazy.weight, nn.UninitializedParameter) and lazy.has_uninitialized_params()
    optimizer = torch.optim.SGD(lazy.parameters(), 0.1)
    for again in (copy.deepcopy(lazy), pickle.loads(pickle.dumps(lazy))):
        assert type(again) is type(lazy) and again.has_uninitialized_params()
    lazy(torch.ones(given)).sum().backward()
    optimizer.step()
    assert type(lazy) is becomes and type(lazy.weight) is nn.Parameter
    assert lazy.weight.shape == lazy.weight.grad.shape == weight
    loaded = make()
    loaded.load_state_dict(lazy.state_dict())
    assert torch.equal(loaded(torch.ones(given)), lazy(torch.ones(given)))


def test_parameters_without_sizes():
    parameter = nn.UninitializedParameter(dtype=torch.float64)
    assert repr(parameter) == "<UninitializedParameter>" and parameter.requires_grad
    with pytest.raises(RuntimeError, match="Can't access the shape of an uninitialized parameter or buffer"):
        _ = parameter.shape
    with pytest.raises(ValueError, match="Attempted to use an uninitialized parameter in <method 'add' of"):
        _ = parameter + 1
    assert nn.parameter.is_lazy(parameter)
    with pytest.raises(RuntimeError, match="Can't access the shape"):
        nn.Linear(2, 3).load_state_dict(nn.LazyLinear(3).state_dict())
    parameter.materialize((2, 3))
    assert type(parameter) is nn.Parameter and parameter.shape == (2, 3) and parameter.dtype == torch.float64
    buffer = nn.UninitializedBuffer()
    buffer.materialize((4,))
    assert type(buffer) is torch.Tensor and buffer.shape == (4,) and not buffer.requires_grad


def test_lazy_modules_say_what_they_miss():
    class Half(nn.modules.lazy.LazyModuleMixin, nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.UninitializedParameter()

        def forward(self, x):
            return x

    with pytest.raises(NotImplementedError, match="initialize_parameters is not implemented for Half"):
        Half()(torch.ones(2))
    Half.initialize_parameters = lambda self, x: None
    with pytest.raises(RuntimeError, match="module Half has not been fully initialized"):
        Half()(torch.ones(2))
    with pytest.raises(RuntimeError, match=r"Expected 3D \(unbatched\) or 4D \(batched\) input to LazyConv2d"):
        nn.LazyConv2d(3, 3)(torch.ones(5, 5))


# (images, channels in, sizes, channels out, kernel, stride, padding, dilation, groups): rows that fill registers and that do not, few and
# many channels, places of several images in one register, weights larger than a cache, a kernel as large as its stride.
KERNEL_SHAPES = [
    (2, 5, (9, 32), 20, 3, 1, 1, 1, 1),
    (3, 4, (10, 28), 33, 3, 1, 1, 1, 1),
    (3, 6, (4, 4), 70, 3, 1, 1, 1, 1),
    (9, 3, (7, 7), 40, 2, 1, 0, 1, 1),
    (2, 70, (3, 2), 48, 3, 1, 1, 1, 1),
    (2, 260, (2, 3), 130, 3, 1, 1, 1, 1),
    (1, 3, (40, 60), 17, 5, 2, 2, 1, 1),
    (2, 12, (9, 9), 12, 3, (2, 1), 1, (1, 2), 12),
    (2, 8, (11, 6), 12, 3, 3, 2, 2, 4),
    (2, 2, (16, 16), 9, 8, 8, 0, 1, 1),
    (2, 40, (6, 6), 24, 1, 1, 0, 1, 1),
    (1, 3, (500,), 5, 9, 1, 4, 1, 1),
    (1, 2, (6, 5, 20), 18, 3, 1, 1, 1, 1),
]


@pytest.mark.parametrize("shape", KERNEL_SHAPES, ids=str)
def test_products_of_whole_numbers_are_exact(shape):
    """Floats against the plain loops of integers; the gradients by <dy, conv(v, w)> = <dx, v> and the same for the weight."""
    images, channels, sizes, filters, kernel, stride, padding, dilation, groups = shape
    n, torch_conv = len(sizes), getattr(torch, f"conv{len(sizes)}d")

    def draw(*shape):
        return torch.randint(-3, 4, shape)

    def conv(x, weight, bias=None):
        return torch_conv(x, weight, bias, stride, padding, dilation, groups)

    torch.manual_seed(0)
    x, v = draw(images, channels, *sizes), draw(images, channels, *sizes)
    weight, u = (draw(filters, channels // groups, *(kernel,) * n) for _ in range(2))
    bias = draw(filters)
    expected, by_x, by_weight = conv(x, weight, bias), conv(v, weight), conv(x, u)
    dy = draw(*expected.shape)
    for dtype in (torch.float32, torch.float64):
        leaves = [t.to(dtype).requires_grad_() for t in (x, weight, bias)]
        y = conv(*leaves)
        assert torch.equal(y, expected.to(dtype))
        y.backward(dy.to(dtype))
        dx, dw, db = (leaf.grad.long() for leaf in leaves)
        assert (dx * v).sum() == (dy * by_x).sum() and (dw * u).sum() == (dy * by_weight).sum()
        assert torch.equal(db, dy.sum([0, *range(2, n + 2)]))


@pytest.mark.parametrize("shape", [(6, 3, 24, 20, 1), (2, 64, 8, 80, 1), (8, 16, 12, 16, 16), (1, 40, 40, 6, 2)], ids=str)
def test_threads_do_not_change_sums(shape):
    images, channels, size, filters, groups = shape
    torch.manual_seed(0)
    x, weight = torch.randn(images, channels, size, size), torch.randn(filters, channels // groups, 3, 3)
    threads, found = torch.get_num_threads(), []
    for count in (1, 2, 3):
        torch.set_num_threads(count)
        leaves = [t.clone().requires_grad_() for t in (x, weight)]
        y = torch.conv2d(*leaves, None, 1, 1, 1, groups)
        (y * y).sum().backward()
        found.append([y, *(leaf.grad for leaf in leaves)])
    torch.set_num_threads(threads)
    for other in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0], other))


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_padding_modes(mode):
    x = torch.randn(2, 3, 5, 6)
    for padding, sides in (((1, 2), (2, 2, 1, 1)), ("same", (1, 2, 1, 1))):
        layer = nn.Conv2d(3, 4, (3, 4), padding=padding, padding_mode=mode)
        padded = nn.functional.pad(x, sides, mode=mode)
        assert torch.equal(layer(x), torch.conv2d(padded, layer.weight, layer.bias))


@pytest.mark.parametrize(("spatial", "steps"), [(1, (2, 1, 1, 1)), (2, (2, (1, 0), (1, 2), 2)), (3, (1, 1, 2, 1))])
def test_gradients_as_functions(spatial, steps):
    x, w = torch.randn(2, 4, *range(7, 7 + spatial), requires_grad=True), torch.randn(6, 4 // steps[3], *(3,) * spatial, requires_grad=True)
    y = getattr(torch, f"conv{spatial}d")(x, w, None, *steps)
    g = torch.randn_like(y)
    by_x, by_w = (getattr(nn.grad, f"conv{spatial}d_{side}") for side in ("input", "weight"))
    for found, expected in zip((by_x(x.shape, w, g, *steps), by_w(x, w.shape, g, *steps)), torch.autograd.grad(y, (x, w), g), strict=True):
        torch.testing.assert_close(found, expected)
        assert found.requires_grad
    with pytest.raises(RuntimeError, match="tensor.size.0. == 2 but got"):
        by_x(x.shape, w, g[:1], *steps)
    with pytest.raises(RuntimeError, match="-dimensional input for"):
        by_w(x[0], w.shape, g, *steps)
