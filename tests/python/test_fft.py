"""torch.fft, stft and istft: values against numpy, gradients against finite differences, and what is refused."""

import numpy as np
import pytest

import steepest as torch

from .test_complex import differences, loss

RNG = np.random.default_rng(1)
REAL = RNG.standard_normal((3, 4, 5))
COMPLEX = REAL + 1j * RNG.standard_normal(REAL.shape)


@pytest.mark.parametrize("norm", [None, "backward", "ortho", "forward"])
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
def test_one_dimension(name, norm):
    for x in [REAL] if name in ("rfft", "ihfft") else [REAL, COMPLEX]:
        for n in (None, 3, 8):
            for dim in (-1, 0):
                got, want = getattr(torch.fft, name)(torch.from_numpy(x), n, dim, norm), getattr(np.fft, name)(x, n, dim, norm)
                np.testing.assert_allclose(got.numpy(), want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
@pytest.mark.parametrize("name", ["fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn"])
def test_several_dimensions(name, norm):
    for x in [REAL] if name.startswith("rfft") else [REAL, COMPLEX]:
        for s, dim in ((None, (0, 1)), ((6, 7), (1, 2)), ((2, 3), (0, -1))):
            got, want = getattr(torch.fft, name)(torch.from_numpy(x), s, dim, norm), getattr(np.fft, name)(x, s, dim, norm)
            np.testing.assert_allclose(got.numpy(), want, rtol=1e-12, atol=1e-12)


def test_hermitian_transforms_undo_each_other():
    x = torch.from_numpy(REAL)
    assert torch.allclose(torch.fft.hfftn(torch.fft.ihfftn(x), s=x.shape), x)
    assert torch.allclose(torch.fft.hfft2(torch.fft.ihfft2(x), s=x.shape[-2:]), x)


@pytest.mark.parametrize(
    ("text", "x"),
    [
        *((text, REAL[0]) for text in ("fft(x)", "rfft(x)", "rfft(x, 3)", "rfftn(x)", "ihfft(x)")),
        *((text, COMPLEX[0]) for text in ("fft(x, 7)", "ifft(x, norm='ortho')", "irfft(x)", "irfftn(x)", "hfft(x)", "fft2(x)")),
    ],
)
def test_gradients(text, x):
    def f(arrays):
        return loss(eval(f"torch.fft.{text}", {"torch": torch, "x": torch.from_numpy(arrays[0])}))

    leaf = torch.from_numpy(x.copy()).requires_grad_()
    loss(eval(f"torch.fft.{text}", {"torch": torch, "x": leaf})).backward()
    np.testing.assert_allclose(leaf.grad.numpy(), differences(f, [x], 0), rtol=1e-6, atol=1e-6)


def test_second_derivative():
    x = torch.from_numpy(REAL[0].copy()).requires_grad_()
    (g,) = torch.autograd.grad(torch.fft.rfft(x).abs().square().sum(), x, create_graph=True)
    g.square().sum().backward()
    # |F x|^2 is (nearly: one half is left out) quadratic, so that the second derivative is linear in x.
    y = torch.from_numpy(2 * REAL[0]).requires_grad_()
    (h,) = torch.autograd.grad(torch.fft.rfft(y).abs().square().sum(), y, create_graph=True)
    h.square().sum().backward()
    assert torch.allclose(2 * x.grad, y.grad)


def test_precision_and_places():
    assert torch.fft.fft(torch.ones(3)).dtype is torch.complex64 and torch.fft.irfft(torch.ones(3)).dtype is torch.float32
    assert torch.fft.fft(torch.arange(4)).tolist() == [6, -2 + 2j, -2, -2 - 2j]
    assert torch.fft.fftfreq(5, 0.5).tolist() == pytest.approx([0, 0.4, 0.8, -0.8, -0.4])
    assert torch.fft.rfftfreq(4).tolist() == [0, 0.25, 0.5]
    x = torch.arange(5)
    assert torch.fft.fftshift(x).tolist() == [3, 4, 0, 1, 2] and torch.fft.ifftshift(torch.fft.fftshift(x)).equal(x)


@pytest.mark.parametrize("arguments", [{}, {"hop_length": 3}, {"win_length": 10}, {"normalized": True}, {"onesided": False}])
@pytest.mark.parametrize("windowed", [False, True])
def test_stft_and_back(arguments, windowed):
    signal = torch.from_numpy(RNG.standard_normal((2, 60))).requires_grad_()
    window = torch.hann_window(arguments.get("win_length", 16), dtype=torch.float64) if windowed else None
    spectrum = torch.stft(signal, 16, window=window, return_complex=True, **arguments)
    hop, width = arguments.get("hop_length", 4), arguments.get("win_length", 16)
    frame = np.pad(signal.detach().numpy(), ((0, 0), (8, 8)), mode="reflect")[:, 5 * hop : 5 * hop + 16]
    shape = np.pad(window.numpy() if windowed else np.ones(width), (16 - width) // 2)
    want = np.fft.fft(frame * shape, norm="ortho" if arguments.get("normalized") else None)
    np.testing.assert_allclose(spectrum[:, :, 5].detach().numpy(), want[:, : spectrum.shape[1]], atol=1e-12)
    length = (spectrum.shape[-1] - 1) * hop
    back = torch.istft(spectrum, 16, window=window, **arguments)
    assert back.shape == (2, length) and torch.allclose(back, signal[:, :length])
    back.sum().backward()
    assert torch.allclose(signal.grad[:, :length], torch.ones(2, length, dtype=torch.float64))


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("fft.fft(x, 0)", RuntimeError, "Invalid number of data points (0) specified"),
        ("fft.fft(x, norm='x')", RuntimeError, 'Invalid normalization mode: "x"'),
        ("fft.rfft(x * 1j)", RuntimeError, "rfft expects a real input tensor, but got ComplexDouble"),
        ("fft.fftn(x, dim=(0, 0))", RuntimeError, "FFT dims must be unique"),
        ("fft.fftn(x, dim=3)", IndexError, "Dimension out of range (expected to be in range of [-3, 2], but got 3)"),
        ("fft.fftn(x, s=(1, 2), dim=0)", RuntimeError, "When given, dim and shape arguments must have the same length"),
        ("stft(x[0], 16)", RuntimeError, "stft requires the return_complex parameter"),
        ("_C._fft_c2r(x * 1j, [2], 0, 10)", RuntimeError, "expected at least 6 elements for 10 real ones, got 5"),
        ("istft(x, 16)", RuntimeError, "istft requires a complex-valued input tensor"),
    ],
)
def test_refused(text, kind, words):
    with pytest.raises(kind) as error:
        eval(f"torch.{text}", {"torch": torch, "x": torch.from_numpy(REAL)})
    assert words in str(error.value)


