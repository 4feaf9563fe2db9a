"""torch.cuda.nvtx: marks for a profiler of GPUs; there is no GPU."""

import contextlib


def _absent(*args, **kwargs):
    """RuntimeError, as in a PyTorch without CUDA."""
    raise RuntimeError("NVTX functions not installed. Are you sure you have a CUDA build?")


range_push = range_pop = mark = range_start = range_end = _absent


@contextlib.contextmanager
def range(msg, *args, **kwargs):  # noqa: A001
    """RuntimeError, as in a PyTorch without CUDA."""
    range_push(msg)
    yield
