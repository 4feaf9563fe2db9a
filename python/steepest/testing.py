"""Help for tests: assert_close, which says how and where values differ, and make_tensor, which draws random inputs."""

from __future__ import annotations

import cmath
import collections.abc
import contextlib
import math
import warnings

import numpy as np

import steepest as st

__all__ = ["assert_allclose", "assert_close", "make_tensor"]

_TOLERANCES = {  # dtype: (rtol, atol); any other dtype is compared exactly
    "torch.float16": (1e-3, 1e-5),
    "torch.bfloat16": (1.6e-2, 1e-5),
    "torch.float32": (1.3e-6, 1e-5),
    "torch.float64": (1e-7, 1e-7),
    "torch.complex64": (1.3e-6, 1e-5),
    "torch.complex128": (1e-7, 1e-7),
}
_ALLCLOSE_TOLERANCES = {"torch.float16": (1e-3, 1e-3), "torch.float32": (1e-4, 1e-5), "torch.float64": (1e-5, 1e-8)}
_NUMBER_DTYPES = {int: "torch.int64", float: "torch.float64", complex: "torch.complex128"}
_ATTRIBUTES = ("layout", "stride()", "device", "dtype")


class _Mismatch(Exception):
    """What the caller will see: the exception's type, its message, and the path to the item inside containers."""

    def __init__(self, message, path, kind=AssertionError):
        super().__init__(message)
        self.message, self.path, self.kind = message, path, kind

    def error(self, msg=None):
        if isinstance(msg, str):
            return self.kind(msg)
        text = self.message
        if self.path:
            text += "\n\nThe failure occurred for item " + "".join(f"[{key!r}]" for key in self.path)
        return self.kind(msg(text) if callable(msg) else text)


def assert_close(
    actual,
    expected,
    *,
    allow_subclasses=True,
    rtol=None,
    atol=None,
    equal_nan=False,
    check_device=True,
    check_dtype=True,
    check_layout=True,
    check_stride=False,
    msg=None,
):
    """Assert ``|actual - expected| <= atol + rtol * |expected|`` for every element.

    Args:
        actual, expected: tensors, numbers, array-likes of one type, or (nested) sequences and mappings of them.
        allow_subclasses: whether a tensor may be compared with an instance of a subclass.
        rtol, atol: both or neither. By default float16 1e-3, 1e-5; bfloat16 1.6e-2, 1e-5; float32 1.3e-6, 1e-5;
            float64 1e-7, 1e-7; the rest exact. Of two dtypes the looser one counts.
        equal_nan: whether NaN equals NaN.
        check_device, check_dtype, check_layout, check_stride: which attributes must agree besides the shape.
        msg: the text of the error, or a function that makes it from the generated one.

    Raises:
        AssertionError: where values, shapes, attributes, lengths or keys differ.
        ValueError: for only one of ``rtol`` and ``atol``.
        TypeError: for two inputs that cannot be compared.

    Example:
        >>> import steepest as torch
        >>> torch.testing.assert_close(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.5]))
        Traceback (most recent call last):
        ...
        AssertionError: Tensor-likes are not close!
        <BLANKLINE>
        Mismatched elements: 1 / 2 (50.0%)
        Greatest absolute difference: 0.5 at index (1,) (up to 1e-05 allowed)
        Greatest relative difference: 0.20000000298023224 at index (1,) (up to 1.3e-06 allowed)
    """
    __tracebackhide__ = True
    checked = dict(zip(_ATTRIBUTES, (check_layout, check_stride, check_device, check_dtype)))
    comparison = _Comparison(allow_subclasses, rtol, atol, equal_nan, checked)
    try:
        comparison.pair(actual, expected, ())
    except _Mismatch as mismatch:
        # Structure is checked before any value; `msg` is about values only.
        raise mismatch.error() from None
    for compare, arguments in comparison.pairs:
        try:
            compare(*arguments)
        except _Mismatch as mismatch:
            raise mismatch.error(msg) from None


