"""Tensors from Python data: tensor, as_tensor, asarray, from_dlpack."""

import warnings

from . import _C


def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """A new tensor with a copy of `data`: numbers, nested sequences, numpy arrays.

    The dtype is inferred where it is not given: the default dtype for floats, int64 for ints, bool for bools.
    Raises ValueError for ragged nesting, TypeError for what is no number.

    >>> import steepest as torch
    >>> torch.tensor([[1., 2.], [3., 4.]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    if device is not None:
        _C._check_device(device)
    if isinstance(data, _C.Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() "
            "or sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
    return _C._tensor(data, dtype, requires_grad)


def as_tensor(data, dtype=None, device=None):
    """A tensor that shares memory with `data` where it can: a tensor itself, or an array of the dtype asked for."""
    if device is not None:
        _C._check_device(device)
    if isinstance(data, _C.Tensor):
        return data if dtype is None else data.to(dtype)
    import numpy as np

    if isinstance(data, np.ndarray):
        shared = _C.from_numpy(data)
        return shared if dtype is None else shared.to(dtype)
    return _C._tensor(data, dtype, False)


def _demand_memory(obj, dtype):
    """Raises unless the memory of `obj` can be that of a tensor of this dtype."""
    import numpy as np

    if isinstance(obj, np.generic):
        raise RuntimeError("can't alias NumPy scalars. Either remove copy=False or transform it in a ndarray. ")
    if not isinstance(obj, _C.Tensor | np.ndarray):
        raise ValueError("can't alias arbitrary sequence into a tensor.")
    given = as_tensor(obj)
    if dtype not in (None, given.dtype):
        names = [kind.type().removeprefix("torch.").removesuffix("Tensor") for kind in (given, _C.empty(0, dtype=dtype))]
        raise ValueError("can't alias tensor with dtype '{}' into dtype '{}'.".format(*names))


def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False):
    """A tensor of `obj`; shares memory unless `copy` is True or the dtype differs; ValueError where it cannot and `copy` is False."""
    if copy is False:
        _demand_memory(obj, dtype)
    t = _C._tensor(obj, dtype, False) if copy else as_tensor(obj, dtype, device)
    return t.requires_grad_() if requires_grad else t


def from_dlpack(ext_tensor, **_ignored):
    """A tensor that shares the memory of any object with ``__dlpack__``, or of a DLPack capsule."""
    if not hasattr(ext_tensor, "__dlpack__"):
        return _C._from_dlpack(ext_tensor)
    try:
        capsule = ext_tensor.__dlpack__(max_version=(1, 0))
    except TypeError:  # an exporter of the time before versions
        capsule = ext_tensor.__dlpack__()
    return _C._from_dlpack(capsule)
