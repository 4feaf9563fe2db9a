"""DistributedSampler: each of several processes takes its share of the samples."""

import math

from ... import Generator, randperm
from .sampler import Sampler

__all__ = ["DistributedSampler"]


def _process_group():
    try:
        from ... import distributed
    except ImportError:
        raise RuntimeError("Requires distributed package to be available")
    if not distributed.is_available():
        raise RuntimeError("Requires distributed package to be available")
    return distributed


class DistributedSampler(Sampler):
    """Every ``num_replicas``-th index, beginning with ``rank``.

    All shares have one length: the first indices are taken again to fill up the last share, or the last ones are left
    out where ``drop_last`` is True.

    Args:
        dataset: has a length.
        num_replicas, rank: how many processes there are and which this is; by default those of the process group.
        shuffle: True deals out a permutation, which ``seed`` and the epoch of :meth:`set_epoch` determine.

    ValueError for a rank outside [0, num_replicas - 1].

    Example::

        >>> from steepest.utils.data.distributed import DistributedSampler
        >>> [list(DistributedSampler(range(5), num_replicas=2, rank=rank, shuffle=False)) for rank in (0, 1)]
        [[0, 2, 4], [1, 3, 0]]
    """

    def __init__(self, dataset, num_replicas=None, rank=None, shuffle=True, seed=0, drop_last=False):
        if num_replicas is None:
            num_replicas = _process_group().get_world_size()
        if rank is None:
            rank = _process_group().get_rank()
        if rank >= num_replicas or rank < 0:
            raise ValueError(f"Invalid rank {rank}, rank should be in the interval [0, {num_replicas - 1}]")
        self.dataset = dataset
        self.num_replicas = num_replicas
        self.rank = rank
        self.epoch = 0
        self.drop_last = drop_last
        self.num_samples = len(dataset) // num_replicas if drop_last else math.ceil(len(dataset) / num_replicas)
        self.total_size = self.num_samples * num_replicas
        self.shuffle = shuffle
        self.seed = seed

    def __iter__(self):
        n = len(self.dataset)
        if self.shuffle:
            indices = randperm(n, generator=Generator().manual_seed(self.seed + self.epoch)).tolist()
        else:
            indices = list(range(n))
        if not self.drop_last and indices:
            indices *= math.ceil(self.total_size / n)
        return iter(indices[self.rank : self.total_size : self.num_replicas])

    def __len__(self):
        return self.num_samples

    def set_epoch(self, epoch):
        """Shuffle otherwise in the next pass: call it with the number of the epoch before each."""
        self.epoch = epoch
