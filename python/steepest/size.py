"""torch.Size: the shape of a tensor, a tuple of ints."""

from . import _C


class Size(_C._Sizes):
    """The sizes of a tensor.

    >>> import steepest as torch
    >>> torch.zeros(2, 3).shape
    torch.Size([2, 3])
    >>> torch.Size([2, 3]).numel()
    6
    """

    __slots__ = ()
    __module__ = "torch"

    def __new__(cls, sizes=()):
        sizes = tuple(sizes)
        for i, s in enumerate(sizes):
            if not isinstance(s, int) and not hasattr(s, "__index__"):
                raise TypeError(f"torch.Size() takes an iterable of 'int' (item {i} is '{type(s).__name__}')")
        return super().__new__(cls, (s.__index__() for s in sizes))

    def numel(self):
        """The number of elements of a tensor of this size."""
        n = 1
        for s in self:
            n *= s
        return n

    def __repr__(self):
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __add__(self, other):
        return Size(tuple.__add__(self, tuple(other)))

    def __radd__(self, other):
        return Size(tuple(other) + tuple(self))

    def __mul__(self, n):
        return Size(tuple.__mul__(self, n))

    __rmul__ = __mul__

    def __reduce__(self):
        return _size, (tuple(self),)


def _size(sizes):
    """The Size that pickle wrote: the class itself goes by PyTorch's name, under which pickle would not find it."""
    return Size(sizes)


_C._set_size_type(Size)
