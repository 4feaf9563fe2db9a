"""nn.utils.rnn: batches of sequences of unequal lengths, padded or packed."""

from collections import namedtuple
from collections.abc import Iterable

from ... import _C, Tensor, arange, as_tensor, sort

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpad_sequence",
    "pack_sequence",
    "unpack_sequence",
]

_Fields = namedtuple("PackedSequence_", ["data", "batch_sizes", "sorted_indices", "unsorted_indices"])  # noqa: PYI024


class PackedSequence(_Fields):
    """The steps of several sequences without padding: ``data`` holds step after step, ``batch_sizes`` how many
    sequences have each step, ``sorted_indices`` and ``unsorted_indices`` how they were ordered by length (or None).

    Made by :func:`pack_padded_sequence` and :func:`pack_sequence`, taken and given by the recurrent layers.
    """

    def __new__(cls, data, batch_sizes=None, sorted_indices=None, unsorted_indices=None):
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:
            if not (isinstance(data, (list, tuple)) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args, **kwargs):
        """The same with ``data.to(...)``; the indices keep their type."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else type(self)(data, *self[1:])

    def cpu(self, *args, **kwargs):
        return self.to(*args, **{**kwargs, "device": "cpu"}) if not args else self.to(*args, **kwargs)

    def cuda(self, *args, **kwargs):
        return self.to(*args, **{"device": "cuda", **kwargs})

    def pin_memory(self):
        return type(self)(self.data.pin_memory(), *self[1:])

    def is_pinned(self):
        return self.data.is_pinned()

    @property
    def is_cuda(self):
        return self.data.is_cuda

    def double(self):
        return self.to(dtype=_C.float64)

    def float(self):
        return self.to(dtype=_C.float32)

    def half(self):
        return self.to(dtype=_C.float16)

    def long(self):
        return self.to(dtype=_C.int64)

    def int(self):
        return self.to(dtype=_C.int32)

    def short(self):
        return self.to(dtype=_C.int16)

    def char(self):
        return self.to(dtype=_C.int8)

    def byte(self):
        return self.to(dtype=_C.uint8)


def invert_permutation(permutation):
    """The permutation that undoes another; None for None.

    Example::

        >>> import steepest as torch
        >>> torch.nn.utils.rnn.invert_permutation(torch.tensor([2, 0, 1]))
        tensor([1, 2, 0])
    """
    if permutation is None:
        return None
    places = arange(0, permutation.numel())
    return places.clone().scatter_(0, permutation, places)


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    """Pack a padded batch ``(T, B, *)``, or ``(B, T, *)`` where ``batch_first``.

    ``lengths`` (list or int64 tensor of B) are positive and, where ``enforce_sorted``, do not grow; RuntimeError otherwise.

    Example::

        >>> import steepest as torch
        >>> torch.nn.utils.rnn.pack_padded_sequence(torch.tensor([[1, 4], [2, 5], [3, 0]]), [3, 2]).data
        tensor([1, 4, 2, 5, 3])
    """
    lengths = lengths.to(dtype=_C.int64) if isinstance(lengths, Tensor) else as_tensor(lengths, dtype=_C.int64)
    sorted_indices = None
    if not enforce_sorted:
        lengths, sorted_indices = sort(lengths, descending=True)
        input = input.index_select(0 if batch_first else 1, sorted_indices)
    data, batch_sizes = _C._pack_padded_sequence(input, lengths, batch_first)
    return PackedSequence(data, batch_sizes, sorted_indices, None)


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    """The padded batch ``(T, B, *)``, or ``(B, T, *)``, of a packed one, and the lengths: the reverse of
    :func:`pack_padded_sequence`. ValueError where ``total_length`` is less than the longest.
    """
    steps = sequence.batch_sizes.size(0)
    if total_length is not None:
        if total_length < steps:
            raise ValueError(
                "Expected total_length to be at least the length of the longest sequence in input, but got "
                f"total_length={total_length} and max sequence length being {steps}"
            )
        steps = total_length
    padded, lengths = _C._pad_packed_sequence(sequence.data, sequence.batch_sizes, batch_first, padding_value, steps)
    order = sequence.unsorted_indices
    if order is None:
        return padded, lengths
    return padded.index_select(0 if batch_first else 1, order), lengths[order]


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """Put sequences ``(length, *)`` side by side, filled up to the longest: ``(T, B, *)``, or ``(B, T, *)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.utils.rnn.pad_sequence([torch.tensor([1, 2]), torch.tensor([3])], batch_first=True)
        tensor([[1, 2],
                [3, 0]])
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    return _C._nn.pad_sequence(list(sequences), batch_first, padding_value, padding_side)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    """The sequences of a padded batch, in a list; the reverse of :func:`pad_sequence`.

    As in PyTorch, a batch that is not ``batch_first`` is transposed in place.
    """
    if not batch_first:
        padded_sequences.transpose_(0, 1)
    if len(padded_sequences) != len(lengths):
        raise ValueError(f"unpad_sequence: {len(padded_sequences)} sequences, but {len(lengths)} lengths")
    steps = arange(padded_sequences.shape[1])
    return [sequence[steps < length] for sequence, length in zip(padded_sequences, lengths)]


def pack_sequence(sequences, enforce_sorted=True):
    """Pack a list of sequences ``(length, *)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.utils.rnn.pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4, 5])]).batch_sizes
        tensor([2, 2, 1])
    """
    lengths = as_tensor([s.size(0) for s in sequences])
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences):
    """The sequences that :func:`pack_sequence` packed, in a list."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
