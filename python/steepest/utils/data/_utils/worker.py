"""The loop of a DataLoader's worker process: receives indices, sends batches."""

import enum
import os
import pickle
import queue
import random
import threading
from dataclasses import dataclass

import numpy as np

from .... import manual_seed, set_num_threads
from ...._utils import ExceptionWrapper

CHECK_SECONDS = 5.0  # how often a worker without work looks whether the main process lives


class Signal(enum.Enum):
    """What goes through the pipes besides indices and batches."""

    STOP = 1
    RESUME = 2


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """Which worker this is, of how many, its seed and its copy of the dataset."""

    id: int
    num_workers: int
    seed: int
    dataset: object
    rng: object = None
    worker_method: str | None = "multiprocessing"


@dataclass(frozen=True)
class _IterableDatasetStopIteration:
    """Sent in place of a batch by a worker whose stream has ended."""

    worker_id: int


_worker_info = None


def get_worker_info():
    """What a dataset may ask in a worker process: ``id``, ``num_workers``, ``seed``, ``dataset``; None in the main process."""
    return _worker_info


def numpy_seed(base_seed, worker_id):
    """Four 32-bit words from which numpy's stream in a worker starts, other ones than those of Python's and of tensors."""
    words = [worker_id, base_seed & 0xFFFFFFFF, base_seed >> 32, 0]
    return np.random.SeedSequence(words).generate_state(4)


class _Sender:
    """Sends from a thread of its own, so that the next batch can be made while the main process is busy."""

    def __init__(self, connection, folder):
        self.connection, self.folder, self.waiting = connection, folder, queue.SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def send(self, value, where):
        try:
            from .transport import pack

            packed = pack(value, self.folder)
        except Exception:
            packed = pickle.dumps(ExceptionWrapper(where=where))
        self.waiting.put(packed)

    def _run(self):
        try:
            while True:
                self.connection.send_bytes(self.waiting.get())
        except OSError:
            pass  # the main process no longer listens


class _Parent:
    """Messages of the main process, as long as it lives."""

    def __init__(self, connection, folder):
        self.connection, self.folder, self.pid = connection, folder, os.getppid()

    def __iter__(self):
        try:
            while os.getppid() == self.pid:
                if self.connection.poll(CHECK_SECONDS):
                    message = self.connection.recv()
                    if message is Signal.STOP:
                        return
                    yield message
        except (EOFError, OSError, KeyboardInterrupt):
            pass  # it has gone, or all were interrupted together
        from .transport import remove_folder

        remove_folder(self.folder)


def worker_loop(create_fetcher, dataset, receiver, connection, folder, base_seed, init_fn, worker_id, num_workers):
    """Runs in the worker.

    Args:
        create_fetcher: makes a fetcher of the dataset, at the start and for each further pass.
        receiver: gives indices, Signal.RESUME before a further pass, and Signal.STOP.
        connection: takes one answer for each of them but the last.
        folder: takes large tensors, see transport.
    """
    global _worker_info
    set_num_threads(1)
    seed = base_seed + worker_id
    random.seed(seed)
    manual_seed(seed)
    np.random.seed(numpy_seed(base_seed, worker_id))
    _worker_info = WorkerInfo(worker_id, num_workers, seed, dataset)
    sender, where = _Sender(connection, folder), f"in DataLoader worker process {worker_id}"
    failure = fetcher = None
    try:
        if init_fn is not None:
            init_fn(worker_id)
        fetcher = create_fetcher(dataset)
    except Exception:
        failure = ExceptionWrapper(where=where)
    ended = False
    for message in _Parent(receiver, folder):
        if message is Signal.RESUME:
            fetcher, ended = create_fetcher(dataset), False
            sender.send(Signal.RESUME, where)
            continue
        if ended:
            continue
        if failure is not None:
            answer, failure = failure, None
        else:
            answer = _fetch(fetcher, message, worker_id, where)
        ended = isinstance(answer, _IterableDatasetStopIteration)
        sender.send(answer, where)


def _fetch(fetcher, indices, worker_id, where):
    try:
        return fetcher.fetch(indices)
    except StopIteration:
        if hasattr(fetcher, "ended"):
            return _IterableDatasetStopIteration(worker_id)
        return ExceptionWrapper(where=where)
    except Exception:
        return ExceptionWrapper(where=where)
