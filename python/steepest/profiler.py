"""torch.profiler: which ops ran, how often and for how long, over the steps that a schedule picks."""

import enum
import os
import socket
import time

from .autograd.profiler import ProfilerActivity, record_function
from .autograd.profiler import profile as _record

__all__ = [
    "ProfilerAction",
    "ProfilerActivity",
    "profile",
    "record_function",
    "schedule",
    "supported_activities",
    "tensorboard_trace_handler",
]


class ProfilerAction(enum.Enum):
    """What the profiler does in a step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


def schedule(*, wait, warmup, active, repeat=0, skip_first=0, skip_first_wait=0):
    """Which steps to record: `wait` idle ones, `warmup`, and `active` recorded ones, `repeat` times (0: for ever), after `skip_first`.

    >>> from steepest.profiler import schedule
    >>> [schedule(wait=1, warmup=0, active=2)(step).name for step in range(4)]
    ['NONE', 'RECORD', 'RECORD_AND_SAVE', 'NONE']
    """
    if min(wait, warmup, repeat, skip_first) < 0 or active <= 0:
        raise AssertionError("Invalid profiler schedule arguments")

    def schedule_fn(step):
        if step < 0:
            raise AssertionError(f"Step must be non-negative. Got {step}.")
        if step < skip_first:
            return ProfilerAction.NONE
        step -= skip_first
        if skip_first_wait != 0:
            step += wait
        cycle, place = divmod(step, wait + warmup + active)
        if (repeat > 0 and cycle >= repeat) or place < wait:
            return ProfilerAction.NONE
        if place < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD if place + 1 < wait + warmup + active else ProfilerAction.RECORD_AND_SAVE

    return schedule_fn


def kineto_available():
    """False: PyTorch's library of traces is not used."""
    return False


def supported_activities():
    """What can be recorded: the CPU."""
    return {ProfilerActivity.CPU}


def tensorboard_trace_handler(dir_name, worker_name=None, use_gzip=False):
    """An ``on_trace_ready`` that writes each trace into a folder, under a name of worker and time."""

    def handler(prof):
        os.makedirs(dir_name, exist_ok=True)
        name = worker_name or f"{socket.gethostname()}_{os.getpid()}"
        prof.export_chrome_trace(os.path.join(dir_name, f"{name}.{time.time_ns()}.pt.trace.json" + (".gz" if use_gzip else "")))

    return handler


class profile:
    """Records the ops of a block, or of the steps for which ``schedule(step)`` says so; ``step()`` ends a step.

    ``on_trace_ready(prof)`` is called after each cycle, and at the end where there is no schedule. ``record_shapes`` keeps the
    sizes of tensors. Memory, stacks, modules and flops are not recorded; the arguments for them are taken and change nothing.

    >>> import steepest as torch
    >>> with torch.profiler.profile() as prof:
    ...     y = torch.ones(2) + torch.ones(2)
    >>> [(e.key, e.count) for e in prof.key_averages()]
    [('aten::ones', 2), ('aten::add', 1)]
    """

    def __init__(
        self,
        *,
        activities=None,
        schedule=None,
        on_trace_ready=None,
        record_shapes=False,
        profile_memory=False,
        with_stack=False,
        with_flops=False,
        with_modules=False,
        experimental_config=None,
        execution_trace_observer=None,
        acc_events=False,
        use_cuda=None,
        custom_trace_id_callback=None,
        post_processing_timeout_s=None,
    ):
        self.activities = set(activities) if activities else supported_activities()
        self.schedule = schedule or (lambda step: ProfilerAction.RECORD)
        self.scheduled = schedule is not None
        self.on_trace_ready, self.record_shapes = on_trace_ready, record_shapes
        self.step_num, self.current_action = 0, self.schedule(0)
        self.profiler = self.step_rec_fn = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.stop()

    def start(self):
        """Begins the first step."""
        self._begin()

    def stop(self):
        """Ends the last step."""
        self._end(finish=True)

    def step(self):
        """Ends a step and begins the next one."""
        self._end(finish=False)
        self.step_num += 1
        self.current_action = self.schedule(self.step_num)
        self._begin()

    def _begin(self):
        if self.current_action in (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE):
            if self.profiler is None or not self.profiler.running:
                self.profiler = _record(record_shapes=self.record_shapes)
                self.profiler.__enter__()
            if self.scheduled:
                self.step_rec_fn = record_function(f"ProfilerStep#{self.step_num}")
                self.step_rec_fn.__enter__()

    def _end(self, finish):
        if self.step_rec_fn is not None:
            self.step_rec_fn.__exit__(None, None, None)
            self.step_rec_fn = None
        if self.profiler is None or not self.profiler.running:
            return
        if finish or self.current_action is ProfilerAction.RECORD_AND_SAVE:
            self.profiler.__exit__(None, None, None)
            if self.on_trace_ready:
                self.on_trace_ready(self)

    def _recorded(self):
        if self.profiler is None:
            raise AssertionError("Profiler must be initialized before getting key averages")
        return self.profiler

    def events(self):
        """All events of the last cycle, in the order in which they began."""
        return self._recorded().function_events

    def key_averages(self, group_by_input_shape=False, group_by_stack_n=0, group_by_overload_name=False):
        """Events added up by name, and by the sizes of their tensors where asked for."""
        return self._recorded().key_averages(group_by_input_shape)

    def export_chrome_trace(self, path):
        """Writes the events for chrome://tracing or Perfetto, compressed where the path ends in .gz."""
        self._recorded().export_chrome_trace(path)
