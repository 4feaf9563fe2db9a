"""torch.futures: results that come later, from threads of the program's own."""

from concurrent import futures as _python


class Future(_python.Future):
    """A value to wait for.

    >>> import steepest as torch
    >>> future = torch.futures.Future()
    >>> future.set_result(3)
    >>> future.wait()
    3
    """

    def __init__(self, *, devices=None):
        super().__init__()

    def wait(self):
        """The value, when it is there; raises what set_exception was given."""
        return self.result()

    def value(self):
        """The value, which must be there."""
        return self.result(timeout=0)

    def then(self, callback):
        """A future for ``callback(self)``."""
        following = Future()

        def call(done):
            try:
                following.set_result(callback(done))
            except Exception as error:
                following.set_exception(error)

        self.add_done_callback(call)
        return following


def collect_all(futures):
    """A future for the list of futures, when all are there."""
    together, left = Future(), len(futures)

    def count(_):
        nonlocal left
        left -= 1
        if left == 0:
            together.set_result(futures)

    for future in futures:
        future.add_done_callback(count)
    if not futures:
        together.set_result([])
    return together


def wait_all(futures):
    """The values of all futures."""
    return [future.wait() for future in futures]
