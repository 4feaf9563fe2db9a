"""Streams of groups, and groups taken apart."""

from .datapipe import IterDataPipe, functional_datapipe

__all__ = ["Grouper", "UnBatcher"]


@functional_datapipe("groupby")
class Grouper(IterDataPipe):
    """Lists of items for which group_key_fn gives the same key, or (key, list) with `keep_key`.

    A group goes out when it has `group_size` items. Where `buffer_size` items wait, the largest group goes out; if it has fewer than
    guaranteed_group_size (by default group_size) it is dropped with `drop_remaining`, and a RuntimeError without. The rest goes out at the
    end.

    >>> from steepest.utils.data.datapipes.iter import IterableWrapper
    >>> list(IterableWrapper(range(5)).groupby(lambda x: x % 2, group_size=2))
    [[0, 2], [1, 3], [4]]
    """

    def __init__(
        self,
        datapipe,
        group_key_fn,
        *,
        keep_key=False,
        buffer_size=10000,
        group_size=None,
        guaranteed_group_size=None,
        drop_remaining=False,
    ):
        if group_size is not None and buffer_size is not None and not 0 < group_size <= buffer_size:
            raise AssertionError("group_size must be > 0 and <= buffer_size")
        if guaranteed_group_size is not None and (group_size is None or not 0 < guaranteed_group_size <= group_size):
            raise AssertionError("guaranteed_group_size must be > 0 and <= group_size and group_size must be set")
        self.datapipe, self.group_key_fn, self.keep_key = datapipe, group_key_fn, keep_key
        self.buffer_size, self.group_size, self.drop_remaining = buffer_size, group_size, drop_remaining
        self.guaranteed_group_size = guaranteed_group_size or (group_size if buffer_size is not None else None) or 0

    def __iter__(self):
        groups = {}
        for item in self.datapipe:
            key = self.group_key_fn(item)
            groups.setdefault(key, []).append(item)
            if len(groups[key]) == self.group_size:
                yield self._named(key, groups.pop(key))
            if sum(map(len, groups.values())) == self.buffer_size:
                largest = max(groups, key=lambda k: len(groups[k]))
                group = groups.pop(largest)
                if len(group) >= self.guaranteed_group_size:
                    yield self._named(largest, group)
                elif not self.drop_remaining:
                    raise RuntimeError("Failed to group items", str(group))
        for key, group in groups.items():
            yield self._named(key, group)

    def _named(self, key, group):
        return (key, group) if self.keep_key else group


@functional_datapipe("unbatch")
class UnBatcher(IterDataPipe):
    """The items of lists, `unbatch_level` lists deep; -1 for all lists that there are.

    >>> from steepest.utils.data.datapipes.iter import IterableWrapper
    >>> list(IterableWrapper([[1, [2]], [3]]).unbatch()), list(IterableWrapper([[1, [2]], [3]]).unbatch(-1))
    ([1, [2], 3], [1, 2, 3])
    """

    def __init__(self, datapipe, unbatch_level=1):
        if unbatch_level < -1:
            raise ValueError("unbatch_level must be -1 or >= 0")
        self.datapipe, self.unbatch_level = datapipe, unbatch_level

    def __iter__(self):
        for item in self.datapipe:
            yield from self._parts(item, self.unbatch_level)

    def _parts(self, item, level):
        if level == 0 or (level == -1 and not isinstance(item, list)):
            yield item
            return
        if not isinstance(item, list):
            raise IndexError(f"unbatch_level {self.unbatch_level} exceeds the depth of the DataPipe")
        for part in item:
            yield from self._parts(part, level if level == -1 else level - 1)
