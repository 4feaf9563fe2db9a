"""Anomaly mode: a failing backward tells the line of the forward pass."""

import traceback
import warnings

from .. import _C


def _forward_line():
    return "".join(traceback.format_list(traceback.extract_stack()[:-1]))


def _warn(text):
    warnings.warn(text, UserWarning, stacklevel=3)


_C._set_anomaly_hooks(_forward_line, _warn)


class set_detect_anomaly:
    """Turns anomaly mode on or off, at once or for a ``with``; NaN gradients raise RuntimeError while it is on."""

    def __init__(self, mode, check_nan=True):
        self.before = _C.is_anomaly_enabled(), _C.is_anomaly_check_nan_enabled()
        _C._set_anomaly(mode, check_nan)

    def __enter__(self):
        pass

    def __exit__(self, *_error):
        _C._set_anomaly(*self.before)


class detect_anomaly:
    """A ``with`` in which anomaly mode is on.

    >>> import steepest as torch
    >>> with torch.autograd.set_detect_anomaly(True):
    ...     torch.is_anomaly_enabled()
    True
    """

    def __init__(self, check_nan=True):
        self.check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only "
            "be enabled for debugging.",
            stacklevel=2,
        )

    def __enter__(self):
        self.before = _C.is_anomaly_enabled(), _C.is_anomaly_check_nan_enabled()
        _C._set_anomaly(True, self.check_nan)

    def __exit__(self, *_error):
        _C._set_anomaly(*self.before)