def distance(got, want):
    """The root mean square of the differences over that of what is wanted."""
    assert got.shape == want.shape
    return np.sqrt(np.mean(np.abs(got.numpy() - want) ** 2) / np.mean(np.abs(want) ** 2))


# Every factor with code of its own, other primes, those beyond all factors, lines that are split and lines too long for lanes.
SHORT = [*range(1, 20), 32, 49, 61, 67, 100, 121, 128, 134, 243, 256, 360, 512, 625]
LENGTHS = [*SHORT, 1009, 1024, 1147, 2048, 3721, 8191, 9000, 16384, 16385]


@pytest.mark.parametrize(("real", "most"), [(np.float32, 4e-7), (np.float64, 1e-15)])
@pytest.mark.parametrize("n", LENGTHS)
def test_lengths(n, real, most):
    lines = 19 if n < 2000 else 2
    x = RNG.standard_normal((lines, n)).astype(real)
    y = (x + 1j * RNG.standard_normal((lines, n))).astype(np.result_type(real, np.complex64))
    half = y[:, : n // 2 + 1]
    columns = [torch.from_numpy(np.ascontiguousarray(a.T)) for a in (x, y, half)]
    exact_x, exact_y = x.astype(np.float64), y.astype(np.complex128)
    for name, rows, turned, want in (
        ("fft", y, columns[1], np.fft.fft(exact_y)),
        ("ifft", y, columns[1], np.fft.ifft(exact_y)),
        ("fft", x, columns[0], np.fft.fft(exact_x)),
        ("rfft", x, columns[0], np.fft.rfft(exact_x)),
        ("irfft", half, columns[2], np.fft.irfft(exact_y[:, : n // 2 + 1], n)),
    ):
        run, size = getattr(torch.fft, name), n if name == "irfft" else None
        rows = torch.from_numpy(y)[:, : n // 2 + 1] if name == "irfft" else torch.from_numpy(rows)
        assert distance(run(rows, size), want) < most
        assert distance(run(rows[:1], size), want[:1]) < most
        assert distance(run(turned, size, dim=0), want.T) < most


@pytest.mark.parametrize("shape", [(64, 1000), (3, 1 << 16), (200, 1021), (2, 300, 40)])
def test_threads_change_nothing(shape):
    x = torch.from_numpy(RNG.standard_normal(shape))
    results = []
    before = torch.get_num_threads()
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            y = torch.fft.rfftn(x)
            results.append([y, torch.fft.irfftn(y, s=shape), torch.fft.fft(x * 1j, dim=1), torch.fft.rfft(x, dim=0)])
    finally:
        torch.set_num_threads(before)
    assert all(a.equal(b) for a, b in zip(*results, strict=True))


def test_views_and_all_of_a_real_transform():
    x = RNG.standard_normal((6, 10, 9))
    given = torch.from_numpy(x)
    for tensor in (given.permute(2, 0, 1), given[::2], given[:, 1:8:3], given[:, :, 2:7], given[:1].expand(4, 10, 9)):
        view = tensor.numpy()
        for dims in ((0,), (1,), (2,), (2, 0), (0, 1, 2)):
            assert distance(torch.fft.fftn(tensor * 1j, dim=dims), np.fft.fftn(view * 1j, axes=dims)) < 1e-15
            assert distance(torch._C._fft_r2c(tensor, list(dims), 0, False), np.fft.fftn(view, axes=dims)) < 1e-15
            assert distance(torch.fft.rfftn(tensor, dim=dims), np.fft.rfftn(view, axes=dims)) < 1e-15
