"""What a Timer has measured, and how it is printed."""

import dataclasses
import math
import textwrap

_UNITS = {-3: "ns", -2: "us", -1: "ms"}
_ENGLISH = {"ns": "nanosecond", "us": "microsecond", "ms": "millisecond", "s": "second"}
_MAX_FIGURES = 4
_NOISY, _VERY_NOISY = 0.1, 0.25  # interquartile ranges, as parts of the median


def select_unit(t):
    """(name, seconds) of the unit that a time is best shown in.

    >>> from steepest.utils.benchmark import select_unit
    >>> select_unit(3e-5)
    ('us', 1e-06)
    """
    scale = max(min(int(math.log10(t) // 3) if t else 0, 0), -3)
    return _UNITS.get(scale, "s"), float(f"1e{3 * scale}")


def unit_to_english(u):
    """``"us"`` as ``"microsecond"``."""
    return _ENGLISH[u]


def trim_sigfig(x, n):
    """`x` to `n` significant figures.

    >>> from steepest.utils.benchmark import trim_sigfig
    >>> trim_sigfig(1234.5, 2)
    1200.0
    """
    if x == 0:
        return x
    scale = 10 ** (math.ceil(math.log10(abs(x))) - n)
    return float(round(x / scale) * scale)


def quantile(sorted_values, part):
    """The value below which `part` of the values lie, between two of them where need be."""
    at = part * (len(sorted_values) - 1)
    low = int(at)
    high = min(low + 1, len(sorted_values) - 1)
    return sorted_values[low] + (sorted_values[high] - sorted_values[low]) * (at - low)


@dataclasses.dataclass(repr=False, eq=False)
class TaskSpec:
    """What is measured: a statement, what is run before it, and the labels that tables show."""

    stmt: str
    setup: str
    global_setup: str = ""
    label: str | None = None
    sub_label: str | None = None
    description: str | None = None
    env: str | None = None
    num_threads: int = 1

    @property
    def title(self):
        """The labels, or the statement where there are none."""
        if self.label is not None:
            return self.label + (f": {self.sub_label}" if self.sub_label else "")
        if "\n" not in self.stmt:
            return self.stmt
        return f"stmt:{f' ({self.sub_label})' if self.sub_label else ''}\n{textwrap.indent(self.stmt, '  ')}"

    def setup_str(self):
        """What is run before the statement, as it is printed."""
        if self.setup == "pass" or not self.setup:
            return ""
        return f"setup:\n{textwrap.indent(self.setup, '  ')}" if "\n" in self.setup else f"setup: {self.setup}"

    def summarize(self):
        """The title, the description and the setup."""
        return "\n".join(filter(None, [self.title, self.description or "", self.setup_str()]))


class Measurement:
    """Times of a statement: each of `raw_times` is that of `number_per_run` runs, in seconds."""

    __module__ = "torch.utils.benchmark.utils.common"

    def __init__(self, number_per_run, raw_times, task_spec, metadata=None):
        self.number_per_run, self.raw_times, self.task_spec, self.metadata = number_per_run, raw_times, task_spec, metadata
        self._sorted = sorted(self.times)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.task_spec, name)

    @property
    def times(self):
        """The time of one run, for each measurement."""
        return [t / self.number_per_run for t in self.raw_times]

    @property
    def median(self):
        """The median time of a run."""
        return quantile(self._sorted, 0.5)

    @property
    def mean(self):
        """The mean time of a run."""
        return sum(self._sorted) / len(self._sorted)

    @property
    def iqr(self):
        """The distance of the quartiles."""
        return quantile(self._sorted, 0.75) - quantile(self._sorted, 0.25)

    @property
    def significant_figures(self):
        """How many figures of the median mean something: the quartiles bound its error."""
        if len(self._sorted) < 2 or self.median == 0:
            return 1 if self.median == 0 else 2
        error = max(1.0 * self.iqr / math.sqrt(len(self._sorted)), 1e-12 * self.median)
        return max(1, min(_MAX_FIGURES, int(math.floor(-math.log10(error / self.median) + 1))))

    @property
    def has_warnings(self):
        """Whether the times vary so much that they should be taken again."""
        return self.iqr / self.median > _NOISY if self.median else False

    def meets_confidence(self, threshold=0.2):
        """Whether the quartiles are nearer than `threshold` of the median."""
        return self.iqr / self.median < threshold

    @property
    def title(self):
        """The labels."""
        return self.task_spec.title

    @property
    def env(self):
        """What was measured, where libraries are compared."""
        return "Unspecified env" if self.task_spec.env is None else self.task_spec.env

    @property
    def as_row_name(self):
        """The name of the row in a table."""
        return self.sub_label or self.stmt or "[Unknown]"

    def __repr__(self):
        several = len(self.raw_times) > 1
        unit, scale = select_unit(self.median)
        lines = [f"{object.__repr__(self)}", self.task_spec.summarize()]
        if not several:
            lines.append(f"  {self.median / scale:.2f} {unit}")
        else:
            lines.append(f"  {'Median' if len(self.times) > 2 else 'Mean'}: {self.median / scale:.2f} {unit}")
        n = len(self.raw_times)
        if n > 4:
            low, high = (quantile(self._sorted, part) / scale for part in (0.25, 0.75))
            lines.append(f"  IQR:    {self.iqr / scale:.2f} {unit} ({low:.2f} to {high:.2f})")
        lines.append(
            f"  {n} measurement{'s' * several}, {self.number_per_run} runs {'per measurement,' if several else ','} "
            f"{self.num_threads} thread{'s' * (self.num_threads > 1)}"
        )
        if several and self.has_warnings:
            part = self.iqr / self.median
            meaning = "suggests significant environmental influence" if part > _VERY_NOISY else "could indicate system fluctuation"
            lines.append(f"  WARNING: Interquartile range is {part:.1%} of the median measurement.\n           This {meaning}.")
        return "\n".join(lines)

    @staticmethod
    def merge(measurements):
        """One measurement for each task, with the times of all that are of it and of as many runs."""
        groups = {}
        for m in measurements:
            groups.setdefault((dataclasses.astuple(m.task_spec), m.number_per_run), []).append(m)
        return [
            Measurement(group[0].number_per_run, [t for m in group for t in m.raw_times], group[0].task_spec)
            for group in groups.values()
        ]
