"""torch.types: names for annotations."""

import os
from collections.abc import Sequence
from typing import Any, TypeAlias

from . import Size, Tensor, device, dtype, layout
from .storage import UntypedStorage

_TensorOrTensors: TypeAlias = Tensor | Sequence[Tensor]
_dtype, _device, _layout = dtype, device, layout
_int, _float, _bool, _complex = int, float, bool, complex
_size: TypeAlias = Size | list[int] | tuple[int, ...]
Number: TypeAlias = int | float | bool
Device: TypeAlias = device | str | int | None
FileLike: TypeAlias = str | os.PathLike[str] | Any
Storage = UntypedStorage
