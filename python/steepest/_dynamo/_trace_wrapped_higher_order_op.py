"""A mark that libraries set while they build masks with vmap."""

from contextlib import nullcontext


class TransformGetItemToIndex(nullcontext):
    """A block that changes nothing: indices that are tensors need no other op here."""
