"""torch.autocast, as a context manager and decorator: the casts themselves are made where ops are called."""

import functools
import threading
import warnings

from .. import _C, bfloat16, device, float16, is_tensor

DEFAULTS = {"cpu": bfloat16, "cuda": float16}


def is_autocast_available(device_type):
    """Whether ``torch.autocast(device_type)`` is accepted."""
    return device_type in DEFAULTS


class autocast:
    """Mixed precision for a block or a function.

    Matrix products, convolutions and attention take their operands in ``dtype`` (bfloat16 unless told otherwise, or float16);
    losses, decompositions and products of many numbers in float32; :func:`cat` and :func:`stack` in the widest type of their
    tensors. Other ops take what they are given. The casts are recorded: a float32 parameter has a float32 gradient. Float64
    tensors, in-place forms and ``out=`` are left alone. With ``cache_enabled`` a parameter is cast once in a block.
    ``enabled=False``, float32, and devices that are not there make it do nothing, with PyTorch's warning.

    >>> import steepest as torch
    >>> with torch.autocast("cpu"):
    ...     y = torch.ones(2, 2) @ torch.ones(2, 2)
    >>> y.dtype, (y + torch.ones(2, 2)).dtype
    (torch.bfloat16, torch.float32)
    """

    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=None):
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        self.device = device(device_type).type if device_type not in DEFAULTS else device_type
        if self.device not in DEFAULTS:
            raise RuntimeError(f"User specified an unsupported autocast device_type '{self.device}'")
        self.fast_dtype = get_autocast_dtype(self.device) if dtype is None else dtype
        if enabled and self.device == "cuda":
            warnings.warn("CUDA is not available or torch_xla is imported. Disabling autocast.", stacklevel=2)
            enabled = False
        if enabled and self.fast_dtype not in (bfloat16, float16):
            warnings.warn(
                "In CPU autocast, but the target dtype is not supported. Disabling autocast.\n"
                "CPU Autocast only supports dtypes of torch.bfloat16, torch.float16 currently.",
                stacklevel=2,
            )
            enabled = False
        self._enabled = bool(enabled)
        self._caches = is_autocast_cache_enabled() if cache_enabled is None else bool(cache_enabled)
        self._before = []

    def __enter__(self):
        before = _C._autocast_state()
        self._before.append(before)
        if self.device == "cpu":
            _thread.depth += 1
            lower = self.fast_dtype if self._enabled else before[1]
            _C._set_autocast(self._enabled, lower, self._caches)
        return self

    def __exit__(self, *error):
        before = self._before.pop()
        if self.device == "cpu":
            _thread.depth -= 1
            if _thread.depth == 0:
                _C._clear_casts()
            _C._set_autocast(*before)
        return False

    def __call__(self, func):
        @functools.wraps(func)
        def inside(*args, **kwargs):
            with self:
                return func(*args, **kwargs)

        return inside


class _Nesting(threading.local):
    depth = 0  # of the blocks in force; when the outermost ends, the casts of parameters are forgotten


_thread = _Nesting()


def is_autocast_enabled(device_type="cpu", /):
    """Whether a ``torch.autocast`` for this kind of device is in force on this thread."""
    return device_type == "cpu" and _C._autocast_state()[0]


def is_autocast_cpu_enabled():
    """``is_autocast_enabled("cpu")``."""
    return is_autocast_enabled("cpu")


def set_autocast_enabled(device_type, enabled, /):
    """Switches autocast on or off for this thread."""
    if device_type == "cpu":
        _C._set_autocast(bool(enabled), *_C._autocast_state()[1:])


def get_autocast_dtype(device_type, /):
    """What ``torch.autocast`` computes in where it is not told."""
    return _C._autocast_state()[1] if device_type == "cpu" else DEFAULTS[device_type]


def set_autocast_dtype(device_type, dtype, /):
    """Sets what ``torch.autocast`` computes in where it is not told."""
    if device_type == "cpu":
        on, _, caches = _C._autocast_state()
        _C._set_autocast(on, dtype, caches)
    else:
        DEFAULTS[device_type] = dtype


def get_autocast_cpu_dtype():
    """``get_autocast_dtype("cpu")``."""
    return get_autocast_dtype("cpu")


def get_autocast_gpu_dtype():
    """``get_autocast_dtype("cuda")``."""
    return get_autocast_dtype("cuda")


def set_autocast_cpu_dtype(dtype, /):
    """``set_autocast_dtype("cpu", dtype)``."""
    set_autocast_dtype("cpu", dtype)


def set_autocast_gpu_dtype(dtype, /):
    """``set_autocast_dtype("cuda", dtype)``."""
    set_autocast_dtype("cuda", dtype)


def set_autocast_cpu_enabled(enabled, /):
    """``set_autocast_enabled("cpu", enabled)``."""
    set_autocast_enabled("cpu", enabled)


def is_autocast_cache_enabled():
    """Whether casts of parameters are kept until the block ends."""
    return _C._autocast_state()[2]


def set_autocast_cache_enabled(enabled, /):
    """Sets whether casts of parameters are kept until the block ends."""
    _C._set_autocast(*_C._autocast_state()[:2], bool(enabled))


def clear_autocast_cache():
    """Forgets the casts of parameters."""
    _C._clear_casts()


def _cast(value, device_type, dtype):
    if is_tensor(value):
        return value.to(dtype) if device_type == "cpu" and value.is_floating_point() and value.dtype.itemsize < 8 else value
    if isinstance(value, dict):
        return {_cast(k, device_type, dtype): _cast(v, device_type, dtype) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_cast(v, device_type, dtype) for v in value)
    return value


def custom_fwd(fwd=None, *, device_type, cast_inputs=None):
    """The decorator of a Function's forward under autocast.

    Without ``cast_inputs`` the forward runs under the mode it is called in; with it, floating-point tensors are cast to that
    type and the forward runs without autocast, where autocast is in force.
    """
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def inside(ctx, *args, **kwargs):
        ctx._dtype = get_autocast_dtype(device_type)
        ctx._fwd_used_autocast = is_autocast_enabled(device_type)
        if cast_inputs is None or not ctx._fwd_used_autocast:
            return fwd(ctx, *args, **kwargs)
        ctx._fwd_used_autocast = False
        with autocast(device_type, enabled=False):
            return fwd(ctx, *_cast(args, device_type, cast_inputs), **_cast(kwargs, device_type, cast_inputs))

    return inside


def custom_bwd(bwd=None, *, device_type):
    """The decorator of a Function's backward under autocast: it runs in the mode that its forward ran in."""
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def inside(*args, **kwargs):
        with autocast(device_type, enabled=args[0]._fwd_used_autocast, dtype=args[0]._dtype):
            return bwd(*args, **kwargs)

    return inside
