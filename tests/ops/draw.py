"""What a sample is made of: descriptions of arguments, and the drawing of arrays and tensors from them."""

from copy import copy
from dataclasses import dataclass, replace

import numpy as np

import steepest as st

INTEGERS = [st.int64, st.int32, st.int16, st.int8, st.uint8]
DTYPES = {"f": [st.float32, st.float64], "i": INTEGERS, "b": [st.bool]}
NUMPY = {dtype: np.dtype(str(dtype).removeprefix("torch.")) for dtypes in DTYPES.values() for dtype in dtypes}
HALVES = [st.float16, st.bfloat16]
FREE_SHAPE = (5, 7)  # no multiple of a vector's length


@dataclass(frozen=True)
class Drawn:
    """A tensor to be drawn: floats uniform in [low, high), at least `away` from 0, beginning with the values `at`."""

    shape: tuple | None = None  # None: any shape will do, the op is elementwise
    low: float = -2.0
    high: float = 2.0
    away: float = 0.0
    at: tuple = ()
    follows: str = "x"  # x: has the dtype under test; f: a float; i: int64; b: bool
    grad: bool = True  # whether the op has a derivative by this input

    def dtype(self, dtype):
        if self.follows == "x" or (self.follows == "f" and dtype.is_floating_point):
            return dtype
        return {"f": st.float32, "i": st.int64, "b": st.bool}[self.follows]

    def array(self, dtype, random):
        """Values in numpy's form of `dtype`; those of floats are exact in float32, those of halves in the half."""
        dtype, shape = self.dtype(dtype), FREE_SHAPE if self.shape is None else self.shape
        if dtype == st.bool:
            return np.asarray(random.random(shape) < 0.5)
        if not dtype.is_floating_point:
            low = max(int(np.ceil(self.low)), 0 if dtype == st.uint8 else -100)
            values = np.asarray(random.integers(low, max(low, int(np.floor(self.high))) + 1, shape))
            if self.away:
                values = np.where(values == 0, 1, values)
            return values.astype(NUMPY[dtype])
        values = np.asarray(random.uniform(self.low, self.high, shape))
        if self.away:
            values = np.asarray(np.sign(values)) * (self.away + abs(values) * (1 - self.away / max(abs(self.low),
                abs(self.high))))
        values = np.array(values)
        values.reshape(-1)[: len(self.at)] = self.at[: values.size]
        return values.astype(NUMPY.get(dtype, np.dtype(np.float32)))


def x(*shape, **options):
    """A tensor of the dtype under test; without a shape, of any shape."""
    return Drawn(shape=shape or None, **options)


def f(*shape, **options):
    """A float tensor also where the dtype under test is none."""
    return Drawn(shape=shape or None, follows="f", **options)


def i(*shape, high, low=0):
    """Indices in [low, high)."""
    return Drawn(shape=shape, low=low, high=high - 1, follows="i", grad=False)


def mask(*shape):
    return Drawn(shape=shape or None, follows="b", grad=False)


def scalar(**options):
    """A 0-d tensor of the dtype under test."""
    return Drawn(shape=(), **options)


@dataclass(frozen=True)
class Op:
    """A line of the samples: calls, and what is known of their results."""

    calls: list
    ref: object = None  # of numpy arrays and the other arguments; None: `check` says what holds
    check: object = None  # of the result and the arguments: a condition
    dtypes: str = "fib"  # those it takes: floats, integers, bool
    grad: object = True  # False: no output requires grad; "refused": backward raises; "partly": some do
    rtol: float = 8  # of the last place
    atol: float = 16  # of the last place of the largest value
    call: object = None  # for what Python reaches otherwise than by the op's name
    random: bool = False  # seeds the generator before every call
    special: bool = False  # numpy's rules for nan and inf are PyTorch's
    halves: bool = True
    half_tol: float = 1.0  # beside the rounding of the result
    views: bool = False  # its results share memory
    inplace: str = "fib"  # the dtypes of which the in-place form can hold the result
    ties: bool = False  # which of equal elements an index names is not specified
    values: bool = True  # the result's values are specified
    layouts: bool = True  # the result does not depend on where the elements lie
    elementwise: bool = False
    constants: int = 0  # how many outputs, the last ones, have no gradient


def op(*calls, **options):
    """One call an argument: a tuple of arguments, with the keyword ones as a dict at its end, or a sole argument."""
    return Op(calls=[split(call) for call in calls], **options)


