"""Tensor as a Python object: attributes, protocols, construction, conversion, devices, subclasses."""

import math

import numpy as np
import pytest

import steepest as torch


@pytest.fixture
def t():
    return torch.tensor([1.5, -2.75])


def test_shape_attributes():
    t = torch.zeros(2, 3)
    assert t.shape == t.size() == (2, 3) and isinstance(t.shape, torch.Size)
    assert (t.size(0), t.size(-1), t.size(dim=1), t.shape[0]) == (2, 3, 3, 2)
    assert (t.dim(), t.ndim, t.ndimension(), t.numel(), t.nelement(), len(t)) == (2, 2, 2, 6, 6, 2)
    assert (t.stride(), t.stride(0), t.t().stride()) == ((3, 1), 3, (1, 3))
    assert t.is_contiguous() and not t.t().is_contiguous()
    assert (t.element_size(), t.itemsize, t.nbytes, t[1:].storage_offset()) == (4, 4, 24, 3)
    assert t[1:].data_ptr() == t.data_ptr() + 12
    assert t.T.shape == t.mT.shape == t.H.shape == (3, 2)
    assert t.real is t and t.layout is torch.strided and t.device == torch.device("cpu")
    assert not (t.is_cuda or t.is_sparse or t.is_quantized or t.is_complex()) and t.is_cpu


def test_python_numbers(t):
    assert int(torch.tensor(3.7)) == 3 and float(torch.tensor(3)) == 3.0 and complex(torch.tensor(1.0)) == 1
    assert int(torch.tensor([3])) == 3 and float(torch.ones(1, 1)) == 1.0 and bool(torch.zeros(1)) is False
    assert [10, 20][torch.tensor(1)] == 20 and list(range(torch.tensor(3))) == [0, 1, 2]
    assert "ab" * torch.tensor(2) == "abab"
    assert math.sqrt(torch.tensor(4.0)) == 2.0
    assert abs(torch.tensor(-3)).item() == 3 and (~torch.tensor(True)).item() is False
    assert torch.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]] and torch.tensor(1.5).tolist() == 1.5
    assert torch.ones(0, 2).tolist() == [] and torch.ones(2, 0).tolist() == [[], []]
    assert type(torch.tensor(True).item()) is bool and type(torch.tensor(1).item()) is int


def test_format(t):
    pi = torch.tensor(3.14159)
    assert f"{pi:.2f}" == format(pi, ".2f") == "3.14"
    assert "%.2f" % pi == "3.14"  # noqa: UP031
    assert f"{t}" == "tensor([ 1.5000, -2.7500])" and f"{torch.ones(1):}" == "tensor([1.])"
    with pytest.raises(TypeError, match="unsupported format string passed to Tensor.__format__"):
        f"{t:.2f}"


def test_containers(t):
    assert 1.5 in t and 3 not in t and t[0] in t
    assert [v.item() for v in t] == [1.5, -2.75] and [v.item() for v in reversed(t)] == [-2.75, 1.5]
    a, b = torch.tensor([[1, 2], [3, 4]])
    assert a.tolist() == [1, 2] and b.tolist() == [3, 4]
    assert sum(torch.tensor([1, 2, 3])).item() == 6 and max(t).item() == 1.5
    assert [v.item() for v in sorted(torch.tensor([3, 1, 2]))] == [1, 2, 3]


def test_hash_goes_by_identity_and_equality_by_element(t):
    same = t.clone()
    assert {t: 1}[t] == 1 and same not in {t}
    assert (t == same).tolist() == [True, True] and (t != same).tolist() == [False, False]
    assert (t == "a") is False and (t == None) is False and (t != None) is True  # noqa: E711
    with pytest.raises(TypeError, match="'<' not supported between"):
        assert t < "a"
    assert hash(t) == hash(t) != hash(same)


def test_conversions(t):
    assert t.float() is t and t.to(torch.float32) is t and t.to("cpu") is t and t.cpu() is t and t.to(t) is t
    assert t.to(torch.float32, copy=True) is not t
    for convert, dtype in [
        (t.double, torch.float64),
        (t.half, torch.float16),
        (t.bfloat16, torch.bfloat16),
        (t.long, torch.int64),
        (t.int, torch.int32),
        (t.short, torch.int16),
        (t.char, torch.int8),
        (t.byte, torch.uint8),
        (t.bool, torch.bool),
    ]:
        assert convert().dtype is dtype and t.to(dtype).equal(convert()) and t.type(dtype).equal(convert())
    assert t.long().tolist() == [1, -2] and t.bool().tolist() == [True, True]
    assert t.to("cpu", torch.int32).dtype is t.to(dtype=torch.int32, device="cpu").dtype is torch.int32
    assert t.type() == "torch.FloatTensor" and t.type("torch.LongTensor").dtype is torch.int64
    assert t.type_as(torch.ones(1, dtype=torch.int8)).dtype is torch.int8
    with pytest.raises(ValueError, match="invalid type: 'foo'"):
        t.type("foo")


