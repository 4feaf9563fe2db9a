"""What stands for one element of a batch while vmap calls its function, and who answers for ops that are called with it.

Note [Batched tensors]
vmap calls its function once, with tensors that have the shape of one element and hold all of them, stacked along a first dimension that
nobody but the rules of ops (``_batch_*.py``) sees. A rule calls its op, or others, once for all elements, on what the tensors hold, so
that a map within a map is a rule that meets batched tensors again, and gradients are recorded as for any other tensors: those of one
element are those of the sum over the batch, as elements do not meet. Ops without a rule are called once an element, they alone.
"""

import contextlib

from .. import _C
from .._C import Tensor
from ..autograd import open_maps
from ..printing import tensor_repr

__all__ = ["VALUES_ASKED", "Batched", "Map", "innermost", "plain"]

_ITEM = (
    "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a Tensor, please try to "
    "rewrite what you're doing with other operations. If error is occurring somewhere inside PyTorch internals, please file a bug report."
)
_BRANCH = (
    "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't support that yet, please file an "
    "issue at https://github.com/pytorch/pytorch/issues ."
)
_POINTER = "Cannot access data pointer of Tensor that doesn't have storage"
VALUES_ASKED = (_ITEM, _BRANCH, _POINTER)  # texts of errors
_BACKWARD = (
    "backward() called inside a functorch transform. This is not supported, please use functorch.grad or functorch.vjp instead or call "
    "backward() outside of functorch transforms."
)


class Map:
    """One call of a function by vmap: how many elements there are, and the mode that random functions ask.

    See Note [Batched tensors].
    """

    # Set by the modules of the rules, which need this one.
    rule_of = None  # the rule for a function that was called
    drawn = None  # what is called in the place of an op of other tensors

    def __init__(self, size, randomness):
        self.size, self.randomness = size, randomness

    def __enter__(self):
        self.depth = len(open_maps.list)
        open_maps.list.append(self)
        _C._push_mode(self)
        return self

    def __exit__(self, *_error):
        _C._pop_mode()
        open_maps.list.pop()

    @contextlib.contextmanager
    def mode(self):
        """A block in which random functions are asked for, while there is no batch."""
        _C._push_mode(self)
        try:
            yield self
        finally:
            _C._pop_mode()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        """The answer to an op of tensors that are not batched: random ones draw for each element, or not at all."""
        return Map.drawn(func, self, args, kwargs or {})

    def answer(self, rule, func, args, kwargs):
        """What a rule makes of a call, with the maps from this one on closed."""
        if kwargs.get("out") is not None:
            raise RuntimeError(
                f"Batching rule not implemented for aten::{func.__name__}.out; the fallback path doesn't work on out= or view ops."
            )
        opened = open_maps.list
        within = opened[self.depth :]
        modes = [_C._pop_mode() for _ in within]
        del opened[self.depth :]
        try:
            return rule(func, self, args, kwargs)
        finally:
            opened += within
            for mode in reversed(modes):
                _C._push_mode(mode)

    def wrap(self, values):
        """A tensor that stands for one of values[0], values[1], ..."""
        x = _C._stand_in(values)
        x._held, x._map = values, self
        return x

    def wrapped(self, result):
        """A result with its tensors, also those in tuples and lists, wrapped."""
        if isinstance(result, Tensor):
            return self.wrap(result)
        if isinstance(result, (tuple, list)):
            parts = [self.wrapped(part) for part in result]
            return type(result)(parts)
        return result

    def has(self, x):
        """Whether x is a tensor with elements of this map."""
        return type(x) is Batched and x._map is self

    def values(self, x):
        """All elements of a batched tensor; anything else as it is."""
        return x._held if type(x) is Batched and x._map is self else x

    def spread(self, x):
        """All elements of a tensor, repeated where they are the same for all."""
        return x._held if self.has(x) else x.expand(self.size, *x.shape)

    def aligned(self, x, rank):
        """All elements of a tensor, so laid out that they broadcast with those of one of `rank` dimensions."""
        if not self.has(x):
            return x
        values = x._held
        for _ in range(rank - x.dim()):
            values = values.unsqueeze(1)
        return values


