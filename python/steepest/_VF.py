"""torch._VF: functions of the op table, by the place where old programs look for them."""

from . import _C


def __getattr__(name):
    return getattr(_C, name)
