"""steepest: PyTorch's API on a C++ core, for CPUs. ``import steepest as torch``."""

import math as _math
import sys as _sys

from . import _C
from ._C import *  # noqa: F403  # the op table: every function of an op, the dtypes, device, Tensor
from ._C import _batch_norm_with_update, _native_batch_norm_legit  # noqa: F401
from ._C import _safe_softmax, as_tensor, device, dtype, from_numpy, layout, memory_format
from ._C import bool, double, float, float32, float64, int, int64, long  # noqa: A004
from .size import Size
from .limits import finfo, iinfo
from .tensor import Tensor  # its methods
from ._C import tensor  # the function, which goes by the name of the module that was just loaded
from .creation import asarray, from_dlpack, from_file, frombuffer, range  # noqa: A004
from .autograd.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from .legacy import (
    BFloat16Tensor,
    BoolTensor,
    ByteTensor,
    CharTensor,
    DoubleTensor,
    FloatTensor,
    HalfTensor,
    IntTensor,
    LongTensor,
    ShortTensor,
    get_default_device,
    set_default_device,
    set_default_tensor_type,
)
from .complex_numbers import complex, imag, polar, view_as_complex, view_as_real  # noqa: A004
from .contraction import einsum, tensordot
from .numerics import gradient, histogram, histogramdd, resize_as_, unravel_index, vander
from .decompositions import eig, lobpcg, lstsq, lu, matrix_rank, pca_lowrank, solve, svd_lowrank, symeig
from .predicates import (
    broadcast_shapes,
    compiled_with_cxx11_abi,
    get_device,
    is_floating_point,
    is_complex,
    is_grad_enabled,
    is_inference,
    is_inference_mode_enabled,
    is_nonzero,
    is_tensor,
    numel,
    result_type,
    typename,
)
from .layouts import sparse_bsc_tensor, sparse_bsr_tensor
from .printing import set_printoptions
from .segments import segment_reduce
from .segments import segment_reduce as _segment_reduce  # noqa: F401
from .serialization import load, save
from .storage import (
    BFloat16Storage,
    BoolStorage,
    ByteStorage,
    CharStorage,
    DoubleStorage,
    FloatStorage,
    HalfStorage,
    IntStorage,
    LongStorage,
    ShortStorage,
    TypedStorage,
    UntypedStorage,
    is_storage,
)
from .random import default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state, thread_safe_generator
from . import autograd, cuda, dispatch, linalg, masked, nn, optim, random, serialization, signal, special, storage, utils, version
from .nn.utils._direction import _weight_norm, norm_except_dim
from .memory import empty_cache, memory_stats
from .version import __version__
from .settings import (
    are_deterministic_algorithms_enabled,
    get_deterministic_debug_mode,
    get_float32_matmul_precision,
    get_num_interop_threads,
    is_deterministic_algorithms_warn_only_enabled,
    is_warn_always_enabled,
    set_deterministic_debug_mode,
    set_float32_matmul_precision,
    set_flush_denormal,
    set_num_interop_threads,
    set_warn_always,
    use_deterministic_algorithms,
)
from .checks import (
    SymBool,
    SymFloat,
    SymInt,
    _assert,
    _assert_async,
    _check,
    _check_index,
    _check_is_size,
    _check_not_implemented,
    _check_type,
    _check_value,
    _check_with,
    sym_float,
    sym_int,
    sym_ite,
    sym_max,
    sym_min,
    sym_not,
    sym_sum,
)
from .compiling import compile  # noqa: A004
from ._lazy import submodules as _submodules

e = _math.e
pi = _math.pi
inf = _math.inf
nan = _math.nan
newaxis = None

_sys.modules[__name__].__class__ = _C._Package
_submodule = _submodules(__name__)


# Names of torch whose modules are loaded when they are asked for.
_elsewhere = {
    **dict.fromkeys(("ScriptFunction", "ScriptModule", "TensorType"), "jit"),
    **dict.fromkeys(("_dirichlet_grad", "_sample_dirichlet", "_standard_gamma", "_standard_gamma_grad"), "_C"),
    **dict.fromkeys(("_convert_indices_from_coo_to_csr", "_convert_indices_from_csr_to_coo"), "sparse._compression"),
    **dict.fromkeys(
        ("dsmm", "smm", "sparse_compressed_tensor", "sparse_coo_tensor", "sparse_csc_tensor", "sparse_csr_tensor", "spmm"), "sparse"
    ),
    **dict.fromkeys(("AcceleratorError", "Event", "OutOfMemoryError", "Stream"), "cuda"),
    "Tag": "library",
    "get_device_module": "accelerator",
    **dict.fromkeys(("istft", "stft"), "spectrogram"),
    **dict.fromkeys((
        "binary_cross_entropy_with_logits", "cosine_embedding_loss", "embedding", "embedding_bag", "hinge_embedding_loss", "kl_div",
        "margin_ranking_loss", "poisson_nll_loss", "triplet_margin_loss",
    ), "numbered"),
    "Future": "futures",
    **dict.fromkeys(("cond", "while_loop"), "_higher_order_ops"),
    "GradScaler": "amp",
    "PyTorchFileReader": "_archive",
    "vmap": "func",
}


def __getattr__(name):
    if name == "torch":  # PyTorch's package is found in itself
        return _sys.modules[__name__]
    if name in _elsewhere:
        found = getattr(_submodule(_elsewhere[name]), name)
    elif "autocast" in name:
        from .amp import autocast_mode

        found = getattr(autocast_mode, name)
    elif name.startswith("_foreach_"):
        found = getattr(_submodule("foreach"), name)
    else:
        return _submodule(name)
    globals()[name] = found  # the next time it is found without a search
    return found
