"""segment_reduce: reductions over consecutive pieces of a dimension."""

from . import _C

_REDUCTIONS = {
    "sum": ("sum", 0.0),
    "mean": ("sum", 0.0),
    "prod": ("prod", 1.0),
    **dict.fromkeys(("max", "amax"), ("amax", float("-inf"))),
    **dict.fromkeys(("min", "amin"), ("amin", float("inf"))),
}


def segment_reduce(data, reduce, *, lengths=None, indices=None, offsets=None, axis=0, unsafe=False, initial=None):
    """Reduces consecutive segments of dimension `axis`, by "sum", "mean", "prod", "max" or "amax", "min" or "amin".

    The last dimension of `lengths` has a length for each segment, that of `offsets` the places where they begin and the
    end of the last; the dimensions before it are those of `data` before `axis`. `initial` takes part in every segment.
    An empty one without it gives 0, 1, an infinity, or nan for means.

    Raises RuntimeError for another reduction, without lengths and offsets, or where (unless `unsafe`) lengths do not sum
    to the dimension.

    >>> import steepest as torch
    >>> torch.segment_reduce(torch.tensor([1.0, 2.0, 3.0]), "sum", lengths=torch.tensor([1, 2]))
    tensor([1., 5.])
    """
    axis = axis + data.dim() if axis < 0 else axis
    if reduce not in _REDUCTIONS:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    if lengths is None and offsets is None:
        raise RuntimeError("segment_reduce(): Either lengths or offsets must be defined.")
    if indices is not None:
        raise RuntimeError("segment_reduce(): indices based reduction is not supported yet.")
    if lengths is None:
        lengths = _C.diff(offsets, dim=-1)
    elif not unsafe:
        if bool((lengths < 0).any()):
            raise RuntimeError("lengths contains negative value!")
        if bool((lengths.sum(-1) != data.size(axis)).any()):
            raise RuntimeError(
                "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe."
            )
    outer, segments = data.shape[:axis], lengths.size(-1)
    rows = lengths.reshape(-1, segments)
    # An element's segment is the number of ends at or before it; what lies behind all of them goes into one more.
    ends = _C.cumsum(rows, 1)
    places = _C.searchsorted(ends, _C.arange(data.size(axis)).expand(rows.size(0), data.size(axis)).contiguous(), right=True)
    way, start = _REDUCTIONS[reduce]
    flat = data.reshape(rows.size(0), data.size(axis), -1)
    y = _C.full((rows.size(0), segments + 1, flat.size(2)), start if initial is None else initial, dtype=data.dtype)
    y = _C.scatter_reduce(y, 1, places.unsqueeze(2).expand(flat.shape), flat, way)[:, :segments]
    if reduce == "mean":
        count = rows.unsqueeze(2)
        empty = float("nan") if initial is None else initial
        y = _C.where(count == 0, empty, y / _C.clamp(count, min=1))
    return y.reshape(*outer, segments, *data.shape[axis + 1 :])
