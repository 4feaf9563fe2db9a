"""torch.Size: the shape of a tensor, a tuple of ints."""

from . import _C


def wrap_dim(dim, ndim):
    """A dimension counted from the front, of ndim (a tensor of none counts as of one); IndexError where there is no such."""
    n = max(ndim, 1)
    if not -n <= dim < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")
    return dim % n


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

    def numel(self):
        """The number of elements of a tensor of this size."""
        n = 1
        for s in self:
            n *= s
        return n

    def __repr__(self):
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __reduce__(self):
        return _size, (tuple(self),)


def _size(sizes):
    """The Size that pickle wrote: the class itself goes by PyTorch's name, under which pickle would not find it."""
    return Size(sizes)


_C._set_size_type(Size)