class _Comparison:
    """The options of one assert_close call and the pairs of leaves found in its two arguments."""

    def __init__(self, allow_subclasses, rtol, atol, equal_nan, checked):
        self.allow_subclasses, self.equal_nan, self.checked = allow_subclasses, equal_nan, checked
        self.rtol, self.atol = rtol, atol
        self.pairs = []

    def pair(self, actual, expected, path):
        both = (actual, expected)
        if _both(both, collections.abc.Sequence) and not any(isinstance(x, str) for x in both):
            if len(actual) != len(expected):
                raise _Mismatch(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}", path)
            for index, items in enumerate(zip(actual, expected)):
                self.pair(*items, (*path, index))
        elif _both(both, collections.abc.Mapping):
            for key in _shared_keys(actual, expected, path):
                self.pair(actual[key], expected[key], (*path, key))
        else:
            self.leaf(actual, expected, path)

    def leaf(self, actual, expected, path):
        both = (actual, expected)
        if actual is None or expected is None:
            self.pairs.append((_compare_identity, ("None", actual, expected, path)))
        elif _both(both, (bool, np.bool_)):
            self.pairs.append((_compare_identity, ("Booleans", bool(actual), bool(expected), path)))
        elif _both(both, (int, float, complex, np.number)) and not any(isinstance(x, bool) for x in both):
            numbers = [x.item() if isinstance(x, np.number) else x for x in both]
            dtypes = [next(name for kind, name in _NUMBER_DTYPES.items() if isinstance(x, kind)) for x in numbers]
            self.pairs.append((self.compare_numbers, (*numbers, *self.tolerances(dtypes, path), path)))
        else:
            tensors = self.as_tensors(actual, expected)
            if tensors is None:
                text = f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}."
                raise _Mismatch(text, path, TypeError)
            bounds = self.tolerances([str(x.dtype) for x in tensors], path)
            self.pairs.append((self.compare_tensors, (*tensors, *bounds, path)))

    def as_tensors(self, actual, expected):
        related = isinstance(actual, type(expected)) or isinstance(expected, type(actual))
        if not related or not (self.allow_subclasses or type(actual) is type(expected)):
            return None
        try:
            return [x if isinstance(x, st.Tensor) else st.as_tensor(x) for x in (actual, expected)]
        except Exception:  # whatever the constructor dislikes, it is not a tensor-like
            return None

    def tolerances(self, dtypes, path):
        if (self.rtol is None) != (self.atol is None):
            missing = "rtol" if self.rtol is None else "atol"
            text = f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {missing}."
            raise _Mismatch(text, path, ValueError)
        return _loosest(dtypes, _TOLERANCES) if self.rtol is None else (self.rtol, self.atol)

    def compare_numbers(self, actual, expected, rtol, atol, path):
        if self.checked["dtype"] and type(actual) is not type(expected):
            raise _Mismatch(f"The (d)types do not match: {type(actual)} != {type(expected)}.", path)
        if actual == expected or (self.equal_nan and cmath.isnan(actual) and cmath.isnan(expected)):
            return
        difference = abs(actual - expected)
        if not (cmath.isfinite(difference) and difference <= atol + rtol * abs(expected)):
            raise _Mismatch(_scalar_text(actual, expected, rtol, atol), path)

    def compare_tensors(self, actual, expected, rtol, atol, path):
        self.compare_attributes(actual, expected, path)
        if actual.is_sparse or expected.is_sparse:
            actual, expected = actual.to_dense(), expected.to_dense()
        dtype = st.promote_types(actual.dtype, expected.dtype)
        pair = [_Values(x, dtype) for x in (actual, expected)]
        matches = _isclose(*pair, rtol, atol, self.equal_nan)
        if matches.all():
            return
        if actual.dim() == 0:
            raise _Mismatch(_scalar_text(*(x.array.item() for x in pair), rtol, atol), path)
        raise _Mismatch(_tensor_text(*pair, matches, rtol, atol), path)

    def compare_attributes(self, actual, expected, path):
        for name in ("shape", *_ATTRIBUTES):
            if not self.checked.get(name, True):
                continue
            one, other = (x.stride() if name == "stride()" else getattr(x, name) for x in (actual, expected))
            if one != other:
                raise _Mismatch(f"The values for attribute '{name}' do not match: {one} != {other}.", path)


def _both(values, kind):
    return all(isinstance(value, kind) for value in values)


def _loosest(dtypes, table):
    bounds = [table.get(dtype, (0.0, 0.0)) for dtype in dtypes]
    return max(rtol for rtol, _ in bounds), max(atol for _, atol in bounds)


def _shared_keys(actual, expected, path):
    if actual.keys() != expected.keys():
        missing, additional = sorted(expected.keys() - actual.keys()), sorted(actual.keys() - expected.keys())
        raise _Mismatch(
            "The keys of the mappings do not match:\n"
            f"Missing keys in the actual mapping: {missing}\n"
            f"Additional keys in the actual mapping: {additional}",
            path,
        )
    # Keys of several types have no order; theirs is as good as any.
    with contextlib.suppress(TypeError):
        return sorted(actual)
    return list(actual)


