"""Complex tensors: arithmetic against numpy, gradients against finite differences of the parts, and what is refused."""

import numpy as np
import pytest

import steepest as torch

RNG = np.random.default_rng(0)
SHAPE = (3, 4)
Z, W = (RNG.standard_normal(SHAPE) + 1j * RNG.standard_normal(SHAPE) for _ in range(2))
R = RNG.standard_normal(SHAPE)

# Of z and w, complex, and r, real; evaluated with tensors and, where np differs, with the second text in numpy.
FORMULAS = [
    "z + w", "z - w", "z * w", "z / w", "-z", "2 * z", "z * (1 + 2j)", "1j / z", "r * z", "r + 1j", "z - r", "r / z",
    "z ** 2", "z ** 0.5", "z ** w", "2.0 ** z", "z ** (1 + 1j)", "z @ w.T", "z[1:] * w[:2]", "z.T * w.reshape(4, 3)",
    "(z * w).real", "(z / w).imag", "z.real * z", "z.conj() * w", "z.sum()", "z.mean(0)", "z.cumsum(1)", "z.reshape(2, 6)",
]
FUNCTIONS = "exp log sqrt sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh arctanh square reciprocal abs angle".split()
TEXTS = FORMULAS + [f"m.{name}(z)" for name in FUNCTIONS]


def value(text, arrays, module, convert):
    z, w, r = map(convert, arrays)
    return eval(text, {"z": z, "w": w, "r": r, "m": module})


@pytest.mark.parametrize("precision", ["complex64", "complex128"])
@pytest.mark.parametrize("text", TEXTS)
def test_values(text, precision):
    arrays = [Z.astype(precision), W.astype(precision), R.astype(precision).real.copy()]
    got, want = value(text, arrays, torch, torch.from_numpy), np.asarray(value(text, arrays, np, lambda a: a))
    assert tuple(got.shape) == want.shape and str(got.dtype).removeprefix("torch.") == want.dtype.name
    places = 40 * np.finfo(want.dtype).eps
    np.testing.assert_allclose(got.numpy(), want, rtol=places, atol=places)


def loss(y):
    weights = torch.linspace(0.5, 1.5, max(y.numel(), 1), dtype=torch.float64)[: y.numel()].reshape(y.shape)
    return ((y.real + 0.7 * y.imag) * weights).sum() if y.is_complex() else (y * weights).sum()


def differences(f, arrays, k):
    """dL/d(re) + i dL/d(im) of array k, by central differences of its parts."""
    out = np.zeros_like(arrays[k])
    for at in np.ndindex(out.shape):
        for unit in (1, 1j) if np.iscomplexobj(out) else (1,):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [a.copy() for a in arrays]
                moved[k][at] += step * unit
                ends.append(f(moved).item())
            out[at] += unit * (ends[0] - ends[1]) / 2e-6
    return out


@pytest.mark.parametrize("text", TEXTS)
def test_gradients(text):
    arrays = [Z, W, R]

    def f(given):
        return loss(value(text, given, torch, torch.from_numpy))

    leaves = [torch.from_numpy(a.copy()).requires_grad_() for a in arrays]
    loss(value(text, leaves, torch, lambda t: t)).backward()
    for k, leaf in enumerate(leaves):
        if leaf.grad is not None:
            assert leaf.grad.dtype is leaf.dtype
            np.testing.assert_allclose(leaf.grad.numpy(), differences(f, arrays, k), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("text", ["z * w", "z ** 3", "m.exp(z) / w", "m.abs(z)", "z @ w.T"])
def test_second_derivatives(text):
    def slope(arrays, leaf=None):
        z = torch.from_numpy(arrays[0].copy()).requires_grad_() if leaf is None else leaf
        y = eval(text, {"z": z, "w": torch.from_numpy(arrays[1]), "m": torch})
        return loss(torch.autograd.grad(loss(y), z, create_graph=True)[0])

    z = torch.from_numpy(Z.copy()).requires_grad_()
    total = slope([Z, W], z)
    if total.requires_grad:
        total.backward()
    got = z.grad.numpy() if z.grad is not None else 0 * Z
    np.testing.assert_allclose(got, differences(lambda a: slope(a).detach(), [Z, W], 0), rtol=1e-5, atol=1e-5)


def test_parts_share_memory():
    z = torch.zeros(2, dtype=torch.complex64)
    z.real[0], z.imag[1] = 2.0, 3.0
    torch.view_as_real(z)[0, 1] = 1.0
    assert z.tolist() == [2 + 1j, 3j] and torch.view_as_complex(torch.view_as_real(z)).data_ptr() == z.data_ptr()


def test_made_and_joined():
    assert torch.randn(3, dtype=torch.cfloat).dtype is torch.complex64 and torch.rand(2, dtype=torch.complex128).imag.min() >= 0
    z = torch.tensor([1 + 2j, 3j])
    assert repr(z) == "tensor([1.+2.j, 0.+3.j])" and z.type() == "torch.ComplexFloatTensor" and complex(z[0]) == 1 + 2j
    assert torch.cat([z, z]).shape == (4,) and torch.stack([z, z]).mH.equal(torch.stack([z, z]).T.conj())
    assert torch.vdot(z, z).item() == 14 and z.norm().item() == pytest.approx(14**0.5)
    assert (z == torch.tensor([1 + 2j, 0])).tolist() == [True, False] and z.any() and not torch.isnan(z).any()
    assert torch.where(torch.tensor([True, False]), z, 0).tolist() == [1 + 2j, 0]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("z < w", NotImplementedError, "\"lt_cpu\" not implemented for 'ComplexDouble'"),
        ("m.relu(z)", NotImplementedError, "ComplexDouble"),
        ("z.sort()", RuntimeError, "does not support complex dtypes"),
        ("(z.requires_grad_() * w).sum().backward()", RuntimeError, "only for real scalar outputs but got torch.complex128"),
        ("r.imag", RuntimeError, "imag is not implemented for tensors with non-complex dtypes"),
        ("m.complex(r, r, out=r)", RuntimeError, "Expected object of scalar type ComplexDouble but got scalar type Double"),
        ("m.complex(r, r.int())", RuntimeError, "Expected both inputs to be Half, Float or Double tensors"),
    ],
)
def test_refused(text, kind, words):
    with pytest.raises(kind) as error:
        value(text, [Z.copy(), W, R], torch, torch.from_numpy)
    assert words in str(error.value)


def test_many_elements_in_any_layout():
    z = (RNG.standard_normal((300, 700)) + 1j * RNG.standard_normal((300, 700))).astype("complex128")
    a, b = torch.from_numpy(z), torch.from_numpy(z.T.copy()).T
    np.testing.assert_allclose((a * b[:, :1] + b).numpy(), z * z[:, :1] + z)
    np.testing.assert_allclose((a.T * 2j).numpy(), z.T * 2j)
