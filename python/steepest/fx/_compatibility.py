"""The decorator by which PyTorch says what of torch.fx stays as it is."""

__all__ = ["compatibility"]


def compatibility(is_backward_compatible):
    """A decorator that notes on a function or class whether later versions keep it.

    >>> import steepest as torch
    >>> @torch.fx._compatibility.compatibility(is_backward_compatible=True)
    ... def double(x):
    ...     return 2 * x
    >>> double(2), double._backwards_compatible
    (4, True)
    """

    def note(fn):
        fn._backwards_compatible = is_backward_compatible
        return fn

    return note