def test_nan_and_overflow_to_integers():
    wild = torch.tensor([float("nan"), float("inf"), -float("inf"), 3e10])
    lowest = -(2**31)
    assert wild.int().tolist() == [lowest, lowest, lowest, lowest]
    assert wild.long().tolist() == [-(2**63), -(2**63), -(2**63), 30000001024]
    assert wild.bool().tolist() == [True, True, True, True]
    assert torch.tensor([300, -129]).char().tolist() == [44, 127]
    assert torch.tensor([300.0, -1.0, 256.0]).byte().tolist() == [44, 255, 0]
    with pytest.raises(ValueError, match="cannot convert float NaN to integer"):
        int(torch.tensor(float("nan")))


def test_devices(t):
    assert not torch.cuda.is_available() and torch.cuda.device_count() == 0
    assert repr(torch.device("cpu")) == "device(type='cpu')" and str(torch.device("cuda", 1)) == "cuda:1"
    assert torch.device("cuda:3").index == 3 and torch.device("cpu").index is None
    assert torch.device("cpu") == torch.device("cpu") and torch.device("cpu") != "cpu"
    assert torch.zeros(1, device="cpu").device.type == "cpu" and t.get_device() == -1
    for use in (lambda: t.cuda(), lambda: t.to("cuda"), lambda: torch.zeros(1, device="cuda")):
        with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
            use()
    for name in ("nowhere", "cpu:x"):
        with pytest.raises(RuntimeError):
            t.to(name)
    with pytest.raises(RuntimeError, match="mps"):
        torch.zeros(1, device="mps")


def test_old_constructors():
    assert torch.Tensor(2, 3).shape == torch.Tensor(torch.Size([2, 3])).shape == (2, 3)
    assert torch.Tensor([2, 3]).tolist() == torch.Tensor((2, 3)).tolist() == [2.0, 3.0]
    assert torch.Tensor().shape == (0,) and torch.Tensor([[1, 2]]).dtype is torch.float32
    assert torch.LongTensor([1, 2]).dtype is torch.int64 and torch.FloatTensor(2, 3).shape == (2, 3)
    assert torch.LongTensor(np.int64(3), 4).shape == torch.FloatTensor(3, torch.tensor(4)).shape == (3, 4)
    assert torch.FloatTensor(np.int32(2)).shape == (2,) and torch.FloatTensor(range(2)).tolist() == [0.0, 1.0]
    for wrong in (True, 3.0, np.float32(2), {1, 2}):
        with pytest.raises(TypeError, match=r"new\(\): data must be a sequence"):
            torch.FloatTensor(wrong)
    for make in (torch.Tensor, torch.LongTensor):
        assert make(size=(2, 3)).shape == make(size=[2, 3], device="cpu").shape == make(2, 3, device=None).shape == (2, 3)
        assert make(data=[1, 2]).tolist() == [1, 2] and make(other=make([3])).tolist() == [3]
        refused = [(([1],), {"requires_grad": True}), ((2,), {"size": (3,)}), ((), {"size": 3}), (([1],), {"dtype": torch.int32})]
        for arguments, named in refused:
            with pytest.raises(TypeError, match=r"new\(\) received an invalid combination of arguments - got \("):
                make(*arguments, **named)
    assert torch.DoubleTensor([1]).dtype is torch.float64 and torch.BoolTensor([1, 0]).tolist() == [True, False]
    assert isinstance(torch.ones(1), torch.FloatTensor) and not isinstance(torch.ones(1), torch.LongTensor)
    shared = torch.ones(2)
    assert torch.Tensor(shared).data_ptr() == shared.data_ptr()
    with pytest.raises(TypeError):
        torch.Tensor(2.5)


def test_tensor_infers_dtypes():
    for data, dtype in [
        (3, torch.int64),
        (True, torch.bool),
        (2.0, torch.float32),
        ([True, 2], torch.int64),
        ([1, 2.0], torch.float32),
        ([], torch.float32),
        (range(3), torch.int64),
        ([torch.tensor(1.0), 2], torch.float32),
    ]:
        assert torch.tensor(data).dtype is dtype
    assert torch.tensor([[], []]).shape == (2, 0) and torch.tensor([range(2), range(2)]).shape == (2, 2)
    assert torch.tensor(1.7, dtype=torch.int64).item() == 1
    assert torch.tensor([1], dtype=float).dtype is torch.float64 and torch.tensor([1.5], dtype=int).tolist() == [1]
    assert torch.tensor(2**63 - 1).item() == 2**63 - 1
    with pytest.warns(UserWarning, match="To copy construct from a tensor"):
        torch.tensor(torch.ones(1))
    with pytest.raises(ValueError, match="expected sequence of length 2 at dim 1 \\(got 1\\)"):
        torch.tensor([[1, 2], [3]])


