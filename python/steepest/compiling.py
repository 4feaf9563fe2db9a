"""torch.compile: the function as it is; here ops cost too little for a compiler to remove."""

import functools


def compile(  # noqa: A001
    model=None, *, fullgraph=False, dynamic=None, backend="inductor", mode=None, options=None, recompile_limit=None, disable=False
):
    """`model`, a function or Module, unchanged: it computes the same with or without a compiler.

    Without `model` a decorator. A Module keeps its class and the names of its state.

    >>> import steepest as torch
    >>> @torch.compile
    ... def double(x):
    ...     return x + x
    >>> double(torch.tensor(2.0))
    tensor(4.)
    """
    if model is None:
        return functools.partial(
            compile, fullgraph=fullgraph, dynamic=dynamic, backend=backend, mode=mode, options=options, disable=disable
        )
    if mode is not None and options is not None:
        raise RuntimeError("Either mode or options can be specified, but both can't be specified at the same time.")
    if not callable(model):
        raise AssertionError(f"A callable function is expected, but {type(model)} is provided.")
    return model
