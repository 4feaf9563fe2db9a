"""Streams made of several, and several made of one."""

from collections import deque

from .datapipe import IterDataPipe, functional_datapipe

__all__ = ["Concater", "Demultiplexer", "Forker", "Multiplexer", "Zipper"]


class _Joined(IterDataPipe):
    """A stream made of others."""

    def __init__(self, *datapipes):
        if not datapipes:
            raise ValueError("Expected at least one DataPipe, but got nothing")
        if not all(isinstance(pipe, IterDataPipe) for pipe in datapipes):
            raise TypeError("Expected all inputs to be `IterDataPipe`")
        self.datapipes = datapipes


@functional_datapipe("concat")
class Concater(_Joined):
    """The items of one stream after those of another.

    >>> from steepest.utils.data.datapipes.iter import IterableWrapper
    >>> list(IterableWrapper([1, 2]).concat(IterableWrapper([3])))
    [1, 2, 3]
    """

    def __iter__(self):
        for pipe in self.datapipes:
            yield from pipe

    def __len__(self):
        return sum(map(len, self.datapipes))


@functional_datapipe("mux")
class Multiplexer(_Joined):
    """One item of each stream in turn, until the shortest ends.

    >>> from steepest.utils.data.datapipes.iter import IterableWrapper
    >>> list(IterableWrapper([1, 2]).mux(IterableWrapper([10, 20, 30])))
    [1, 10, 2, 20]
    """

    def __iter__(self):
        for items in zip(*self.datapipes, strict=False):
            yield from items

    def __len__(self):
        return min(map(len, self.datapipes)) * len(self.datapipes)


@functional_datapipe("zip")
class Zipper(_Joined):
    """Tuples with one item of each stream, until the shortest ends.

    >>> from steepest.utils.data.datapipes.iter import IterableWrapper
    >>> list(IterableWrapper([1, 2]).zip(IterableWrapper([10, 20, 30])))
    [(1, 10), (2, 20)]
    """

    def __iter__(self):
        return zip(*self.datapipes, strict=False)

    def __len__(self):
        return min(map(len, self.datapipes))


class _Source:
    """What the streams that are made of one share: its iterator, and the items that some of them have not taken yet."""

    def __init__(self, datapipe, count, buffer_size, choose):
        if buffer_size == 0:
            raise ValueError("Expected `buffer_size` to be larger than 0")
        self.datapipe, self.buffer_size, self.choose = datapipe, buffer_size, choose
        self.waiting = [deque() for _ in range(count)]
        self.children = [_Child(self, i) for i in range(count)]
        self.iterator, self.begun = None, set()

    def begin(self, child):
        """`child` starts: from the beginning for all, where it had started before."""
        if self.iterator is None or child in self.begun:
            self.iterator, self.begun = iter(self.datapipe), set()
            for items in self.waiting:
                items.clear()
        self.begun.add(child)
        return self.iterator

    def items(self, child, iterator):
        own = self.waiting[child]
        while iterator is self.iterator:
            while not own:
                item = next(iterator, self)
                if item is self:
                    return
                for place in self.choose(item):
                    self.waiting[place].append(item)
                if self.buffer_size >= 0 and max(map(len, self.waiting)) > self.buffer_size:
                    raise BufferError(f"DataPipe buffer overflow,buffer size {self.buffer_size} is insufficient.")
            yield own.popleft()
        raise RuntimeError("This iterator has been invalidated, because a new iterator has been created from one of its siblings.")


class _Child(IterDataPipe):
    """One of the streams that are made of one."""

    def __init__(self, source, place):
        self.source, self.place = source, place

    def __iter__(self):
        return self.source.items(self.place, self.source.begin(self.place))

    def __len__(self):
        return len(self.source.datapipe)


@functional_datapipe("fork")
class Forker(IterDataPipe):
    """`num_instances` streams of the same items; one may be ahead of another by `buffer_size` items, -1 for any number.

    >>> from steepest.utils.data.datapipes.iter import IterableWrapper
    >>> first, second = IterableWrapper(range(3)).fork(2)
    >>> list(first), list(second)
    ([0, 1, 2], [0, 1, 2])
    """

    def __new__(cls, datapipe, num_instances, buffer_size=1000, copy=None):
        if num_instances < 1:
            raise ValueError(f"Expected `num_instances` larger than 0, but {num_instances} is found")
        if num_instances == 1:
            return [datapipe]
        return _Source(datapipe, num_instances, buffer_size, lambda item: range(num_instances)).children


@functional_datapipe("demux")
class Demultiplexer(IterDataPipe):
    """`num_instances` streams, of which classifier_fn(item) numbers the one that an item goes to; None drops it with `drop_none`.

    >>> from steepest.utils.data.datapipes.iter import IterableWrapper
    >>> even, odd = IterableWrapper(range(5)).demux(2, lambda x: x % 2)
    >>> list(even), list(odd)
    ([0, 2, 4], [1, 3])
    """

    def __new__(cls, datapipe, num_instances, classifier_fn, drop_none=False, buffer_size=1000):
        if num_instances < 1:
            raise ValueError(f"Expected `num_instances` larger than 0, but {num_instances} is found")

        def choose(item):
            place = classifier_fn(item)
            if place is None and drop_none:
                return ()
            if place is None or not 0 <= place < num_instances:
                raise ValueError(
                    f"Output of the classification fn should be between 0 and {num_instances - 1}. {place} is returned."
                )
            return (place,)

        return _Source(datapipe, num_instances, buffer_size, choose).children
