"""torch.utils.flop_counter: not here; what asks for it is told so."""


class FlopCounterMode:
    """Not here: NotImplementedError."""

    def __init__(self, *args, **kwargs):
        raise NotImplementedError("torch.utils.flop_counter.FlopCounterMode is not part of steepest; torch.profiler counts and times ops")
