"""no_grad, enable_grad, set_grad_enabled and inference_mode: whether operations are recorded."""

import functools
import inspect
import warnings

from .. import _C
from .._C import enable_grad, no_grad

__all__ = ["enable_grad", "inference_mode", "no_grad", "set_grad_enabled"]


def _decorate(switch, f):
    """`f` with the mode on during its calls; of a generator function, during each of its steps."""
    if inspect.isclass(f):
        warnings.warn(
            "Decorating classes is deprecated and will be disabled in future versions. You should only decorate functions or methods. "
            "To preserve the current behavior of class decoration, you can directly decorate the `__init__` method and nothing else.",
            FutureWarning,
            stacklevel=3,
        )
    if inspect.isgeneratorfunction(f):

        @functools.wraps(f)
        def steps(*args, **kwargs):
            generator = f(*args, **kwargs)
            send, value = generator.send, None
            while True:
                try:
                    with switch.clone():
                        result = send(value)
                except StopIteration as stop:
                    return stop.value
                try:
                    send, value = generator.send, (yield result)
                except GeneratorExit:
                    with switch.clone():
                        generator.close()
                    raise
                except BaseException as error:  # handed on to the generator
                    send, value = generator.throw, error

        return steps

    @functools.wraps(f)
    def wrapped(*args, **kwargs):
        with switch.clone():
            return f(*args, **kwargs)

    return wrapped


def _set_up(cls):
    cls._decorate = staticmethod(_decorate)
    cls.clone = lambda self: type(self)()


_set_up(no_grad)
_set_up(enable_grad)


class set_grad_enabled:
    """Sets recording at once, and back at the end of a ``with``; also a decorator.

    >>> import steepest as torch
    >>> with torch.set_grad_enabled(False):
    ...     torch.ones(1, requires_grad=True).exp().requires_grad
    False
    """

    def __init__(self, mode):
        self.prev = _C.is_grad_enabled()
        self.mode = mode
        _C._set_grad_enabled(mode)

    def __call__(self, f):
        _C._set_grad_enabled(self.prev)
        return _decorate(self, f)

    def __enter__(self):
        _C._set_grad_enabled(self.mode)

    def __exit__(self, *_error):
        _C._set_grad_enabled(self.prev)

    def clone(self):
        """Another of the same mode, not yet in force."""
        new = object.__new__(set_grad_enabled)
        new.mode, new.prev = self.mode, _C.is_grad_enabled()
        return new

    def __str__(self):
        return f"torch.autograd.grad_mode.set_grad_enabled(mode={self.mode})"

    __repr__ = __str__


class inference_mode:
    """no_grad for tensors that will never be recorded; a context manager and a decorator."""

    def __new__(cls, mode=True):
        self = object.__new__(cls)
        self.mode = True if callable(mode) else mode
        return _decorate(self, mode) if callable(mode) else self

    def __call__(self, f):
        return _decorate(self, f)

    def __enter__(self):
        self.before = _C.is_inference_mode_enabled(), _C.is_grad_enabled()
        _C._set_inference_mode(self.mode)
        _C._set_grad_enabled(not self.mode)

    def __exit__(self, *_error):
        _C._set_inference_mode(self.before[0])
        _C._set_grad_enabled(self.before[1])

    def clone(self):
        """Another of the same mode."""
        return inference_mode(self.mode)
