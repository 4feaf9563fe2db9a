"""The scaler of losses of models cut over processes."""

from ..._lazy import absent_names
from ...amp import GradScaler

globals().update(absent_names(__name__, "ShardedGradScaler", "there is one process", GradScaler))
