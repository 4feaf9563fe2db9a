"""Samples by key: a sequence as it is."""

from .datapipe import MapDataPipe

__all__ = ["MapDataPipe", "SequenceWrapper"]


class SequenceWrapper(MapDataPipe):
    """The items of a sequence or dict."""

    def __init__(self, sequence, deepcopy=True):
        self.sequence = sequence

    def __getitem__(self, index):
        return self.sequence[index]

    def __len__(self):
        return len(self.sequence)
