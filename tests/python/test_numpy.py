"""Memory shared with numpy and through DLPack: both ways, lifetimes, dtypes, and what numpy has that tensors have not."""

import gc
import re
import subprocess
import sys

import numpy as np
import pytest

import steepest as torch

DTYPES = [
    (torch.bool, np.bool_),
    (torch.uint8, np.uint8),
    (torch.int8, np.int8),
    (torch.int16, np.int16),
    (torch.int32, np.int32),
    (torch.int64, np.int64),
    (torch.float16, np.float16),
    (torch.float32, np.float32),
    (torch.float64, np.float64),
]


@pytest.mark.parametrize(("ours", "theirs"), DTYPES, ids=[str(d) for d, _ in DTYPES])
def test_dtypes_both_ways(ours, theirs):
    t = torch.ones(3, dtype=ours)
    assert t.numpy().dtype == theirs
    assert torch.from_numpy(np.ones(3, dtype=theirs)).dtype is ours
    assert torch.from_numpy(t.numpy()).equal(t)


def test_numpy_shares_memory():
    t = torch.arange(6.0).view(2, 3)
    n = t.numpy()
    n[0, 0] = 9
    t.add_(1)
    assert t[0, 0].item() == 10 and n[1, 2] == 6
    assert t.t().numpy().strides == (4, 12) and t[:, 1].numpy().tolist() == [2.0, 5.0]
    assert torch.tensor(5).numpy().shape == () and torch.zeros(0, 3).numpy().shape == (0, 3)


def test_from_numpy_shares_memory():
    n = np.arange(6.0).reshape(2, 3)
    t = torch.from_numpy(n)
    t[0, 0] = 9
    n[1, 2] = 7
    assert n[0, 0] == 9 and t[1, 2].item() == 7
    assert torch.from_numpy(n.T).stride() == (1, 3) and torch.from_numpy(n[:, ::2]).stride() == (3, 2)
    assert torch.from_numpy(np.zeros((0, 2))).shape == (0, 2)


def test_memory_lives_as_long_as_either_side():
    n = torch.full((1000,), 3.0).numpy()
    t = torch.from_numpy(np.full(1000, 4.0))
    gc.collect()
    torch.empty_cache()
    filler = [torch.zeros(1000) for _ in range(10)]
    assert (n == 3).all() and (t == 4).all() and len(filler) == 10


def test_arrays_are_freed():
    import weakref

    n = np.zeros(10)
    gone = weakref.ref(n)
    t = torch.from_numpy(n)
    view = t[2:]
    del n, t
    assert gone() is not None
    del view
    assert gone() is None


def test_recording_tensors_have_no_numpy():
    x = torch.ones(2, requires_grad=True)
    for convert in (lambda: x.numpy(), lambda: np.asarray(x), lambda: np.array(x)):
        with pytest.raises(RuntimeError, match="Can't call numpy\\(\\) on Tensor that requires grad. Use tensor.detach"):
            convert()
    assert x.numpy(force=True).tolist() == [1.0, 1.0]
    with pytest.raises(TypeError, match="Got unsupported ScalarType BFloat16"):
        torch.ones(1, dtype=torch.bfloat16).numpy()


@pytest.mark.parametrize(
    ("array", "kind", "text"),
    [
        (np.arange(4)[::-1], ValueError, "At least one stride in the given numpy array is negative"),
        (np.zeros((2, 2))[:, ::-1], ValueError, "tensors with negative strides are not currently supported"),
        (np.array(["a"]), TypeError, "can't convert np.ndarray of type numpy.str_"),
        (np.array([None]), TypeError, "can't convert np.ndarray of type numpy.object_"),
        (np.zeros(2, "M8[s]"), TypeError, "can't convert np.ndarray of type numpy.datetime64"),
        (np.zeros(2, [("a", "f4"), ("b", "i4")]), TypeError, "can't convert np.ndarray of type numpy.void"),
        (np.zeros(2, ">f4"), ValueError, "given numpy array has byte order different from the native byte order"),
        (np.zeros(2, [("a", "f4"), ("b", "i1")])["a"], ValueError, "strides not a multiple of the element byte size"),
        ([1, 2], TypeError, "expected np.ndarray (got list)"),
        (np.float32(3), TypeError, "expected np.ndarray (got numpy.float32)"),
    ],
)
def test_from_numpy_refuses(array, kind, text):
    with pytest.raises(kind) as caught:
        torch.from_numpy(array)
    assert text in str(caught.value)


def test_tensor_copies_arrays():
    n = np.arange(3)
    t = torch.tensor(n)
    n[0] = 9
    assert t.tolist() == [0, 1, 2] and t.dtype is torch.int64
    assert torch.as_tensor(n).data_ptr() == n.ctypes.data
    assert torch.as_tensor(n, dtype=torch.float32).tolist() == [9.0, 1.0, 2.0]
    assert torch.asarray(n).data_ptr() == n.ctypes.data and torch.asarray(n, copy=True).data_ptr() != n.ctypes.data
    assert torch.tensor(np.arange(4)[::-1].copy()).tolist() == [3, 2, 1, 0]


