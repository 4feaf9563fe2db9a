"""torch.autograd.profiler: the record of the ops of a block, its table and its trace."""

import contextlib
import enum
import functools
import gzip
import json
import os
import threading
import time

from .. import _C

__all__ = ["EventList", "FunctionEvent", "FunctionEventAvg", "emit_itt", "emit_nvtx", "profile", "record_function"]


class ProfilerActivity(enum.Enum):
    """What a profiler may look at; only the CPU is there."""

    CPU = 0
    XPU = 1
    MTIA = 2
    CUDA = 3
    HPU = 4


class record_function(contextlib.ContextDecorator):
    """A name for a block or function in the profiler's record."""

    def __init__(self, name, args=None):
        self.name, self.args = name, args

    def __enter__(self):
        _C._enter_record(self.name)
        return self

    def __exit__(self, *error):
        _C._leave_record()

    def __call__(self, func):
        @functools.wraps(func)
        def inside(*args, **kwargs):
            with record_function(self.name, self.args):
                return func(*args, **kwargs)

        return inside


def shown_time(us):
    """A time of so many microseconds as the tables have it."""
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if us >= size:
            return f"{us / size:.3f}{unit}"
    return f"{us:.3f}us"


class _Times:
    """What events and their sums have in common: times in microseconds, and their texts."""

    device_time = device_time_total = self_device_time_total = cpu_memory_usage = self_cpu_memory_usage = flops = 0

    @property
    def cpu_time(self):
        return self.cpu_time_total / self.count if self.count else 0.0

    cpu_time_str = property(lambda self: shown_time(self.cpu_time))
    cpu_time_total_str = property(lambda self: shown_time(self.cpu_time_total))
    self_cpu_time_total_str = property(lambda self: shown_time(self.self_cpu_time_total))


class FunctionEvent(_Times):
    """One call: its name, its times within the record, the calls within it."""

    count = 1

    def __init__(self, id, name, start_us, end_us, thread, input_shapes):
        self.id, self.name, self.key, self.thread = id, name, name, thread
        self.start_us, self.end_us, self.input_shapes = start_us, end_us, input_shapes
        self.cpu_parent, self.cpu_children = None, []
        self.cpu_time_total = end_us - start_us

    @property
    def self_cpu_time_total(self):
        return self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children)

    def __repr__(self):
        return (
            f"<FunctionEvent id={self.id} name={self.name} cpu_time={self.cpu_time_str} start_us={self.start_us:.3f} "
            f"end_us={self.end_us:.3f} cpu_children={[child.id for child in self.cpu_children]} thread={self.thread} "
            f"input_shapes={self.input_shapes}>"
        )


class FunctionEventAvg(_Times):
    """The sum of the events of one key."""

    def __init__(self, key=None, input_shapes=None):
        self.key, self.input_shapes = key, input_shapes
        self.count, self.cpu_time_total, self.self_cpu_time_total = 0, 0.0, 0.0

    def add(self, event):
        """Counts an event in."""
        self.count += event.count
        self.cpu_time_total += event.cpu_time_total
        self.self_cpu_time_total += event.self_cpu_time_total
        return self

    def __repr__(self):
        return (
            f"<FunctionEventAvg key={self.key} self_cpu_time={self.self_cpu_time_total_str} cpu_time={self.cpu_time_str} "
            f" self_cuda_time=0.000us cuda_time=0.000us input_shapes={self.input_shapes or ''} cpu_memory_usage=0 cuda_memory_usage=0>"
        )


