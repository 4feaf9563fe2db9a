"""Fetchers: the samples for the indices that a sampler gave, as a batch."""

from .... import Tensor, tensor
from ..dataset import Subset, TensorDataset
from .collate import collate_tensor_fn, default_collate, default_collate_fn_map


class _IterableDatasetFetcher:
    """Takes the next samples of a stream; the indices only say how many."""

    def __init__(self, dataset, auto_collation, collate_fn, drop_last):
        self.samples = iter(dataset)
        self.auto_collation, self.collate_fn, self.drop_last = auto_collation, collate_fn, drop_last
        self.ended = False

    def fetch(self, indices):
        """The next sample or batch; StopIteration when there is no more."""
        if self.ended:
            raise StopIteration
        if not self.auto_collation:
            return self.collate_fn(next(self.samples))
        batch = []
        for _ in indices:
            try:
                batch.append(next(self.samples))
            except StopIteration:
                self.ended = True
                break
        if not batch or (self.drop_last and self.ended):
            raise StopIteration
        return self.collate_fn(batch)


class _MapDatasetFetcher:
    """Takes samples by index."""

    def __init__(self, dataset, auto_collation, collate_fn, drop_last):
        self.dataset, self.auto_collation, self.collate_fn = dataset, auto_collation, collate_fn
        self.gather = auto_collation and collate_fn is default_collate and gathering(dataset)

    def fetch(self, indices):
        """The sample at an index, or the batch of those at several."""
        if not self.auto_collation:
            return self.collate_fn(self.dataset[indices])
        if self.gather:
            batch = self.gather(indices)
            if batch is not None:
                return batch
        if getattr(self.dataset, "__getitems__", None):
            return self.collate_fn(self.dataset.__getitems__(indices))
        return self.collate_fn([self.dataset[index] for index in indices])


def gathering(dataset):
    """A function that takes a batch from a TensorDataset, or from a Subset of one, in one step; or None.

    It gives what stacking the samples gives, and leaves all else (subclasses, gradients, indices that are no ints or
    out of range) to that by returning None.
    """
    steps = []
    while type(dataset) is Subset:
        steps.append(dataset.indices)
        dataset = dataset.dataset
    if type(dataset) is not TensorDataset or default_collate_fn_map.get(Tensor) is not collate_tensor_fn:
        return None
    tensors = dataset.tensors

    def gather(indices):
        try:
            for step in steps:
                indices = [step[index] for index in indices]
            if set(map(type, indices)) != {int}:
                return None
            rows = tensor(indices)
            if not all(type(t) is Tensor and not t.requires_grad for t in tensors):
                return None
            return [t[rows] for t in tensors]
        except (IndexError, KeyError, TypeError):
            return None

    return gather