def test_default_dtype():
    try:
        torch.set_default_dtype(torch.float64)
        assert torch.ones(1).dtype is torch.tensor([1.0]).dtype is torch.Tensor([1]).dtype is torch.float64
        assert (torch.ones(1, dtype=torch.int64) / 2).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    with pytest.raises(TypeError, match="only floating-point types are supported as the default type"):
        torch.set_default_dtype(torch.int64)


def test_new_tensors_of_the_same_type():
    t = torch.ones(2, dtype=torch.float64)
    for new in (t.new_zeros(3), t.new_ones(3), t.new_empty(3), t.new_full((3,), 2), t.new_tensor([1, 2, 3]), t.new(3)):
        assert new.dtype is torch.float64 and new.shape == (3,)


def test_size_is_a_tuple():
    s = torch.Size([2, 3])
    assert s == (2, 3) and hash(s) == hash((2, 3)) and repr(s) == "torch.Size([2, 3])" and s.numel() == 6
    for other in (s[1:], s + (1,), (1,) + s, s * 2):
        assert type(other) is torch.Size
    assert type(s[0]) is int
    with pytest.raises(TypeError, match="torch.Size\\(\\) takes an iterable of 'int'"):
        torch.Size([1.5])


class Tagged(torch.Tensor):
    """A subclass with a method."""

    def total(self):
        return self.sum().item()


def test_subclasses():
    base = torch.ones(2)
    for t in (Tagged([1.0, 1.0]), Tagged(base), base.as_subclass(Tagged), torch.Tensor._make_subclass(Tagged, base)):
        assert type(t) is Tagged and isinstance(t, torch.Tensor) and t.total() == 2.0
    t.tag = "a"
    t.requires_grad_()
    (t * 2).sum().backward()
    assert t.grad.tolist() == [2.0, 2.0] and t.tag == "a"
    assert base.as_subclass(Tagged).data_ptr() == base.data_ptr()


def test_a_subclass_with_arguments_of_its_own():
    class Named(torch.Tensor):
        def __new__(cls, data, name):
            made = torch.Tensor._make_subclass(cls, data)
            made.name_ = name
            return made

        def __init__(self, data, name):
            super().__init__()

    assert Named(torch.ones(2), "w").name_ == "w"


def test_set_data_and_resize(t):
    view = t[:1]
    t.data = torch.zeros(3)
    assert t.tolist() == [0.0] * 3 and view.tolist() == [1.5]
    t.resize_(5)
    assert t.shape == (5,) and t[:3].tolist() == [0.0] * 3
    with pytest.raises(RuntimeError, match="cannot resize variables that require grad"):
        torch.ones(2, requires_grad=True).resize_(3)


def test_resizing_keeps_the_memory_where_it_is_long_enough():
    t = torch.arange(6.0)
    same = t.view(2, 3)
    assert t.resize_(2).data_ptr() == same.data_ptr() and t.resize_(3, 2).tolist() == [[0, 1], [2, 3], [4, 5]]
    t[0, 0] = 9
    assert same[0, 0] == 9
    assert same.t().resize_(4).tolist() == [9, 1, 2, 3] and same.t().resize_(3, 2).stride() == (1, 3)
    assert same[1].resize_(2).tolist() == [3, 4] and same[1].resize_(4)[:3].tolist() == [3, 4, 5]
    assert torch.empty(0).resize_(2, 0).shape == (2, 0) and torch.tensor(True).resize_(1).tolist() == [True]


def test_limits():
    f, i = torch.finfo(torch.float32), torch.iinfo(torch.int32)
    assert (f.eps, f.max, f.min, f.tiny, f.bits) == (2.0**-23, (2 - 2.0**-23) * 2.0**127, -f.max, 2.0**-126, 32)
    assert (i.max, i.min, i.bits) == (2**31 - 1, -(2**31), 32)
    assert torch.finfo(torch.bfloat16).eps == 2.0**-7 and torch.iinfo(torch.uint8).max == 255
    assert str(i) == "iinfo(min=-2.14748e+09, max=2.14748e+09, dtype=int32)"
    floats = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
    assert [torch.finfo(type=dtype).resolution for dtype in floats] == [1e-3, 1e-2, 1e-6, 1e-15]
    for wrong, text in (
        (lambda: torch.finfo(3), "finfo(): argument 'type' (position 1) must be torch.dtype, not int"),
        (lambda: torch.iinfo("int8"), "iinfo(): argument 'type' (position 1) must be torch.dtype, not str"),
        (lambda: torch.finfo(torch.int32), "Use torch.iinfo to handle 'torch.finfo'"),
        (lambda: torch.iinfo(torch.bool), "torch.bool is not supported by torch.iinfo"),
    ):
        with pytest.raises(TypeError) as caught:
            wrong()
        assert text in str(caught.value)


