"""torch.compiler: questions and marks for a compiler; there is none, so functions are given back as they are."""

from .compiling import compile  # noqa: A004

__all__ = [
    "allow_in_graph",
    "assume_constant_result",
    "compile",
    "cudagraph_mark_step_begin",
    "disable",
    "get_default_backend",
    "is_compiling",
    "is_dynamo_compiling",
    "is_exporting",
    "list_backends",
    "reset",
    "set_default_backend",
    "set_stance",
    "substitute_in_graph",
]


def disable(fn=None, recursive=True, *, reason=None):
    """`fn`; without it a decorator that gives back what it is put on.

    >>> import steepest as torch
    >>> @torch.compiler.disable
    ... def double(x):
    ...     return x + x
    >>> double(3)
    6
    """
    return fn if fn is not None else lambda f: f


def allow_in_graph(fn):
    """`fn`."""
    return fn


def assume_constant_result(fn):
    """`fn`."""
    return fn


def substitute_in_graph(original_fn, *, can_constant_fold_through=False, skip_signature_check=False):
    """A decorator that gives back what it is put on."""
    return lambda fn: fn


class set_stance:
    """Accepted as a call, a block or a decorator; nothing is compiled under any stance."""

    def __init__(self, stance="default", *, skip_guard_eval_unsafe=False, force_backend=None):
        self.stance = stance

    def __call__(self, fn):
        return fn

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


def is_compiling():
    """False."""
    return False


def is_dynamo_compiling():
    """False."""
    return False


def is_exporting():
    """False."""
    return False


def list_backends(exclude_tags=("debug", "experimental")):
    """No backend: []."""
    return []


_default_backend = "inductor"


def set_default_backend(backend):
    """What :func:`get_default_backend` says from now on; None is PyTorch's own, "inductor". Nothing is compiled by any of them."""
    global _default_backend
    _default_backend = "inductor" if backend is None else backend


def get_default_backend():
    """The backend that :func:`set_default_backend` has set."""
    return _default_backend


def reset():
    """Nothing is kept that could be forgotten."""


def cudagraph_mark_step_begin():
    """There are no CUDA graphs."""
