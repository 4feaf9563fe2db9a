"""Types that can be named only: what they tell of themselves, and that there are no tensors of them."""

import copy
import pickle

import pytest

import steepest as torch

NAMED = """uint16 uint32 uint64 float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu complex32 qint8 quint8
qint32""".split()


@pytest.mark.parametrize("name", NAMED)
def test_what_they_tell(name):
    dtype = getattr(torch, name)
    assert isinstance(dtype, torch.dtype) and str(dtype) == f"torch.{name}" and {dtype: 1}[getattr(torch, name)] == 1
    assert copy.deepcopy(dtype) is dtype and pickle.loads(pickle.dumps(dtype)) is dtype
    assert dtype.is_floating_point == name.startswith("float") and dtype.is_complex == (name == "complex32")
    assert dtype.itemsize == {"16": 2, "32": 4, "64": 8}.get(name[-2:], 1) and dtype.is_signed == ("uint" not in name)
    assert dtype.to_real() is (torch.float16 if dtype.is_complex else dtype)


@pytest.mark.parametrize("make", [lambda d: torch.zeros(2, dtype=d), lambda d: torch.ones(2).to(d), lambda d: torch.tensor([1], dtype=d)])
def test_there_are_no_tensors_of_them(make):
    with pytest.raises(NotImplementedError, match="torch.uint16: steepest has no tensors of this dtype"):
        make(torch.uint16)


def test_limits():
    assert torch.iinfo(torch.uint32).max == 2**32 - 1 and torch.iinfo(torch.uint64).min == 0
    assert torch.finfo(torch.float8_e4m3fn).max == 448 and torch.finfo(torch.float8_e5m2).tiny == 2.0**-14
    assert str(torch.finfo(torch.complex32)) == str(torch.finfo(torch.float16))
    with pytest.raises(NotImplementedError, match='"epsilon" not implemented for \'Float4_e2m1fn_x2\''):
        torch.finfo(torch.float4_e2m1fn_x2)


def test_hash_is_the_identity():
    x = torch.ones(2)
    assert hash(x) == id(x)
