"""Samples by key: a sequence as it is."""

import copy

from .datapipe import MapDataPipe

__all__ = ["MapDataPipe", "SequenceWrapper"]


class SequenceWrapper(MapDataPipe):
    """The items of a sequence or dict, of a copy of it unless told otherwise."""

    def __init__(self, sequence, deepcopy=True):
        self.sequence = copy.deepcopy(sequence) if deepcopy else sequence

    def __getitem__(self, index):
        return self.sequence[index]

    def __len__(self):
        return len(self.sequence)
