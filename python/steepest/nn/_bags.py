"""embedding_bag of nn.functional: sums, means and largest elements of rows of a table, bag by bag."""

from .. import _C

__all__ = ["embedding_bag"]


def _check(input, weight, mode, scale_grad_by_freq, sparse, per_sample_weights, padding_idx):
    for name, indices in input:
        if indices.dtype not in (_C.int64, _C.int32):
            raise RuntimeError(
                f"Expected tensor for argument #1 '{name}' to have one of the following scalar types: Long, Int; but got "
                f"{indices.type()} instead (while checking arguments for embedding_bag)"
            )
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if mode == "max" and sparse:
        raise ValueError("max mode does not support sparse weights")
    if per_sample_weights is not None:
        if mode != "sum":
            raise NotImplementedError(
                "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' "
                f"(got mode='{mode}'). Please open a feature request on GitHub."
            )
        if per_sample_weights.dtype != weight.dtype:
            raise RuntimeError(
                "Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 "
                f"'per_sample_weights'; but type {weight.type()} does not equal {per_sample_weights.type()} (while "
                "checking arguments for embedding_bag)"
            )
    rows = weight.shape[0]
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise RuntimeError(
            f"padding_idx must be within the number of embeddings, {-rows} through {rows - 1}, but got {padding_idx}"
        )


def _bag_starts(input, offsets):
    """(the indices in a row, where each bag begins)"""
    if input.dim() == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length "
                f"sequences. However, found offsets of type {type(offsets)}"
            )
        bags, length = input.shape
        return input.reshape(-1), _C.arange(bags) * length
    if input.dim() != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.dim()}")
    if offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    if offsets.dim() != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    return input, offsets


def embedding_bag(
    input,
    weight,
    offsets=None,
    max_norm=None,
    norm_type=2,
    scale_grad_by_freq=False,
    mode="mean",
    sparse=False,
    per_sample_weights=None,
    include_last_offset=False,
    padding_idx=None,
):
    """For each bag of integers the ``sum``, ``mean`` or ``max`` of the rows of ``weight``, ``(V, D)``, that they name: ``(B, D)``.

    ``input`` is ``(B, N)``, or ``(N,)`` with ``offsets`` ``(B,)`` that say where each bag begins, and with ``include_last_offset``
    also where the last one ends. ``per_sample_weights`` of the input's shape scale the rows of a sum; rows ``padding_idx`` do not
    count. An empty bag gives zeros. With ``sparse`` the gradient of a ``weight`` that is a leaf is a sparse tensor.

    Example::

        >>> import steepest as torch
        >>> table = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        >>> torch.nn.functional.embedding_bag(torch.tensor([0, 1, 2]), table, torch.tensor([0, 2]), mode="sum")
        tensor([[4., 6.],
                [5., 6.]])
    """
    if not weight.is_floating_point() and input.is_floating_point():  # the order of arguments of old programs
        input, weight = weight, input
    if per_sample_weights is not None and input.shape != per_sample_weights.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must have the same "
            f"shape as the input ({input.shape})"
        )
    indices, starts = _bag_starts(input, offsets)
    _check([("indices", indices), ("offsets", starts)], weight, mode, scale_grad_by_freq, sparse, per_sample_weights, padding_idx)
    indices, starts = indices.long(), starts.long()
    total, scales = indices.numel(), None if per_sample_weights is None else per_sample_weights.reshape(-1)
    if starts.numel() and int(starts[0]) != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, "
            f"got {int(starts[0])}"
        )
    if starts.numel() and int(starts[-1]) > total:
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {total} but got offsets[-1] of {int(starts[-1])}"
        )
    if include_last_offset:
        total = int(starts[-1])
        starts = starts[:-1]
    bags = starts.numel()
    counts = _C.cat([starts[1:], _C.full((min(bags, 1),), total, dtype=_C.int64)]) - starts
    wrong = bool((counts < 0).any()) or bool(((indices < 0) | (indices >= weight.shape[0])).any())
    if wrong:
        raise RuntimeError("embedding_bag: offsets have to rise, and indices to be at least 0 and below the number of rows")
    bag, fixed = _C.arange(bags), input.dim() == 2 and not include_last_offset  # bags of one length
    bag = bag.unsqueeze(1).expand(input.shape).reshape(-1) if fixed else _C.repeat_interleave(bag, counts)
    indices, scales = indices[: bag.numel()], None if scales is None else scales[: bag.numel()]
    if padding_idx is not None:
        kept = indices != padding_idx % weight.shape[0]
        bag, indices, scales = bag[kept], indices[kept], None if scales is None else scales[kept]
        counts = _C.bincount(bag, minlength=bags)
    divisors = counts.clamp(min=1).unsqueeze(1).to(weight.dtype) if mode == "mean" else None
    if mode != "max" and max_norm is None and not scale_grad_by_freq and not sparse:
        # The bags are rows of a sparse matrix, which add up without the rows of the table being laid out.
        factors = _C.ones(bag.numel(), dtype=weight.dtype) if scales is None else scales
        sums = _C._sparse_mm(factors, weight, _C.stack([bag, indices]), False, bags)
        return sums if divisors is None else sums / divisors
    rows = _C._nn.embedding(indices, weight, None, max_norm, norm_type, scale_grad_by_freq, sparse)
    if mode == "max" and bag.numel():
        return _largest(rows, bag, counts)
    sums = _C.zeros(bags, weight.shape[1], dtype=weight.dtype)
    sums = sums.index_add(0, bag, rows if scales is None else rows * scales.unsqueeze(1))
    return sums if divisors is None else sums / divisors


def _largest(rows, bag, counts):
    """The largest elements of the rows of each bag, which are laid out side by side."""
    bags, longest, width = counts.numel(), int(counts.max()), rows.shape[1]
    place = _C.arange(bag.numel()) - (counts.cumsum(0) - counts)[bag]
    side_by_side = _C.full((bags * longest, width), float("-inf"), dtype=rows.dtype)
    side_by_side = side_by_side.index_copy(0, bag * longest + place, rows).reshape(bags, longest, width)
    return side_by_side.max(1).values.masked_fill((counts == 0).unsqueeze(1), 0)
