"""All activation layers under the module name that PyTorch has for them."""

from . import _attention, _rectifiers, _sigmoids
from ._attention import *  # noqa: F403
from ._rectifiers import *  # noqa: F403
from ._sigmoids import *  # noqa: F403

__all__ = [*_attention.__all__, *_rectifiers.__all__, *_sigmoids.__all__]
