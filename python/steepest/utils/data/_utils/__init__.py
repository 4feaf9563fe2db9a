"""Parts of the DataLoader that programs reach by their path: collate, fetch, worker."""

from ...._utils import ExceptionWrapper
from . import collate, fetch, worker
