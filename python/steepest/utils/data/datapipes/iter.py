"""Streams: what is iterated over, mapped, filtered, shuffled, batched."""

import copy
import random

from .._utils.collate import default_collate
from ..sampler import draw_seed
from ._combined import *  # noqa: F403
from ._combined import __all__ as _combined
from ._grouped import *  # noqa: F403
from ._grouped import __all__ as _grouped
from .datapipe import IterDataPipe, functional_datapipe

__all__ = ["Batcher", "Collator", "Filter", "IterDataPipe", "IterableWrapper", "Mapper", "Shuffler", *_combined, *_grouped]


class IterableWrapper(IterDataPipe):
    """The items of an iterable; a copy of it is iterated over unless told otherwise."""

    def __init__(self, iterable, deepcopy=True):
        self.iterable, self.deepcopy = iterable, deepcopy

    def __iter__(self):
        return iter(copy.deepcopy(self.iterable) if self.deepcopy else self.iterable)

    def __len__(self):
        return len(self.iterable)


@functional_datapipe("map")
class Mapper(IterDataPipe):
    """fn(x) for each item x."""

    def __init__(self, datapipe, fn):
        self.datapipe, self.fn = datapipe, fn

    def __iter__(self):
        return map(self.fn, self.datapipe)

    def __len__(self):
        return len(self.datapipe)


@functional_datapipe("collate")
class Collator(Mapper):
    """collate_fn(x) for each item x; by default what a DataLoader makes of a batch.

    >>> from steepest.utils.data.datapipes.iter import IterableWrapper
    >>> list(IterableWrapper([1.0, 2.0]).batch(2).collate())
    [tensor([1., 2.], dtype=torch.float64)]
    """

    def __init__(self, datapipe, conversion=None, collate_fn=None):
        super().__init__(datapipe, conversion or collate_fn or default_collate)


@functional_datapipe("filter")
class Filter(IterDataPipe):
    """The items of which filter_fn says True."""

    def __init__(self, datapipe, filter_fn):
        self.datapipe, self.filter_fn = datapipe, filter_fn

    def __iter__(self):
        return filter(self.filter_fn, self.datapipe)


@functional_datapipe("shuffle")
class Shuffler(IterDataPipe):
    """The items in random order, drawn from a buffer; what it draws follows from torch.manual_seed."""

    def __init__(self, datapipe, *, buffer_size=10000, unbatch_level=0):
        if unbatch_level:
            raise NotImplementedError("Shuffler: unbatch_level is not part of steepest; shuffle before batch()")
        self.datapipe, self.buffer_size = datapipe, buffer_size

    def __iter__(self):
        draw, buffer = random.Random(draw_seed()).randrange, []
        for item in self.datapipe:
            if len(buffer) == self.buffer_size:
                i = draw(len(buffer))
                yield buffer[i]
                buffer[i] = item
            else:
                buffer.append(item)
        while buffer:
            yield buffer.pop(draw(len(buffer)))

    def __len__(self):
        return len(self.datapipe)


@functional_datapipe("batch")
class Batcher(IterDataPipe):
    """Lists of batch_size items; the last may be shorter."""

    def __init__(self, datapipe, batch_size, drop_last=False, wrapper_class=list):
        self.datapipe, self.batch_size, self.drop_last, self.wrapper_class = datapipe, batch_size, drop_last, wrapper_class

    def __iter__(self):
        batch = []
        for item in self.datapipe:
            batch.append(item)
            if len(batch) == self.batch_size:
                yield self.wrapper_class(batch)
                batch = []
        if batch and not self.drop_last:
            yield self.wrapper_class(batch)

    def __len__(self):
        return (len(self.datapipe) + (0 if self.drop_last else self.batch_size - 1)) // self.batch_size
