"""The default stream of random numbers: seeding it, saving its position, forking it."""

import contextlib

from . import _C

__all__ = [
    "default_generator", "fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state", "thread_safe_generator",
]

default_generator = _C.default_generator


def manual_seed(seed):
    """Start the default stream that belongs to ``seed``; one seed gives PyTorch's numbers.

    Args:
        seed: anything that ``int`` takes, of [-2**63, 2**64); negative seeds count modulo 2**64.

    Returns the default :class:`Generator`. ValueError for seeds beyond the range.

    Example::

        >>> import steepest as torch
        >>> torch.manual_seed(0).initial_seed()
        0
        >>> torch.rand(3)
        tensor([0.4963, 0.7682, 0.0885])
    """
    return default_generator.manual_seed(int(seed))


def seed():
    """Start the default stream from a seed that the operating system gives, and return that seed."""
    return default_generator.seed()


def initial_seed():
    """The seed from which the default stream started."""
    return default_generator.initial_seed()


def get_rng_state():
    """The position in the default stream: a uint8 tensor of 5056 bytes, in PyTorch's layout."""
    return default_generator.get_state()


def set_rng_state(new_state):
    """Go back to a position that :func:`get_rng_state` returned, here or in PyTorch.

    TypeError unless ``new_state`` is a uint8 tensor, RuntimeError for bytes that are no state.

    Example::

        >>> import steepest as torch
        >>> state = torch.get_rng_state()
        >>> x = torch.rand(5)
        >>> torch.set_rng_state(state)
        >>> torch.equal(torch.rand(5), x)
        True
    """
    default_generator.set_state(new_state)


def thread_safe_generator():
    """None, which stands for the default stream: a DataLoader's workers are processes, each with a stream of its own."""


@contextlib.contextmanager
def fork_rng(devices=None, enabled=True, _caller="fork_rng", _devices_kw="devices", device_type="cuda"):
    """A context in which numbers may be drawn without moving the default stream outside.

    Args:
        devices: other devices whose streams to keep; there are none, so this must be empty.
        enabled: False makes the context do nothing.

    Example::

        >>> import steepest as torch
        >>> _ = torch.manual_seed(0)
        >>> with torch.random.fork_rng():
        ...     x = torch.rand(3)
        >>> torch.equal(torch.rand(3), x)
        True
    """
    kind = _C.device(device_type).type
    if not enabled:
        yield
        return
    for index in devices or ():
        _C._check_device(index if isinstance(index, _C.device) else _C.device(kind, index))
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)