def _compare_identity(kind, actual, expected, path):
    if actual is not expected:
        raise _Mismatch(f"{kind} mismatch: {actual} is not {expected}", path)


class _Values:
    """A tensor's values as numpy reckons with them, each result rounded to the dtype the tensor has.

    float16 and bfloat16 are held as float32: PyTorch computes them so and rounds after every operation.
    """

    def __init__(self, tensor, dtype):
        tensor = tensor.detach().to(dtype)
        name = str(dtype)
        self.float = dtype.is_floating_point or dtype.is_complex
        self.array = (tensor.float() if name in ("torch.float16", "torch.bfloat16") else tensor).numpy()
        narrow = {"torch.float16": lambda x: x.astype("float16").astype("float32"), "torch.bfloat16": _to_bfloat16}
        self.rounded = narrow.get(name, np.asarray)
        # Integers are compared as floats of the default dtype.
        default = np.float64 if str(st.get_default_dtype()) == "torch.float64" else np.float32
        self.as_float = self.array if self.float else self.array.astype(default)


def _to_bfloat16(array):
    """Round float32 to the nearest bfloat16, ties to even; bfloat16 is the upper half of the bits."""
    bits = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32)
    even = bits + 0x7FFF + ((bits >> 16) & 1)
    return np.where(np.isnan(array), array, (even & np.uint32(0xFFFF0000)).view(np.float32))


def _isclose(actual, expected, rtol, atol, equal_nan):
    """Where two tensors' values are close, as a numpy array of bools."""
    close = actual.array == expected.array
    if equal_nan and actual.float:
        close |= np.isnan(actual.array) & np.isnan(expected.array)
    if rtol == 0 and atol == 0:
        return close
    rounded = actual.rounded
    with np.errstate(all="ignore"):
        allowed = rounded(atol + rounded(abs(rtol * expected.as_float)))
        difference = rounded(abs(actual.as_float - expected.as_float))
        return close | (np.isfinite(difference) & (difference <= allowed))


def _scalar_text(actual, expected, rtol, atol):
    absolute = abs(actual - expected)
    relative = math.inf if expected == 0 else absolute / abs(expected)
    findings = [f"Absolute difference: {absolute}", f"Relative difference: {relative}"]
    return _report("Scalars", f"Expected {expected} but got {actual}.", findings, rtol, atol)


def _tensor_text(actual, expected, matches, rtol, atol):
    # Integers are subtracted exactly, in 64 bits.
    one, other = (x.array if x.float else x.array.astype(np.int64) for x in (actual, expected))
    size = abs(expected.as_float)
    with np.errstate(all="ignore"):
        absolute = actual.rounded(np.where(matches, 0, abs(one - other)))
        relative = np.where(matches, 0, actual.rounded(absolute.astype(size.dtype) / size))
    missed = matches.size - int(matches.sum())
    findings = []
    for kind, values in (("absolute", absolute), ("relative", relative)):
        worst = int(values.argmax())
        index = tuple(map(int, np.unravel_index(worst, values.shape)))
        findings.append(f"Greatest {kind} difference: {values.flat[worst].item()} at index {index}")
    share = f"{missed} / {matches.size} ({missed / matches.size:.1%})"
    return _report("Tensor-likes", f"Mismatched elements: {share}", findings, rtol, atol)


def _report(subject, summary, findings, rtol, atol):
    exact = rtol == 0 and atol == 0
    allowed = ["" if exact else f" (up to {bound} allowed)" for bound in (atol, rtol)]
    lines = [f"{subject} are not {'equal' if exact else 'close'}!", "", summary]
    return "\n".join(lines + [finding + bound for finding, bound in zip(findings, allowed)])


def assert_allclose(actual, expected, rtol=None, atol=None, equal_nan=True, msg=""):
    """Deprecated form of :func:`assert_close`: numbers become tensors, dtypes may differ, tolerances are wider."""
    warnings.warn(
        "`torch.testing.assert_allclose()` is deprecated since 1.12 and will be removed in a future release. "
        "Please use `torch.testing.assert_close()` instead.",
        FutureWarning,
        stacklevel=2,
    )
    if not isinstance(actual, st.Tensor):
        actual = st.tensor(actual)
    if not isinstance(expected, st.Tensor):
        expected = st.tensor(expected, dtype=actual.dtype)
    if rtol is None and atol is None:
        rtol, atol = _loosest([str(x.dtype) for x in (actual, expected)], _ALLCLOSE_TOLERANCES)
    assert_close(actual, expected, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=False, msg=msg or None)