def split(call):
    call = call if isinstance(call, tuple) else (call,)
    return (call[:-1], call[-1]) if call and isinstance(call[-1], dict) else (call, {})


def elementwise(*calls, **options):
    return op(*calls, **{"elementwise": True, "special": True, "atol": 0, **options})


def unary(ref, low=-2.0, high=2.0, at=(), **options):
    return elementwise(x(low=low, high=high, at=at), ref=ref, **options)


def binary(ref, *more, away=0.0, **options):
    return elementwise((x(), x(away=away)), *more, ref=ref, **options)


def same_as(other, **options):
    """The samples of an op that has another name as well."""
    return replace(other, **options)


def each(value, act):
    """`act` on every description of a tensor in an argument, lists included."""
    if isinstance(value, Drawn):
        return act(value)
    return type(value)(each(v, act) for v in value) if isinstance(value, (list, tuple)) else value


class Call:
    """A call of a sample with values for one dtype; `tensors()` makes the arguments anew each time."""

    def __init__(self, name, call, dtype, shapes=None, layout="contiguous", values=None, at=True):
        random = np.random.default_rng([*name.encode()])
        self.described, self.dtype, self.layout = call, dtype, layout
        self.drawn, self.arrays = [], []

        def draw(drawn):
            if shapes and drawn.shape is None:
                drawn = replace(drawn, shape=shapes[len(self.drawn) % len(shapes)])
            array = (drawn if at else replace(drawn, at=())).array(dtype, random)
            if values is not None and drawn.shape is None and drawn.follows == "x":
                array = values[len(self.drawn) % len(values)].astype(array.dtype)
            if layout == "expanded" and array.ndim and array.shape[0]:
                array = np.repeat(array[:1], array.shape[0], 0)
            self.drawn.append(drawn)
            self.arrays.append(array)
            return len(self.arrays) - 1

        args, kwargs = call
        self.args = tuple(each(a, lambda d: Place(draw(d), d)) for a in args)
        self.kwargs = {k: each(a, lambda d: Place(draw(d), d)) for k, a in kwargs.items()}

    def __repr__(self):
        shown = [repr(a) for a in self.args] + [f"{k}={v!r}" for k, v in self.kwargs.items()]
        inputs = [f"{a.dtype}{list(a.shape)}" for a in self.arrays]
        return f"({', '.join(shown)}) of {', '.join(inputs)}, {self.dtype}, {self.layout}"

    def with_arguments(self, args, kwargs):
        """The same tensors in another order or form of call."""
        call = copy(self)
        call.args, call.kwargs = args, kwargs
        return call

    def fill(self, values):
        def put(value):
            if isinstance(value, Place):
                return values[value.number]
            return type(value)(put(v) for v in value) if isinstance(value, (list, tuple)) else value

        return tuple(put(a) for a in self.args), {k: put(a) for k, a in self.kwargs.items()}

    def tensors(self, requires_grad=False):
        """(args, kwargs, the tensors among them)."""
        made = []
        for drawn, array in zip(self.drawn, self.arrays):
            tensor = in_layout(array, self.layout, drawn.dtype(self.dtype))
            if requires_grad and drawn.grad and tensor.is_floating_point():
                tensor.requires_grad_()
            made.append(tensor)
        return (*self.fill(made), made)

    def numpy(self, truth=np.bool_):
        """(args, kwargs) for the reference: floats as float64, integers as int64, bools as `truth`."""
        wide = {"f": np.float64, "i": np.int64, "u": np.int64, "b": truth}
        return self.fill([a.astype(wide[a.dtype.kind]) for a in self.arrays])


@dataclass(frozen=True)
class Place:
    """Stands in a call for the array of this number."""

    number: int
    drawn: Drawn

    def __repr__(self):
        return f"<{self.number}>"


def in_layout(array, layout, dtype):
    """A tensor with the array's values and dtype `dtype`, in memory as `layout` says."""
    if array.size == 0:
        return st.zeros(array.shape, dtype=dtype)  # numpy's strides of empty arrays are 0
    if layout == "transposed":
        array = np.asfortranarray(array) if array.ndim else array.copy()
    elif layout == "strided":
        room = np.zeros((*array.shape, 2), array.dtype)
        room[..., 1] = array
        array = room[..., 1]
    else:
        array = array.copy()
    tensor = st.from_numpy(array)
    if tensor.dtype != dtype:
        tensor = tensor.to(dtype)
    if layout == "expanded" and array.ndim and array.shape[0]:
        tensor = tensor[:1].expand(array.shape)
    return tensor