class EventList(list):
    """Events, or their sums by key."""

    @property
    def self_cpu_time_total(self):
        """The time of all of them, in microseconds."""
        return sum(event.self_cpu_time_total for event in self)

    def key_averages(self, group_by_input_shapes=False):
        """The sums of the events by name, in the order in which the names came up."""
        sums = {}
        for event in self:
            shapes = event.input_shapes if group_by_input_shapes else None
            sums.setdefault((event.key, str(shapes)), FunctionEventAvg(event.key, shapes)).add(event)
        return EventList(sums.values())

    def total_average(self):
        """The sum of all."""
        total = FunctionEventAvg("Total", [])
        for event in self:
            total.count += event.count
            total.self_cpu_time_total += event.self_cpu_time_total
        total.cpu_time_total = total.self_cpu_time_total
        return total

    def table(
        self,
        sort_by=None,
        row_limit=100,
        max_src_column_width=75,
        max_name_column_width=55,
        max_shapes_column_width=80,
        header=None,
        top_level_events_only=False,
        time_unit=None,
    ):
        """The events as a text of columns, the largest `sort_by` (such as ``"cpu_time_total"``) first; -1 for all rows."""
        events = self if sort_by is None else sorted(self, key=lambda e: getattr(e, _column(sort_by)), reverse=True)
        if top_level_events_only:
            events = [e for e in events if getattr(e, "cpu_parent", None) is None]
        total = self.self_cpu_time_total
        shapes = any(e.input_shapes for e in events)
        rows = [["Name", "Self CPU %", "Self CPU", "CPU total %", "CPU total", "CPU time avg", "# of Calls"] + ["Input Shapes"] * shapes]

        def share(part):
            return f"{part * 100.0 / total if total else 0:.2f}%"

        for e in events[: None if row_limit < 0 else row_limit]:
            name = e.key if len(e.key) < max_name_column_width or max_name_column_width <= 0 else e.key[: max_name_column_width - 3] + "..."
            times = [share(e.self_cpu_time_total), e.self_cpu_time_total_str, share(e.cpu_time_total), e.cpu_time_total_str, e.cpu_time_str]
            rows.append([name, *times, str(e.count)] + [str(e.input_shapes or [])[:max_shapes_column_width]] * shapes)
        widths = [max(len(r[0]) for r in rows) + 2] + [12] * 6 + [max(len(r[-1]) for r in rows) + 2] * shapes
        rule = "".join("-" * width + "  " for width in widths)
        lines = ["".join(f"{cell:>{width}}  " for cell, width in zip(r, widths)) for r in rows]
        title = ["=" * len(rule), header] if header is not None else []
        return "\n".join([*title, rule, lines[0], rule, *lines[1:], rule, f"Self CPU time total: {shown_time(total)}", ""])

    def __str__(self):
        return self.table()

    def export_chrome_trace(self, path):
        """Writes the events for chrome://tracing or Perfetto, compressed where the path ends in .gz."""
        pid = os.getpid()
        trace = [
            {"ph": "X", "cat": "cpu_op" if e.name.startswith("aten::") else "user_annotation", "name": e.name, "pid": pid, "tid": e.thread,
             "ts": e.start_us, "dur": e.cpu_time_total, "args": {"Input Dims": e.input_shapes}}
            for e in self
        ]
        with (gzip.open if str(path).endswith(".gz") else open)(path, "wt", encoding="utf-8") as file:
            json.dump({"schemaVersion": 1, "displayTimeUnit": "ms", "traceEvents": trace}, file)


def _column(name):
    """What a column is called without a device's name."""
    return name.replace("cuda_", "device_").replace("xpu_", "device_")


def _events(records, since):
    """Records of the extension as events that know what is within them."""
    events, open_calls = EventList(), {}
    threads = {}
    for name, start, end, thread, depth, _, shapes in records:
        number = threads.setdefault(thread, len(threads) + 1)
        event = FunctionEvent(len(events) + 1, name, (start - since) / 1e3, (end - since) / 1e3, number, shapes)
        stack = open_calls.setdefault(thread, [])
        while stack and stack[-1][0] >= depth:
            stack.pop()
        if stack:
            event.cpu_parent = stack[-1][1]
            event.cpu_parent.cpu_children.append(event)
        stack.append((depth, event))
        events.append(event)
    return events


class profile:
    """Records the ops that are called within a block; one block at a time.

    >>> import steepest as torch
    >>> with torch.autograd.profiler.profile() as prof:
    ...     y = torch.ones(2).exp()
    >>> [event.name for event in prof.function_events]
    ['aten::ones', 'aten::exp']
    """

    _lock = threading.Lock()

    def __init__(self, enabled=True, *, use_cuda=False, use_device=None, record_shapes=False, with_flops=False, **ignored):
        self.enabled, self.record_shapes, self.running = enabled, record_shapes, False
        self.function_events = None

    def __enter__(self):
        if self.enabled:
            if not self._lock.acquire(blocking=False):
                raise RuntimeError("Profiler is already enabled on this thread")
            self.running, self._since = True, time.monotonic_ns()
            _C._start_profile(bool(self.record_shapes))
        return self

    def __exit__(self, *error):
        if self.running:
            self.function_events = _events(_C._stop_profile(), self._since)
            self.running = False
            self._lock.release()
        return False

    def _recorded(self):
        if self.function_events is None:
            raise RuntimeError("Profiler didn't finish running")
        return self.function_events

    def key_averages(self, group_by_input_shape=False, group_by_stack_n=0, group_by_overload_name=False):
        """Events added up by name: see EventList.key_averages()."""
        return self._recorded().key_averages(group_by_input_shape)

    def total_average(self):
        """The sum of all events."""
        return self._recorded().total_average()

    def table(self, sort_by=None, row_limit=100, **options):
        """The events as a text: see EventList.table()."""
        return self._recorded().table(sort_by, row_limit, **options)

    def export_chrome_trace(self, path):
        """Writes the events: see EventList.export_chrome_trace()."""
        self._recorded().export_chrome_trace(path)

    @property
    def self_cpu_time_total(self):
        """The time of all events, in microseconds."""
        return self._recorded().self_cpu_time_total

    def __str__(self):
        return str(self.function_events) if self.function_events is not None else "<unfinished profiler>"


class emit_nvtx(contextlib.nullcontext):
    """Does nothing: there is no GPU whose tools would read the marks."""

    def __init__(self, enabled=True, record_shapes=False):
        super().__init__()


emit_itt = emit_nvtx
