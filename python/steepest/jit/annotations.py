"""torch.jit.annotations: names of types that compiled programs are annotated with."""

from typing import Any, Dict, List, Optional, Tuple, Union  # noqa: UP035

from .._jit_internal import BroadcastingList1, BroadcastingList2, BroadcastingList3

__all__ = ["BroadcastingList1", "BroadcastingList2", "BroadcastingList3", "Any", "Dict", "List", "Optional", "Tuple", "Union"]
