"""torch._tensor_str: how tensors are printed, by PyTorch's own names, for packages whose tensors print themselves."""

from . import printing
from .printing import _body, _with_suffixes, get_printoptions, printoptions, set_printoptions, tensor_repr

__all__ = ["get_printoptions", "printoptions", "set_printoptions"]


class _Options:
    """The present options of printing, as attributes: threshold, edgeitems, linewidth, precision, sci_mode."""

    def __getattr__(self, name):
        try:
            return printing._options[name]
        except KeyError:
            raise AttributeError(name) from None


PRINT_OPTS = _Options()


def _tensor_str(self, indent):
    """The values of a tensor, whose first line begins at column `indent`."""
    return _body(self, indent)


def _add_suffixes(tensor_str, suffixes, indent, force_newline=False):
    """The values, what follows them, and the closing parenthesis."""
    return _with_suffixes(tensor_str, suffixes, indent)


def _str(self, *, tensor_contents=None):
    """The whole text of a tensor."""
    return tensor_repr(self)
