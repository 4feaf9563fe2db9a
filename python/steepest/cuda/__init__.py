"""torch.cuda for programs that ask: there is no GPU."""

from collections import OrderedDict

from .. import _C
from .._lazy import submodules

_submodule = submodules(__name__)
has_half = False


def _no_gpu(name, doc="There is no GPU: AssertionError."):
    def function(*args, **kwargs):
        raise AssertionError("Torch not compiled with CUDA enabled")

    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


def _unbound(name, bound):
    """What reaches, before it looks for a GPU, for a name that only a build with CUDA has."""

    def function(*args, **kwargs):
        raise AttributeError(f"module 'torch._C' has no attribute '{bound}'")

    function.__name__ = function.__qualname__ = name
    function.__doc__ = "There is no GPU: AttributeError."
    return function


def _nothing(name, result=None):
    def function(*args, **kwargs):
        return result

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"There is no GPU: {result!r}."
    return function


is_available = _nothing("is_available", False)
is_initialized = _nothing("is_initialized", False)
is_bf16_supported = _nothing("is_bf16_supported", False)
is_tf32_supported = _nothing("is_tf32_supported", False)
is_current_stream_capturing = _nothing("is_current_stream_capturing", False)
device_count = _nothing("device_count", 0)
manual_seed = _nothing("manual_seed")
manual_seed_all = _nothing("manual_seed_all")
seed = _nothing("seed")
seed_all = _nothing("seed_all")
init = _no_gpu("init")
empty_cache = _nothing("empty_cache")
ipc_collect = _nothing("ipc_collect")
memory_allocated = _nothing("memory_allocated", 0)
max_memory_allocated = _nothing("max_memory_allocated", 0)
memory_cached = memory_reserved = _nothing("memory_reserved", 0)
max_memory_cached = max_memory_reserved = _nothing("max_memory_reserved", 0)
get_arch_list = _nothing("get_arch_list", [])
get_rng_state_all = _nothing("get_rng_state_all", [])
set_rng_state_all = _nothing("set_rng_state_all")
initial_seed = _no_gpu("initial_seed")
_lazy_init = _no_gpu("_lazy_init")
_initialized = False
synchronize = _no_gpu("synchronize")
current_device = _no_gpu("current_device")
set_device = _unbound("set_device", "_cuda_setDevice")
current_stream = _no_gpu("current_stream")
default_stream = _no_gpu("default_stream")
get_device_name = _no_gpu("get_device_name")
get_device_capability = _no_gpu("get_device_capability")
get_device_properties = _no_gpu("get_device_properties")
get_rng_state = _no_gpu("get_rng_state")
set_rng_state = _no_gpu("set_rng_state")
mem_get_info = _no_gpu("mem_get_info")
memory_summary = _no_gpu("memory_summary")
memory_stats = _nothing("memory_stats", OrderedDict())
reset_peak_memory_stats = _unbound("reset_peak_memory_stats", "_cuda_resetPeakMemoryStats")
reset_max_memory_allocated = _unbound("reset_max_memory_allocated", "_cuda_resetPeakMemoryStats")


class AcceleratorError(RuntimeError):
    """What fails on a device that is not here."""


class OutOfMemoryError(RuntimeError):
    """What the memory of a GPU that is not here does not suffice for; programs catch it by this name."""


class Stream:
    """There is no GPU to order work on: RuntimeError."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError("torch.cuda.Stream requires CUDA support")


class Event:
    """There is no GPU to time: RuntimeError."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError("Tried to instantiate dummy base class Event")


class CUDAGraph:
    """There is no GPU to record work of: RuntimeError."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError("Tried to instantiate dummy base class CUDAGraph")


class device:
    """Makes a GPU the current one within a block: RuntimeError on entry, unless for the index -1, which stands for none."""

    def __init__(self, device):
        place = _C.device(device) if isinstance(device, str) else device
        if isinstance(place, _C.device):
            if place.type != "cuda":
                raise ValueError(f"Expected a cuda device, but got: {place}")
            place = place.index
        self.idx = place if isinstance(place, int) else None
        self.prev_idx = -1

    def __enter__(self):
        if self.idx is None or self.idx >= 0:
            raise RuntimeError("PyTorch was compiled without CUDA support")

    def __exit__(self, *error):
        return False


class device_of(device):
    """The same for the GPU of a tensor: tensors of the CPU have none."""

    def __init__(self, obj):
        super().__init__(-1)


class stream:
    """A context manager that has no stream to switch to."""

    def __init__(self, stream):
        self.stream = stream

    def __enter__(self):
        return None

    def __exit__(self, *error):
        return False


graph = StreamContext = stream


def __getattr__(name):
    if name.endswith("Tensor"):

        class Missing:
            def __new__(cls, *args, **kwargs):
                raise TypeError(f"type torch.cuda.{name} not available. Torch not compiled with CUDA enabled.")

        Missing.__name__ = name
        return Missing
    return _submodule(name)
