"""Compare: measurements as a table, a row a task and a column a description."""

import enum

from .measurement import Measurement, select_unit, trim_sigfig, unit_to_english

_BEST, _GOOD, _BAD, _POOR = "\033[92m\033[1m", "\033[34m\033[1m", "\033[2m\033[91m", "\033[31m\033[1m"
_END = "\033[0m\033[0m"


class Colorize(enum.Enum):
    """How times are coloured: not, by the columns, or by the rows."""

    NONE, COLUMNWISE, ROWWISE = "none", "columnwise", "rowwise"


def _in_order(values):
    return list(dict.fromkeys(values))


def _color(value, best):
    if value <= best * 1.05:
        return _BEST
    if value <= best * 1.25:
        return _GOOD
    return _POOR if value > best * 5 else _BAD if value > best * 2 else None


class _Table:
    """The measurements of one label."""

    def __init__(self, results, color, trim):
        self.results, self.color, self.trim = results, color, trim
        self.unit, self.scale = select_unit(min(m.median for m in results))
        self.columns = _in_order(map(self._column, results))
        threads = _in_order(m.num_threads for m in results)
        self.rows = sorted(_in_order(map(self._row, results)), key=lambda row: threads.index(row[0]))
        self.cells = {(self._row(m), self._column(m)): m for m in results}

    def _column(self, m):
        return (m.env if len({x.env for x in self.results}) > 1 else None, m.description)

    def _row(self, m):
        return (m.num_threads, m.as_row_name)

    def _text(self, m):
        """The time in the table's unit, to the figures that mean something where the table is trimmed."""
        if m is None:
            return ""
        value = m.median / self.scale
        figures = m.significant_figures
        shown = trim_sigfig(value, figures) if self.trim else value
        whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
        places = max(figures - whole, 0) if self.trim else 1
        return f"{shown:.{places}f}"

    def _best(self, row, column):
        if self.color is Colorize.ROWWISE:
            others = [m for (r, _), m in self.cells.items() if r == row]
        else:
            others = [m for (_, c), m in self.cells.items() if c == column]
        return min(m.median for m in others)

    def _cell(self, row, column, width):
        m = self.cells.get((row, column))
        text = self._text(m).rjust(width)
        color = _color(m.median, self._best(row, column)) if m is not None and self.color is not Colorize.NONE else None
        return f"{color}{text} {_END}" if color else f"{text} " if self.color is not Colorize.NONE else text

    def render(self):
        """The table as text."""
        first = max(len(name) + 6 for _, name in self.rows)
        titles = [description or "" for _, description in self.columns]
        widths = [
            max([len(title)] + [len(self._text(self.cells.get((row, column)))) for row in self.rows])
            for title, column in zip(titles, self.columns, strict=True)
        ]
        header = " " * first + "".join(f"  |  {title:^{width}}" for title, width in zip(titles, widths, strict=True))
        lines, now = [header], None
        for row in self.rows:
            if row[0] != now:
                now = row[0]
                lines.append(f"{now} threads: ".ljust(len(header), "-"))
            cells = (f"  |  {self._cell(row, column, width)}" for column, width in zip(self.columns, widths, strict=True))
            lines.append(f"      {row[1]:<{first - 6}}" + "".join(cells))
        label = self.results[0].label or ""
        title = f" {label} " if label else ""
        lines.insert(0, f"[{title:-^{len(header) - 2}}]")
        lines[1] = header.rstrip()
        return "\n".join(lines) + f"\n\nTimes are in {unit_to_english(self.unit)}s ({self.unit}).\n"


class Compare:
    """Tables of measurements, one for each label.

    >>> from steepest.utils.benchmark import Compare, Timer
    >>> times = [Timer(stmt, label="sums", description="now").timeit(10) for stmt in ("1 + 1", "2 + 2")]
    >>> "sums" in str(Compare(times))
    True
    """

    def __init__(self, results):
        self._results = []
        self._trim, self._color = False, Colorize.NONE
        self.extend_results(results)

    def extend_results(self, results):
        """Takes in further measurements; ValueError for anything else."""
        for m in results:
            if not isinstance(m, Measurement):
                raise ValueError(f"Expected an instance of `Measurement`, got {type(m)} instead.")
        self._results.extend(results)

    def trim_significant_figures(self):
        """Shows only figures that mean something."""
        self._trim = True

    def colorize(self, rowwise=False):
        """Colours the times, from best to worst of a column, or of a row."""
        self._color = Colorize.ROWWISE if rowwise else Colorize.COLUMNWISE

    def highlight_warnings(self):
        """Accepted: noisy measurements say so themselves."""

    def __str__(self):
        merged = Measurement.merge(self._results)
        groups = [[m for m in merged if m.label == label] for label in _in_order(m.label for m in merged)]
        return "\n".join(_Table(group, self._color, self._trim).render() for group in groups)

    def print(self):
        """Prints the tables."""
        print(str(self))
