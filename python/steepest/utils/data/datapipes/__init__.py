"""torch.utils.data.datapipes: base classes of streams and maps that packages build on."""

from . import datapipe, iter, map  # noqa: A004
from .datapipe import IterDataPipe, MapDataPipe, functional_datapipe

__all__ = ["IterDataPipe", "MapDataPipe", "datapipe", "functional_datapipe", "iter", "map"]
