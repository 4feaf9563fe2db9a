"""One pass over a DataLoader by worker processes.

Note [Workers and their order]
    Each worker has two pipes: indices go to it, batches come back. Batches are asked for in turn, ``prefetch_factor`` for each
    worker ahead, and each one that is taken asks for the next: so the sampler is read at the same moments as
    in PyTorch, and a sampler that shares a stream of random numbers with the program leaves the same ones to it. As a worker
    answers in the order in which it was asked, it is enough to remember whose turn it is.
"""

import itertools
import multiprocessing
import os
import signal
import time
import weakref
from collections import deque
from multiprocessing.connection import wait

from ..._utils import ExceptionWrapper
from ._iterators import _BaseDataLoaderIter
from ._utils.transport import make_folder, remove_folder
from ._utils.worker import Signal, _IterableDatasetStopIteration, worker_loop

JOIN_SECONDS = 5.0  # how long a worker may take to stop before it is terminated


class _Worker:
    """A worker process, seen from the main process."""

    def __init__(self, context, index, arguments):
        receiver, self.requests = context.Pipe(duplex=False)
        self.answers, sender = context.Pipe(duplex=False)
        create_fetcher, dataset, folder, seed, init_fn, count = arguments
        self.process = context.Process(
            target=worker_loop,
            args=(create_fetcher, dataset, receiver, sender, folder, seed, init_fn, index, count),
            daemon=True,
        )
        self.process.start()
        receiver.close()
        sender.close()
        self.active = True

    def request(self, message):
        try:
            self.requests.send(message)
        except OSError:
            pass  # it has died, which shows when its answer is awaited

    def answer(self, timeout):
        """What it sends next; RuntimeError when it dies, or after `timeout` seconds (None: never)."""
        ready = wait([self.answers, self.process.sentinel], timeout)
        if not ready:
            raise RuntimeError(f"DataLoader timed out after {timeout} seconds")
        try:
            if self.answers in ready or self.answers.poll():
                return self.answers.recv()
        except EOFError:
            pass
        raise RuntimeError(self._epitaph())

    def _epitaph(self):
        self.process.join(JOIN_SECONDS)
        code, pid = self.process.exitcode, self.process.pid
        if code is not None and code < 0:
            return f"DataLoader worker (pid {pid}) is killed by signal: {signal.strsignal(-code)}. "
        return (
            f"DataLoader worker (pid {pid}) exited unexpectedly with exit code {code}. Details are lost due to "
            "multiprocessing. Rerunning with num_workers=0 may give better error trace."
        )


def _stop(workers, folder, owner):
    """Ends worker processes, and waits for them; only in the process that started them, not in copies that fork has made."""
    if os.getpid() != owner:
        return
    for worker in workers:
        worker.request(Signal.STOP)
        worker.answers.close()
        worker.requests.close()
    end = time.monotonic() + JOIN_SECONDS
    for worker in workers:
        worker.process.join(max(0.0, end - time.monotonic()))
        if worker.process.is_alive():
            worker.process.terminate()
            worker.process.join(JOIN_SECONDS)
    workers.clear()
    remove_folder(folder)


class _MultiProcessingDataLoaderIter(_BaseDataLoaderIter):
    """A pass by worker processes; see Note [Workers and their order]."""

    def __init__(self, loader):
        super().__init__(loader)
        if loader.prefetch_factor <= 0:
            raise AssertionError("prefetch_factor must be greater than 0 for MultiProcessingDataLoaderIter")
        self._prefetch_factor = loader.prefetch_factor
        self._persistent_workers = loader.persistent_workers
        self._in_order = loader.in_order
        context = loader.multiprocessing_context or multiprocessing.get_context()
        folder = make_folder()
        arguments = (self._create_fetcher, self._dataset, folder, self._base_seed, loader.worker_init_fn, self._num_workers)
        self._workers = []
        # Runs when the iterator goes, and at exit before the pipes do.
        self._shutdown_workers = weakref.finalize(self, _stop, self._workers, folder, os.getpid())
        for index in range(self._num_workers):
            self._workers.append(_Worker(context, index, arguments))
        self._begin(loader)

    def _reset(self, loader):
        for worker in self._workers:
            worker.request(Signal.RESUME)
        for worker in self._workers:
            while worker.answer(self._timeout or None) is not Signal.RESUME:
                pass  # batches of the last pass that nobody took
            worker.active = True
        self._begin(loader)

    def _begin(self, loader):
        super()._reset(loader)
        self._turns = deque()  # the workers that were asked, oldest first
        self._cycle = itertools.cycle(self._workers)
        for _ in range(self._prefetch_factor * self._num_workers):
            self._request_next()

    def _request_next(self):
        """Asks the next active worker for what the sampler gives next, if there is such a worker and such a thing."""
        try:
            indices = next(self._sampler_iter)
        except StopIteration:
            return
        for worker in itertools.islice(self._cycle, self._num_workers):
            if worker.active:
                worker.request(indices)
                self._turns.append(worker)
                return

    def _next_worker(self):
        """Whose batch is yielded next: the one asked first or, where order does not matter, the first that has one."""
        if self._in_order or self._turns[0].answers.poll():
            return self._turns.popleft()
        asked = {worker.answers: worker for worker in reversed(self._turns)}
        ready = wait([*asked, *(worker.process.sentinel for worker in asked.values())], self._timeout or None)
        worker = next((asked[r] for r in ready if r in asked), self._turns[0])
        self._turns.remove(worker)
        return worker

    def _next_data(self):
        while self._turns:
            worker = self._next_worker()
            if not worker.active:
                continue
            answer = worker.answer(self._timeout or None)
            if isinstance(answer, _IterableDatasetStopIteration):
                worker.active = False
                self._request_next()
                continue
            self._request_next()
            if isinstance(answer, ExceptionWrapper):
                answer.reraise()
            return answer
        if not self._persistent_workers:
            self._shutdown_workers()
        raise StopIteration