def test_copies_of_dense_arrays_have_their_strides():
    n = np.asfortranarray(np.arange(6.0).reshape(3, 2))
    for t in (torch.tensor(n), torch.tensor(n, dtype=torch.float32), torch.asarray(n, copy=True), torch.tensor(n).float()):
        assert t.stride() == (1, 3) and t.tolist() == n.tolist()
    assert torch.tensor(n[::2]).stride() == (1, 2) and torch.tensor(np.zeros((4, 4))[:, ::2]).stride() == (2, 1)
    torch.manual_seed(0)
    flat = torch.randn(6, dtype=torch.float64)
    torch.manual_seed(0)
    assert torch.equal(torch.randn_like(torch.tensor(n)), flat.reshape(2, 3).T)


@pytest.mark.filterwarnings("ignore:Creating a tensor from a list of numpy.ndarrays")
@pytest.mark.parametrize("made", [np.float32, np.float64, np.int32, np.uint8, np.bool_])
def test_lists_of_arrays(made):
    rows = [n.astype(made) for n in (np.arange(6).reshape(2, 3), np.arange(12).reshape(2, 6)[:, ::2], np.arange(6)[::-1].reshape(2, 3))]
    t = torch.tensor(rows)
    assert t.dtype is torch.tensor(rows[0]).dtype and t.tolist() == [r.tolist() for r in rows]
    assert torch.tensor([r[:, ::-1] for r in rows]).tolist() == [r[:, ::-1].tolist() for r in rows]
    assert torch.tensor([tuple(r) for r in rows], dtype=torch.float64).tolist() == [r.astype(float).tolist() for r in rows]
    assert torch.tensor([rows[0], rows[0].tolist()], dtype=torch.float32).tolist() == [rows[0].astype(float).tolist()] * 2


@pytest.mark.filterwarnings("ignore:Creating a tensor from a list of numpy.ndarrays")
def test_lists_of_arrays_that_do_not_fit():
    assert torch.tensor([np.arange(3), np.arange(3)], dtype=torch.uint8).tolist() == [[0, 1, 2]] * 2
    with pytest.raises(RuntimeError, match="value cannot be converted to type uint8 without overflow"):
        torch.tensor([np.arange(254, 258)], dtype=torch.uint8)
    with pytest.raises(ValueError, match=re.escape("expected sequence of length 2 at dim 1 (got 3)")):
        torch.tensor([np.ones(2), np.ones(3)])
    with pytest.raises(TypeError, match="not a sequence"):
        torch.tensor([np.ones((2, 2)), np.ones(2)])
    with pytest.raises(TypeError, match="can't convert np.ndarray of type numpy.object_"):
        torch.tensor([np.array([1], dtype=object)])


def test_arrays_that_may_not_be_copied():
    n = np.arange(3)
    assert torch.asarray(n, copy=False).data_ptr() == torch.asarray(torch.from_numpy(n), copy=False).data_ptr() == n.ctypes.data
    for obj in ([1, 2], 3, range(2)):
        with pytest.raises(ValueError, match="can't alias arbitrary sequence into a tensor"):
            torch.asarray(obj, copy=False)
    for obj in (np.ones(2), torch.ones(2).double()):
        with pytest.raises(ValueError, match="can't alias tensor with dtype 'Double' into dtype 'Float'."):
            torch.asarray(obj, dtype=torch.float32, copy=False)
    with pytest.raises(RuntimeError, match="can't alias NumPy scalars"):
        torch.asarray(np.float32(2), copy=False)


def test_numpy_numbers():
    assert torch.tensor(np.float64(3.5)).dtype is torch.float64
    assert torch.tensor(np.int32(3)).dtype is torch.int32
    assert torch.tensor([np.float32(1), np.float32(2)]).dtype is torch.float32
    t = torch.ones(2)
    for product in (t * np.float64(2), t * np.float32(2), t * np.int64(2)):
        assert product.tolist() == [2.0, 2.0] and product.dtype is torch.float32


def test_numpy_functions_take_tensors():
    t = torch.tensor([1.0, 4.0])
    assert isinstance(np.sqrt(t), torch.Tensor) and np.sqrt(t).tolist() == [1.0, 2.0]
    assert np.asarray(t, dtype=np.int32).tolist() == [1, 4]
    assert np.array(t).flags.owndata and t.__array__(np.float64).dtype == np.float64
    assert np.stack([t, t]).shape == (2, 2) and np.allclose(t, t)
    assert (np.ones(2) + t.numpy()).tolist() == [2.0, 5.0]
    assert isinstance(np.add(t, 1), torch.Tensor)


def test_dlpack_shares_memory_both_ways():
    t = torch.arange(4.0)
    n = np.from_dlpack(t)
    n[0] = 7
    assert t[0].item() == 7
    s = torch.from_dlpack(t)
    s[1] = 8
    assert n[1] == 8
    a = np.arange(6).reshape(2, 3)
    back = torch.from_dlpack(a.T)
    back[0, 1] = 9
    assert back.stride() == (1, 3) and a[1, 0] == 9
    assert np.from_dlpack(torch.zeros(2, 3).t()).strides == (4, 12)
    assert t.__dlpack_device__() == (1, 0)