def make_tensor(
    *shape,
    dtype,
    device,
    low=None,
    high=None,
    requires_grad=False,
    noncontiguous=False,
    exclude_zero=False,
    memory_format=None,
):
    """A tensor of values drawn uniformly from ``[low, high)``, from the global generator.

    Args:
        shape: sizes, or one sequence of them.
        low, high: by default [-9, 9) for floats, [-9, 10) for signed, [0, 10) for unsigned integers, [0, 2) for
            bool; cut to what the dtype can hold.
        noncontiguous: stride over every other element in the last dimension, starting at the second.
        exclude_zero: put one (integers) or the smallest normal number (floats) in place of zeros.

    Raises:
        ValueError: for NaN bounds, ``low >= high``, an interval outside the dtype's range, gradients of an integer
            tensor, or both ``noncontiguous`` and ``memory_format``.

    Example:
        >>> import steepest as torch
        >>> torch.testing.make_tensor(2, 3, dtype=torch.float32, device="cpu").shape
        torch.Size([2, 3])
    """
    if len(shape) == 1 and isinstance(shape[0], collections.abc.Sequence):
        shape = shape[0]
    shape = tuple(shape)
    inexact = dtype.is_floating_point or dtype.is_complex
    if noncontiguous and memory_format is not None:
        raise ValueError(
            "The parameters `noncontiguous` and `memory_format` are mutually exclusive, "
            f"but got {noncontiguous=} and {memory_format=}"
        )
    if requires_grad and not inexact:
        raise ValueError(f"`requires_grad=True` is not supported for boolean and integral dtypes, but got {dtype=}")
    noncontiguous = noncontiguous and math.prod(shape) > 1
    drawn = (*shape[:-1], 2 * shape[-1]) if noncontiguous else shape
    low, high = _bounds(low, high, dtype)
    if inexact:
        result = st.empty(drawn, device=device, dtype=dtype)
        # A range wider than the largest number overflows inside uniform_; half of it does not.
        half = 2 if high - low >= st.finfo(dtype).max else 1
        (st.view_as_real(result) if dtype.is_complex else result).uniform_(low / half, high / half).mul_(half)
    else:
        # randint leaves `high` out: rounding both bounds up keeps every value inside the interval.
        result = st.randint(math.ceil(low), math.ceil(high), drawn, device=device, dtype=dtype)
    if noncontiguous:
        result = result[..., 1::2]
    elif memory_format is not None:
        result = result.clone(memory_format=memory_format)
    if exclude_zero:
        result[result == 0] = st.finfo(dtype).tiny if inexact else 1
    if requires_grad:
        result.requires_grad_()
    return result


def _bounds(low, high, dtype):
    """``low`` and ``high``, or the dtype's defaults, cut to what the dtype can hold."""
    if dtype == st.bool:
        default, lowest, highest = (0, 2), 0, 2
    elif dtype.is_floating_point or dtype.is_complex:
        default, lowest, highest = (-9, 9), st.finfo(dtype).min, st.finfo(dtype).max
    else:
        # randint's own upper bound is an int64, so the largest int64 cannot be drawn.
        default, lowest, highest = (-9, 10), st.iinfo(dtype).min, st.iinfo(dtype).max + (dtype != st.int64)
    low = default[0] if low is None else low
    high = default[1] if high is None else high
    if math.isnan(low) or math.isnan(high):
        raise ValueError(f"`low` and `high` cannot be NaN, but got {low=} and {high=}")
    if low == high and (dtype.is_floating_point or dtype.is_complex):
        warnings.warn(
            "Passing `low==high` to `torch.testing.make_tensor` for floating or complex types is deprecated "
            "since 2.1 and will be removed in 2.3. Use `torch.full(...)` instead.",
            FutureWarning,
            stacklevel=3,
        )
    elif low >= high:
        raise ValueError(f"`low` must be less than `high`, but got {low} >= {high}")
    elif high < lowest or low >= highest:
        raise ValueError(
            f"The value interval specified by `low` and `high` is [{low}, {high}), "
            f"but {dtype} only supports [{lowest}, {highest})"
        )
    return tuple(min(max(bound, lowest), highest) for bound in (low, high))
