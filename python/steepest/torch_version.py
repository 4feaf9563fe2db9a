"""TorchVersion: a version text that compares as a version, as ``torch.__version__`` does."""

import operator
import re

__all__ = ["TorchVersion"]

VERSION = re.compile(r"\s*v?(\d+(?:\.\d+)*)([.-]?(?:a|b|rc|dev|alpha|beta|pre)\d*)?[^+]*(?:\+(\S+))?\s*")


def _key(version):
    """What versions sort by: the release, pre-releases first, the part behind + last. None for a text that is no version."""
    match = VERSION.fullmatch(".".join(map(str, version)) if isinstance(version, tuple | list) else version)
    if match is None:
        return None
    release = [int(part) for part in match[1].split(".")]
    while release and release[-1] == 0:
        release.pop()
    return release, match[2] is None, match[3] or ""


def _comparison(compare):
    def method(self, other):
        if not isinstance(other, str | tuple | list):
            return NotImplemented
        own, others = _key(self), _key(other)
        return compare(str(self), str(other)) if own is None or others is None else compare(own, others)

    method.__name__ = f"__{compare.__name__}__"
    return method


class TorchVersion(str):
    """A str whose comparisons go by version numbers; the other side is a text or a tuple of numbers.

    A text that is no version compares as a text.

    Example::

        >>> from steepest.torch_version import TorchVersion
        >>> TorchVersion("2.13.0+steepest") > "2.9", TorchVersion("2.13.0+steepest") >= (2, 13)
        (True, True)
    """

    __hash__ = str.__hash__
    __eq__, __ne__ = _comparison(operator.eq), _comparison(operator.ne)
    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)
