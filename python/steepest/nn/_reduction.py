"""How losses are reduced: the names of the ways, and the two flags that named them in old programs."""

import warnings


def legacy_reduction(size_average, reduce, reduction):
    """`reduction`, unless one of the old flags is given: then the way that they mean, with a warning."""
    if size_average is None and reduce is None:
        return reduction
    return legacy_get_string(size_average, reduce)


def legacy_get_string(size_average, reduce, emit_warning=True):
    """The way to reduce that the old flags mean."""
    # Truth is asked for, so that tensors in their place, as of CrossEntropyLoss(input, target), are refused.
    averaged, reduced = (flag is None or bool(flag) for flag in (size_average, reduce))
    reduction = "none" if not reduced else "mean" if averaged else "sum"
    if emit_warning:
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.",
            stacklevel=4,
        )
    return reduction


def legacy_get_enum(size_average, reduce, emit_warning=True):
    """The number that stands for the way to reduce that the old flags mean."""
    return get_enum(legacy_get_string(size_average, reduce, emit_warning))


def check_reduction(reduction):
    """Raise ValueError unless `reduction` is the name of a way to reduce."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def get_enum(reduction):
    """The number that stands for a way to reduce: 0 none, 1 mean, 2 sum."""
    if reduction == "elementwise_mean":
        warnings.warn("reduction='elementwise_mean' is deprecated. Please use reduction='mean' instead.", stacklevel=3)
        reduction = "mean"
    return ("none", "mean", "sum").index(check_reduction(reduction))