@pytest.mark.parametrize(("dtype", "theirs"), DTYPES, ids=[str(d) for d, _ in DTYPES])
def test_dlpack_dtypes(dtype, theirs):
    t = torch.ones(2, dtype=dtype)
    assert np.from_dlpack(t).dtype == theirs
    assert torch.from_dlpack(t).equal(t)
    assert torch.from_dlpack(np.ones(2, dtype=theirs)).dtype is dtype


def test_dlpack_capsules_are_used_once():
    t = torch.ones(2)
    for capsule in (t.__dlpack__(), t.__dlpack__(max_version=(1, 0))):
        assert torch.from_dlpack(capsule).tolist() == [1.0, 1.0]
        with pytest.raises(RuntimeError, match="from_dlpack received an invalid capsule"):
            torch.from_dlpack(capsule)
    t.__dlpack__()  # never taken: freed with its capsule
    with pytest.raises(BufferError, match="Can't export tensors that require gradient"):
        torch.ones(2, requires_grad=True).__dlpack__()
    with pytest.raises(RuntimeError, match="from_dlpack received an invalid capsule"):
        torch.from_dlpack(3)


def test_dlpack_keeps_memory_alive():
    n = np.from_dlpack(torch.full((1000,), 3.0))
    t = torch.from_dlpack(np.full(1000, 4.0))
    gc.collect()
    filler = [torch.zeros(1000) for _ in range(10)]
    assert (n == 3).all() and (t == 4).all() and len(filler) == 10


def test_buffers_become_tensors():
    memory = bytearray(range(10))
    x = torch.frombuffer(memory, dtype=torch.int16, offset=2, count=2)
    assert x.tolist() == [2 + 256 * 3, 4 + 256 * 5]
    x[0] = 0
    assert memory[2] == memory[3] == 0
    assert torch.frombuffer(memory, dtype=torch.int16, offset=5, count=2).tolist() == [5 + 256 * 6, 7 + 256 * 8]
    assert torch.frombuffer(memory, dtype=torch.float32, count=1, requires_grad=True).requires_grad
    with pytest.warns(UserWarning, match="The given buffer is not writable"):
        assert torch.frombuffer(b"abc", dtype=torch.int8).tolist() == [97, 98, 99]
    for text, arguments in {
        "buffer length (10 bytes) after offset (0 bytes) must be a multiple of element size (4)": {},
        "requested buffer length (3 * 4 bytes) after offset (0 bytes) must not be greater than actual buffer length (10 ": {"count": 3},
        "both buffer length (10) and count (0) must not be 0": {"count": 0},
        "offset (10 bytes) must be non-negative and no greater than buffer length (10 bytes) minus 1": {"offset": 10},
    }.items():
        with pytest.raises(ValueError, match=re.escape(text)):
            torch.frombuffer(memory, dtype=torch.int32, **arguments)
    with pytest.raises(ValueError, match="object does not implement Python buffer protocol"):
        torch.frombuffer(3, dtype=torch.int8)


def test_a_range_that_includes_its_end():
    with pytest.warns(UserWarning, match="torch.range is deprecated"):
        assert torch.range(0, 3).tolist() == [0, 1, 2, 3] and torch.range(1, 2, 0.5).tolist() == [1, 1.5, 2]
        assert torch.range(0, 5, 2, dtype=torch.int64).tolist() == [0, 2, 4] and torch.range(3, 1, -1).tolist() == [3, 2, 1]
    with pytest.warns(UserWarning), pytest.raises(RuntimeError, match="inconsistent with step sign"):
        torch.range(0, -1)


WITHOUT = """
import sys
import steepest as torch
x = torch.randn(3, 2000)
print(x.shape, len(repr(x)) > 100, torch.tensor([[1.5, 2], [3, 4]])[[0, 1]].sum().item(), torch.as_tensor([1, 2]), x[0] == "x")
model = torch.nn.Linear(4, 2)
optimizer = torch.optim.Adam(model.parameters())
model(torch.ones(1, 4)).sum().backward()
optimizer.step()
print(torch.finfo(torch.float32).eps, "numpy" in sys.modules)
import numpy
print(torch.tensor(numpy.float32(2)), torch.ones(1) * numpy.float64(3), torch.as_tensor(numpy.ones(1)))
"""


def test_it_is_not_imported_until_it_is_used():
    run = subprocess.run([sys.executable, "-W", "error", "-c", WITHOUT], capture_output=True, text=True, check=True)
    lines = run.stdout.splitlines()
    assert lines[0] == "torch.Size([3, 2000]) True 10.5 tensor([1, 2]) False"
    assert lines[1] == "1.1920928955078125e-07 False"
    assert lines[2] == "tensor(2.) tensor([3.]) tensor([1.], dtype=torch.float64)"


def test_nothing_is_recorded_under_no_grad_so_that_arrays_may_share_memory():
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        for array in (x.numpy(), np.asarray(x)):
            assert np.shares_memory(array, x.detach().numpy())
        assert np.sin(x).tolist() == pytest.approx([np.sin(1)] * 2)
