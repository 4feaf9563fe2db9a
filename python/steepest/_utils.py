"""What files and other packages name by its place in torch._utils: an exception of another process."""

import sys
import traceback


class _Text(str):
    """A message that shows its line breaks where repr() is applied to it, as KeyError does."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


class ExceptionWrapper:
    """The exception being handled, with its traceback as text, to be raised in another process or thread."""

    def __init__(self, exc_info=None, where="in background"):
        exc_info = exc_info or sys.exc_info()
        self.exc_type = exc_info[0]
        self.exc_msg = "".join(traceback.format_exception(*exc_info))
        self.where = where

    def reraise(self):
        """Raises an exception of the same type; RuntimeError where its type takes no single text."""
        text = f"Caught {self.exc_type.__name__} {self.where}.\nOriginal {self.exc_msg}"
        if self.exc_type is KeyError:
            text = _Text(text)
        try:
            if getattr(self.exc_type, "message", None):
                exception = self.exc_type(message=text)
            else:
                exception = self.exc_type(text)
        except Exception:
            raise RuntimeError(text) from None
        raise exception
