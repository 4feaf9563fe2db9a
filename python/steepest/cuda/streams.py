"""torch.cuda.streams: orders of work on GPUs, of which there are none."""

from . import Event, Stream

__all__ = ["Event", "Stream"]