def test_predicates():
    t = torch.ones(2, 3)
    assert torch.is_tensor(t) and not torch.is_tensor(1) and torch.is_floating_point(t) and torch.numel(t) == 6
    assert torch.broadcast_shapes((2, 1), (1, 3)) == (2, 3) and torch.broadcast_shapes(2, (3, 1)) == (3, 2)
    assert torch.result_type(torch.ones(1, dtype=torch.int32), 1.0) is torch.float32
    assert torch.promote_types(torch.int32, torch.float32) is torch.float32
    assert not torch.can_cast(torch.float32, torch.int32) and torch.typename(t) == "torch.FloatTensor"
    assert torch.is_nonzero(torch.tensor(1)) and torch.typename(3) == "int"
    with pytest.raises(RuntimeError, match="Boolean value of Tensor with no values is ambiguous"):
        torch.is_nonzero(torch.ones(0))
    with pytest.raises(RuntimeError, match="Attempting to broadcast a dimension of length 3 at -1"):
        torch.broadcast_shapes((2,), (3,))
    with pytest.raises(ValueError, match="Attempting to broadcast a dimension with negative length!"):
        torch.broadcast_shapes((-1,))


def test_tensors_within_sequences_count_as_numbers():
    one = torch.ones(1)
    assert torch.tensor([one, 2.0]).tolist() == [1.0, 2.0] and torch.tensor([[one], [torch.ones(1, 1)]]).shape == (2, 1)
    with pytest.raises(ValueError, match="only one element tensors can be converted to Python scalars"):
        torch.tensor([torch.ones(2), torch.ones(2)])


def test_functions_of_python_on_elements():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert x.t().apply_(lambda v: 10 * v) is not None
    assert x.tolist() == [[10, 20], [30, 40]]
    assert x.map_(torch.tensor([1.0, 2.0]), lambda a, b: a + b).tolist() == [[11, 22], [31, 42]]
    with pytest.raises(RuntimeError, match=r"Can't call apply_\(\) on Variable that requires grad"):
        x.requires_grad_().apply_(abs)


def test_fill_diagonal():
    assert torch.zeros(2, 3).fill_diagonal_(1).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert torch.zeros(7, 2).fill_diagonal_(1, wrap=True).sum(1).tolist() == [1, 1, 0, 1, 1, 0, 1]
    assert torch.zeros(2, 2, 2).fill_diagonal_(3).sum() == 6
    with pytest.raises(RuntimeError, match="all dimensions of input must be of equal length"):
        torch.zeros(2, 3, 2).fill_diagonal_(1)
    with pytest.raises(RuntimeError, match="dimensions must larger than 1"):
        torch.zeros(2).fill_diagonal_(1)


def test_parameters_by_place_and_by_name():
    x, y = torch.tensor([1.0, -2.0]), torch.tensor([0.5, 4.0])
    expected = torch.add(x, y * 2)
    for alpha in (2, 2.0, np.float64(2), torch.tensor(2)):
        assert torch.add(x, y, alpha=alpha).equal(expected) and torch.add(input=x, other=y, alpha=alpha).equal(expected)
        assert x.clone().add_(other=y, alpha=alpha).equal(expected) and x.add(alpha=alpha, other=y).equal(expected)
    assert torch.lerp(x, y, 0.5).equal(x.lerp(end=y, weight=0.5)) and x.lerp(y, torch.tensor(0.5)).equal(torch.lerp(x, y, weight=0.5))
    assert torch.addcmul(x, x, y, value=2).equal(x.addcmul(tensor2=y, tensor1=x, value=2.0))
    assert torch.nn.functional.leaky_relu(x, 0.5).tolist() == torch.nn.functional.leaky_relu(x, negative_slope=0.5).tolist() == [1.0, -1.0]
    for call in (
        lambda: torch.add(x, y, 2, 3),
        lambda: torch.add(x, y, beta=2),
        lambda: torch.add(x, alpha=2),
        lambda: torch.add(x, y, other=y),
        lambda: torch.lerp(x, y, "1"),
        lambda: x.addcmul(x, y, y),
    ):
        with pytest.raises(TypeError):
            call()
