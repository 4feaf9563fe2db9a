"""torch.multiprocessing: Python's own, whose queues carry tensors by value, and spawn."""

import multiprocessing
from multiprocessing import *  # noqa: F403
from multiprocessing import get_context

__all__ = [*multiprocessing.__all__, "get_all_sharing_strategies", "get_sharing_strategy", "set_sharing_strategy", "spawn"]

_strategy = "file_descriptor"


def get_all_sharing_strategies():
    """The strategies that set_sharing_strategy accepts."""
    return {"file_descriptor", "file_system"}


def get_sharing_strategy():
    """What set_sharing_strategy has set."""
    return _strategy


def set_sharing_strategy(new_strategy):
    """Kept: tensors are copied from process to process."""
    global _strategy
    if new_strategy not in get_all_sharing_strategies():
        raise AssertionError
    _strategy = new_strategy


class ProcessRaisedException(Exception):
    """A process that spawn has started ended with an exception."""


class _Context:
    """The processes that spawn has started."""

    def __init__(self, processes):
        self.processes = processes

    def pids(self):
        """Their process numbers."""
        return [p.pid for p in self.processes]

    def join(self, timeout=None, grace_period=None):
        """Waits; ProcessRaisedException where one failed. True when all have ended."""
        for i, process in enumerate(self.processes):
            process.join(timeout)
            if process.exitcode:
                for other in self.processes:
                    if other.is_alive():
                        other.terminate()
                raise ProcessRaisedException(f"Process {i} terminated with exit code {process.exitcode}")
        return all(process.exitcode is not None for process in self.processes)


def start_processes(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """Runs ``fn(i, *args)`` in `nprocs` new processes; waits for them, or returns what can be joined."""
    context = get_context(start_method)
    processes = [context.Process(target=fn, args=(i, *args), daemon=daemon) for i in range(nprocs)]
    for process in processes:
        process.start()
    started = _Context(processes)
    if not join:
        return started
    while not started.join():
        pass
    return None


def spawn(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """Runs ``fn(i, *args)`` in `nprocs` new Python processes; waits for them, or returns what can be joined."""
    return start_processes(fn, args, nprocs, join, daemon, "spawn")
