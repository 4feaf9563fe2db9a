"""Row numbers of sparse matrices' elements, one each, and compressed: where each row's elements begin."""

from .. import _C


def _check_type(name, indices):
    if indices.dtype not in (_C.int32, _C.int64):
        got = indices.type().removeprefix("torch.").removesuffix("Tensor")
        raise NotImplementedError(f'"{name}_cpu" not implemented for \'{got}\'')


def _convert_indices_from_coo_to_csr(input, size, *, out_int32=False, out=None):
    """How many of the rows ``input`` (n,), which ascend, lie before each of 0 .. ``size``: (size + 1,), int64 or int32.

    RuntimeError where input is not a vector, NotImplementedError where it is not of int32 or int64.

    >>> import steepest as torch
    >>> torch._convert_indices_from_coo_to_csr(torch.tensor([0, 0, 2]), 3)
    tensor([0, 2, 2, 3])
    """
    if input.dim() != 1:
        raise RuntimeError(f"Input is supposed to be a vector, but got {input.dim()} dimensional tensor.")
    _check_type("convert_indices_from_coo_to_csr", input)
    return _C.searchsorted(input, _C.arange(size + 1, dtype=input.dtype), out_int32=out_int32, out=out)


def _convert_indices_from_csr_to_coo(crow_indices, col_indices, *, out_int32=False, transpose=False, out=None):
    """The rows and columns (2, n) of the n elements of a matrix, int64 or int32; with ``transpose`` columns and rows.

    For a batch, ``crow_indices`` (*, rows + 1) and ``col_indices`` (*, n), the dimensions before are told first.
    NotImplementedError where indices are not of int32 or int64.

    >>> import steepest as torch
    >>> torch._convert_indices_from_csr_to_coo(torch.tensor([0, 2, 2, 3]), torch.tensor([0, 1, 0]))
    tensor([[0, 0, 2],
            [0, 1, 0]])
    """
    _check_type("convert_indices_from_csr_to_coo", crow_indices)
    matrices = _C.ones(crow_indices.shape[:-1]).nonzero()
    batch = matrices.repeat_interleave(col_indices.size(-1), 0).t()
    rows = _C.arange(crow_indices.size(-1) - 1).repeat(len(matrices)).repeat_interleave(_C.diff(crow_indices).flatten())
    places = _C.stack((col_indices.flatten(), rows) if transpose else (rows, col_indices.flatten()))
    return _C.cat([part.to(_C.int32 if out_int32 else _C.int64) for part in (batch, places)], out=out)