def plain(x):
    """What a tensor holds, within all maps."""
    while type(x) is Batched:
        x = x._held
    return x


def _innermost(found, values):
    for x in values:
        if type(x) is Batched:
            if found is None or x._map.depth > found.depth:
                found = x._map
        elif isinstance(x, (tuple, list)):
            found = _innermost(found, x)
    return found


def innermost(args, kwargs):
    """The innermost of the maps that arguments have elements of, or None."""
    opened = open_maps.list
    if opened and args and type(args[0]) is Batched and args[0]._map is opened[-1]:
        return opened[-1]
    return _innermost(_innermost(None, args), kwargs.values())


def _refusing(text):
    def method(self, *args, **kwargs):
        raise RuntimeError(text)

    return method


class Batched(Tensor):
    """A tensor within vmap. See Note [Batched tensors]."""

    is_leaf = property(lambda self: self._held.is_leaf)
    grad_fn = property(lambda self: self._held.grad_fn)
    retains_grad = property(lambda self: self._held.retains_grad)
    output_nr = property(lambda self: self._held.output_nr)
    _version = property(lambda self: self._held._version)
    data = property(lambda self: self.detach())
    T = property(lambda self: self.permute(*reversed(range(self.dim()))))
    mT = property(lambda self: self.transpose(-2, -1))
    H = property(lambda self: self if self.dim() == 0 else self.t().conj())
    mH = property(lambda self: self.mT.conj())
    real = property(lambda self: self._map.wrap(self._held.real))
    imag = property(lambda self: self._map.wrap(self._held.imag))

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        return innermost(args, kwargs).answer(Map.rule_of(func), func, args, kwargs)

    @property
    def requires_grad(self):
        """Whether ops on the tensor are recorded."""
        return self._held.requires_grad

    @requires_grad.setter
    def requires_grad(self, on):
        self.requires_grad_(on)

    @property
    def grad(self):
        """None: gradients do not accumulate within transforms."""
        return

    def requires_grad_(self, requires_grad=True):
        """RuntimeError: transforms differentiate by their arguments."""
        raise RuntimeError(
            "You are attempting to call Tensor.requires_grad_() (or perhaps using torch.autograd.functional.* APIs) inside of a function "
            "being transformed by a functorch transform. This is unsupported, please attempt to use the functorch transforms (e.g. grad, "
            "vjp, jacrev, jacfwd, hessian) or call requires_grad_() outside of a function being transformed instead."
        )

    def __repr__(self, *, tensor_contents=None):
        held = self._held
        text = repr(held) if type(held) is Batched else tensor_repr(held)
        text = "\n".join(f"    {line}" for line in text.split("\n"))
        return f"BatchedTensor(lvl={self._map.depth + 1}, bdim=0, value=\n{text}\n)"

    def __format__(self, spec):
        return self.item() if self.dim() == 0 else object.__format__(self, spec)

    def __iter__(self):
        if self.dim() == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def is_contiguous(self, memory_format=None):
        return self._held.is_contiguous()

    def stride(self, dim=None):
        strides = self._held.stride()[1:]
        return strides if dim is None else strides[dim]

    def storage_offset(self):
        return self._held.storage_offset()

    def __deepcopy__(self, memo):
        return memo.setdefault(id(self), self.clone())

    __copy__ = Tensor.clone
    __bool__ = is_nonzero = _refusing(_BRANCH)
    item = __int__ = __float__ = __index__ = __complex__ = __contains__ = __reduce_ex__ = _refusing(_ITEM)
    tolist = numpy = __array__ = __dlpack__ = data_ptr = storage = untyped_storage = _refusing(_POINTER)
    backward = _refusing(_BACKWARD)


_C._set_batched(Batched)
