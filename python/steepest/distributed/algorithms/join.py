"""torch.distributed.algorithms.join: with one process there is nobody to wait for."""


class Joinable:
    """Base class of what takes part in a Join."""


class Join:
    """A block in which processes with less data keep up with the others; with one process it changes nothing."""

    def __init__(self, joinables, enable=True, throw_on_early_termination=False, **kwargs):
        self.joinables = joinables

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    @staticmethod
    def notify_join_context(joinable):
        """None: there is no other process to tell."""
