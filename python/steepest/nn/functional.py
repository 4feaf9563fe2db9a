"""nn.functional: the functions behind the layers, without parameters of their own."""

from .. import _C
from . import _reduction as _Reduction  # noqa: F401  (programs ask F._Reduction.get_enum)
from . import grad  # noqa: F401  (F.grad.conv2d_input)
from ._activations import *  # noqa: F403
from ._activations import __all__ as _activations
from ._attention import *  # noqa: F403
from ._attention import __all__ as _attention
from ._bags import *  # noqa: F403
from ._bags import __all__ as _bags
from ._convs import *  # noqa: F403
from ._convs import __all__ as _convs
from ._ctc import *  # noqa: F403
from ._ctc import __all__ as _ctc
from ._dropouts import *  # noqa: F403
from ._dropouts import __all__ as _dropouts
from ._grids import *  # noqa: F403
from ._grids import __all__ as _grids
from ._linear_losses import *  # noqa: F403
from ._linear_losses import __all__ as _linear_losses
from ._losses import *  # noqa: F403
from ._losses import __all__ as _losses
from ._margin_losses import *  # noqa: F403
from ._margin_losses import __all__ as _margin_losses
from ._norms import *  # noqa: F403
from ._norms import __all__ as _norms
from ._pools import *  # noqa: F403
from ._pools import __all__ as _pools
from ._resampling import *  # noqa: F403
from ._resampling import __all__ as _resampling

__all__ = [
    "bilinear",
    "channel_shuffle",
    "embedding",
    "linear",
    "one_hot",
    "pad",
    "pixel_shuffle",
    "pixel_unshuffle",
    *_activations,
    *_attention,
    *_bags,
    *_convs,
    *_ctc,
    *_dropouts,
    *_linear_losses,
    *_grids,
    *_losses,
    *_margin_losses,
    *_norms,
    *_pools,
    *_resampling,
]

linear = _C._nn.linear
embedding = _C._nn.embedding
one_hot = _C._nn.one_hot
bilinear = _C._nn.bilinear
pad = _C._nn.pad
channel_shuffle = _C._nn.channel_shuffle
native_channel_shuffle = channel_shuffle
pixel_shuffle = _C._nn.pixel_shuffle
pixel_unshuffle = _C._nn.pixel_unshuffle
