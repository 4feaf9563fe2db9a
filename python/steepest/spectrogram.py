"""torch.stft and torch.istft: Fourier transforms of overlapping pieces of signals, and signals put together again from them."""

from . import _C
from .fft import fft, ifft, irfft, rfft
from .nn.functional import fold, pad
from .settings import warn_once

__all__ = ["istft", "stft"]


def _window(name, window, win_length, n_fft, like):
    """The window in the middle of n_fft elements; ones where none is given."""
    if window is None:
        window = _C.ones(win_length, dtype=like)
    elif window.ndim != 1 or window.shape[0] != win_length:
        raise RuntimeError(
            f"{name}: expected a 1D window tensor of size equal to win_length={win_length}, but got window with size {list(window.shape)}"
        )
    left = (n_fft - win_length) // 2
    return pad(window, [left, n_fft - win_length - left]) if win_length < n_fft else window


def stft(
    input,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    pad_mode="reflect",
    normalized=False,
    onesided=None,
    return_complex=None,
    align_to_window=None,
):
    """The short-time Fourier transform of signals of size (T) or (B, T): (*, frequencies, frames), complex.

    Each frame is n_fft samples, hop_length (n_fft // 4) after the one before, times the window of win_length (n_fft) samples. center
    adds n_fft // 2 samples in pad_mode at both ends; normalized divides by sqrt(n_fft); onesided, the default for real input, keeps
    n_fft // 2 + 1 frequencies. return_complex=False gives real and imaginary parts in a last dimension of size 2. Sizes that do not
    go together are a RuntimeError.

    >>> import steepest as torch
    >>> torch.stft(torch.ones(16), n_fft=8, return_complex=True).shape
    torch.Size([5, 9])
    """
    if window is None:
        warn_once(
            "A window was not provided. A rectangular window will be applied,which is known to cause spectral leakage. Other windows "
            "such as torch.hann_window or torch.hamming_window are recommended to reduce spectral leakage.To suppress this warning and "
            "use a rectangular window, explicitly set `window=torch.ones(n_fft, device=<device>)`."
        )
    hop_length = n_fft // 4 if hop_length is None else hop_length
    win_length = n_fft if win_length is None else win_length
    complex_window = window is not None and window.is_complex()
    if return_complex is None:
        if not (input.is_complex() or complex_window):
            raise RuntimeError(
                "stft requires the return_complex parameter be given for real inputs, and will further require that "
                "return_complex=True in a future PyTorch release."
            )
        return_complex = True
    if not (input.is_floating_point() or input.is_complex()):
        raise RuntimeError(f"stft: expected a tensor of floating point or complex values, got {input.dtype}")
    if input.ndim not in (1, 2):
        raise RuntimeError(f"stft: expected a 1D or 2D tensor, got {input.ndim}D")
    x = input.unsqueeze(0) if input.ndim == 1 else input
    if center:
        x = _padded(x, n_fft // 2, pad_mode)
    if not 0 < n_fft <= x.shape[-1]:
        raise RuntimeError(f"stft: expected 0 < n_fft <= {x.shape[-1]}, but got n_fft={n_fft}")
    if hop_length <= 0:
        raise RuntimeError(f"stft: expected hop_length > 0, but got hop_length={hop_length}")
    if not 0 < win_length <= n_fft:
        raise RuntimeError(f"stft: expected 0 < win_length <= n_fft, but got win_length={win_length}")
    frames = x.unfold(-1, n_fft, hop_length)
    if window is not None or win_length < n_fft:
        frames = frames * _window("stft", window, win_length, n_fft, input.real.dtype)
    norm = "ortho" if normalized else "backward"
    onesided = not frames.is_complex() if onesided is None else onesided
    if onesided and frames.is_complex():
        raise RuntimeError("Cannot have onesided output if window or input is complex")
    y = (rfft if onesided else fft)(frames, norm=norm).transpose(-1, -2)
    y = y.squeeze(0) if input.ndim == 1 else y
    return y if return_complex else _C._view_as_real(y)


def istft(
    input,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    normalized=False,
    onesided=None,
    length=None,
    return_complex=False,
):
    """The inverse of stft(): signals (*, T) from (*, frequencies, frames), by least squares where frames overlap.

    The arguments are those of stft(); length cuts or fills the result. RuntimeError where the windows leave a sample out.

    >>> import steepest as torch
    >>> x = torch.arange(16.0)
    >>> y = torch.istft(torch.stft(x, 8, return_complex=True), 8)
    >>> torch.allclose(x, y, atol=1e-5)
    True
    """
    if not input.is_complex():
        raise RuntimeError(
            "istft requires a complex-valued input tensor matching the output from stft with return_complex=True."
        )
    hop_length = n_fft // 4 if hop_length is None else hop_length
    win_length = n_fft if win_length is None else win_length
    if input.ndim not in (2, 3):
        raise RuntimeError(f"istft: expected a tensor with 2 or 3 dimensions, but got {input.ndim}")
    x = input.unsqueeze(0) if input.ndim == 2 else input
    frequencies, frames = x.shape[-2:]
    onesided = frequencies != n_fft if onesided is None else onesided
    want = n_fft // 2 + 1 if onesided else n_fft
    if frequencies != want:
        raise RuntimeError(
            f"istft: expected the frequency dimension (3rd to the last) of the input tensor to match n_fft "
            f"{'/ 2 + 1 ' if onesided else ''}when onesided={onesided}, but got {frequencies}"
        )
    if not 0 < hop_length <= win_length:
        raise RuntimeError("istft: expected 0 < hop_length <= win_length")
    if not 0 < win_length <= n_fft:
        raise RuntimeError("istft: expected 0 < win_length <= n_fft")
    if return_complex and onesided:
        raise RuntimeError("complex output of istft needs onesided=False")
    window = _window("istft", window, win_length, n_fft, input.real.dtype)
    norm, columns = "ortho" if normalized else "backward", x.transpose(-1, -2)
    pieces = irfft(columns, n_fft, norm=norm) if onesided else ifft(columns, norm=norm)
    pieces = pieces if return_complex else pieces.real
    total = n_fft + hop_length * (frames - 1)
    y = _overlapped(pieces * window, total, hop_length)
    envelope = _overlapped((window * window).expand(1, frames, n_fft), total, hop_length)
    start = n_fft // 2 if center else 0
    end = start + length if length is not None else total - n_fft // 2 if center else total
    y, envelope = y[:, start:end], envelope[:, start:end]
    if not envelope.abs().min() > 1e-11:
        raise RuntimeError("window overlap add min: 1")
    y = y / envelope
    if length is not None and y.shape[-1] < length:
        y = pad(y, [0, length - y.shape[-1]])
    return y.squeeze(0) if input.ndim == 2 else y


def _padded(x, width, mode):
    if x.is_complex():
        return _C._complex(_padded(x.real, width, mode), _padded(x.imag, width, mode))
    return pad(x.unsqueeze(1), [width, width], mode=mode).squeeze(1)


def _overlapped(pieces, total, hop_length):
    """Pieces (B, frames, n) added hop_length after each other: (B, total)."""
    if pieces.is_complex():
        return _C._complex(_overlapped(pieces.real, total, hop_length), _overlapped(pieces.imag, total, hop_length))
    y = fold(pieces.transpose(-1, -2), (1, total), (1, pieces.shape[-1]), stride=(1, hop_length))
    return y.reshape(pieces.shape[0], total)
