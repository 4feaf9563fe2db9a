"""torch.utils.flop_counter: not here; what asks for it is told so."""

from .._lazy import absent_class

FlopCounterMode = absent_class("torch.utils.flop_counter.FlopCounterMode", "torch.profiler counts and times ops")
