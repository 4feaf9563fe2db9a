"""A weight as lengths and a direction: the arithmetic of weight normalisation, as torch has it."""

__all__ = ["_weight_norm", "as_rows", "dim_of_outputs", "norm_except_dim"]


def norm_except_dim(v, pow=2, dim=0):
    """The norm of order `pow` of each slice of v along `dim`, with v's number of dimensions; of all of v where dim is -1.

    >>> import steepest as torch
    >>> torch.norm_except_dim(torch.tensor([[3.0, 4.0], [0.0, 2.0]]))
    tensor([[5.],
            [2.]])
    """
    if dim == -1:
        return v.norm(pow)
    if not -v.dim() <= dim < v.dim():
        raise IndexError(f"Dimension out of range (expected to be in range of [{-v.dim()}, {v.dim() - 1}], but got {dim})")
    others = [d for d in range(v.dim()) if d != dim % v.dim()]
    return v.norm(pow, others, keepdim=True) if others else v.abs()


def _weight_norm(v, g, dim=0):
    return v * (g / norm_except_dim(v, 2, dim))


def as_rows(weight, dim):
    """`weight` as a matrix whose rows are the indices of `dim`."""
    if dim != 0:
        weight = weight.permute(dim, *(d for d in range(weight.dim()) if d != dim))
    return weight.flatten(1)


def dim_of_outputs(module):
    """Which dimension of the module's weight counts its outputs: 1 for a transposed convolution, else 0."""
    return 1 if getattr(module, "transposed", False) else 0
