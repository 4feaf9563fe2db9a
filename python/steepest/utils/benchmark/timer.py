"""Timer: the time that a statement takes, on as many threads as told."""

import enum
import textwrap
import timeit

from ... import get_num_threads, set_num_threads
from .measurement import Measurement, TaskSpec

timer = timeit.default_timer


class Language(enum.Enum):
    """What statements are written in."""

    PYTHON, CPP = range(2)


class Timer:
    """Measures how long `stmt`, a statement as text, takes.

    setup: run once before. globals: the names that they find. label, sub_label, description, env: what tables show.
    num_threads: how many threads ops may use.

    >>> from steepest.utils.benchmark import Timer
    >>> m = Timer("x + 1", globals={"x": 2}).timeit(100)
    >>> m.number_per_run, m.median > 0
    (100, True)
    """

    def __init__(
        self, stmt="pass", setup="pass", global_setup="", timer=timer, globals=None, label=None, sub_label=None, description=None,  # noqa: A002
        env=None, num_threads=1, language=Language.PYTHON,
    ):
        if language not in ("python", "py", Language.PYTHON):
            raise NotImplementedError("Timer: steepest measures statements of Python")
        stmt, setup = (textwrap.dedent(text).removeprefix("\n").rstrip() for text in (stmt, setup))
        names = dict(globals or {})
        if "torch" not in names:
            import steepest

            names["torch"] = steepest
        self._timer = timeit.Timer(stmt, setup, timer, names)
        self._task_spec = TaskSpec(stmt, setup, global_setup, label, sub_label, description, env, num_threads)

    def _time(self, number):
        return max(self._timer.timeit(number), 1e-9)

    def _on_threads(self, measure):
        before = get_num_threads()
        set_num_threads(self._task_spec.num_threads)
        try:
            return measure()
        finally:
            set_num_threads(before)

    def timeit(self, number=1000000):
        """The time of `number` runs, as one measurement."""

        def measure():
            self._time(max(number // 100, 2))  # caches fill
            return Measurement(number, [self._time(number)], self._task_spec)

        return self._on_threads(measure)

    def repeat(self, repeat=-1, number=-1):
        """NotImplementedError, as in PyTorch: blocked_autorange repeats."""
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    def autorange(self, callback=None):
        """NotImplementedError, as in PyTorch: blocked_autorange finds the number of runs."""
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    def _block(self, min_run_time):
        """So many runs that reading the clock is a thousandth of their time."""
        overhead = sorted(self._clock() for _ in range(5))[2]
        number = 1
        while True:
            taken = self._time(number)
            if taken > 0 and (overhead / taken <= 1e-4 and taken >= min_run_time / 1000 or taken > min_run_time):
                return number
            number *= 10

    @staticmethod
    def _clock():
        start = timer()
        return timer() - start

    def _collect(self, number, enough, max_run_time):
        times, total = [], 0.0
        while not (enough(total, times) or total >= max_run_time):
            times.append(self._time(number))
            total += times[-1]
        return Measurement(number, times, self._task_spec)

    def blocked_autorange(self, callback=None, min_run_time=0.2):
        """Measurements of a fitting number of runs each, until they have taken `min_run_time` seconds."""

        def measure():
            number = self._block(min_run_time)
            return self._collect(number, lambda total, times: total >= min_run_time and times, float("inf"))

        return self._on_threads(measure)

    def adaptive_autorange(self, threshold=0.1, *, min_run_time=0.01, max_run_time=10.0, callback=None):
        """As blocked_autorange, until the quartiles are nearer than `threshold` of the median, or `max_run_time` is over."""

        def measure():
            number = self._block(min_run_time)
            steady = lambda times: Measurement(number, times, self._task_spec).meets_confidence(threshold)  # noqa: E731
            return self._collect(number, lambda total, times: len(times) > 3 and total >= min_run_time and steady(times), max_run_time)

        return self._on_threads(measure)
