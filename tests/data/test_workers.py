"""DataLoader with worker processes: the same batches, seeds of their own, failures that are told."""

import glob
import os
import random
import signal
import time

import numpy as np
import pytest

import steepest as torch
from steepest.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset, get_worker_info
from steepest.utils.data._utils import transport

# Processes are forked here from one with threads, which newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


class Samples(Dataset):
    def __len__(self):
        return 7

    def __getitem__(self, i):
        return torch.full((2, 3), float(i)), {"i": i, "text": [str(i)]}


class Share(IterableDataset):
    """Each worker's part of 0..n-1."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        info = get_worker_info()
        return iter(range(info.id, self.n, info.num_workers))


class Draws(Dataset):
    def __len__(self):
        return 3

    def __getitem__(self, i):
        return torch.rand(1).item(), random.random(), np.random.rand(), get_worker_info().seed


class Failing(Dataset):
    """Fails in the way that its index says."""

    def __len__(self):
        return 4

    def __getitem__(self, i):
        if i == 0:
            raise KeyError("the key")
        if i == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if i == 2:
            os._exit(3)
        if i == 3:
            time.sleep(1)
        return lambda: i  # which cannot be pickled


def loader(dataset, **options):
    return DataLoader(dataset, **{"num_workers": 2, "multiprocessing_context": "fork", **options})


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_batches_come_as_without_workers(method):
    torch.manual_seed(4)
    here = list(DataLoader(Samples(), 2, shuffle=True))
    torch.manual_seed(4)
    there = list(loader(Samples(), batch_size=2, shuffle=True, multiprocessing_context=method))
    after = torch.rand(1)
    assert len(here) == len(there) == 4
    for (x, info), (y, other) in zip(here, there):
        assert x.equal(y) and x.stride() == y.stride() and info["i"].equal(other["i"]) and info["text"] == other["text"]
    torch.manual_seed(4)
    assert len(list(DataLoader(Samples(), 2, shuffle=True))) == 4 and torch.rand(1).equal(after)


def test_what_workers_draw():
    # PyTorch 2.13's numbers
    torch.manual_seed(11)
    drawn = [[value.item() for value in sample] for sample in loader(Draws())]
    assert drawn == [
        [0.5997255444526672, 0.10437156952704962, 0.7784028814550128, 3325388913236545215],
        [0.5197429656982422, 0.08768933326737272, 0.8672182439354458, 3325388913236545216],
        [0.3813360929489136, 0.6232503188452482, 0.478816008589975, 3325388913236545215],
    ]


@pytest.mark.parametrize("persistent", [False, True])
def test_streams_in_parts(persistent):
    it = loader(Share(7), batch_size=2, persistent_workers=persistent)
    for _ in range(2):
        assert [batch.tolist() for batch in it] == [[0, 2], [1, 3], [4, 6], [5]]
    assert [list(batch) for batch in loader(Share(1), batch_size=None, collate_fn=lambda x: [x])] == [[0]]


def test_persistent_workers_are_the_same_processes_and_forget_what_was_not_taken():
    it = loader(range(8), batch_size=2, persistent_workers=True, collate_fn=lambda batch: (os.getpid(), batch))
    first = next(iter(it))
    second = list(it)
    assert first[1] == [0, 1] and [batch for _, batch in second] == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert first[0] == second[0][0] and len({pid for pid, _ in second}) == 2


def test_without_order():
    it = loader(Samples(), in_order=False, prefetch_factor=1)
    assert sorted(int(x[0, 0, 0]) for x, _ in it) == list(range(7))


def folders():
    return set(glob.glob("/dev/shm/steepest_*"))


@pytest.mark.parametrize("memory", [transport.MEMORY, "/absent"])
def test_large_tensors_and_odd_ones(memory, monkeypatch):
    monkeypatch.setattr(transport, "MEMORY", memory)
    before = folders()
    tensors = (torch.rand(3, 600, 600), torch.zeros(3, 0, dtype=torch.bfloat16), torch.arange(3) > 1)
    it = iter(loader(TensorDataset(*tensors), sampler=[0, 1, 2] * 4, batch_size=3))
    first, second = next(it), next(it)
    for batch in (first, second):
        assert all(a.equal(b) and a.dtype is b.dtype for a, b in zip(batch, tensors))
    del it  # with batches that nobody took
    assert first[0].add_(1).equal(tensors[0] + 1) and second[0].equal(tensors[0])
    assert folders() <= before


def whole(batch):
    return batch[0]


def test_tensors_that_are_not_plain():
    part = torch.rand(800, 800).t()[1:].requires_grad_()
    (other,) = loader([part], collate_fn=whole)
    assert other.equal(part) and other.requires_grad and other.is_leaf


def test_no_room(monkeypatch):
    def full(**options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transport.tempfile, "mkstemp", full)
    (other,) = loader([torch.ones(800, 800)], collate_fn=whole)
    assert other.equal(torch.ones(800, 800))


@pytest.mark.parametrize(
    "index, error, message",
    [
        (0, KeyError, "Caught KeyError in DataLoader worker process 0.\nOriginal Traceback"),
        (1, RuntimeError, r"DataLoader worker \(pid \d+\) is killed by signal: Killed"),
        (2, RuntimeError, r"DataLoader worker \(pid \d+\) exited unexpectedly with exit code 3"),
        (3, RuntimeError, "DataLoader timed out after 0.3 seconds"),
        (4, Exception, "Caught .* in DataLoader worker process 0"),
    ],
)
def test_failures(index, error, message):
    with pytest.raises(error, match=message):
        list(loader(Failing(), sampler=[index], num_workers=1, timeout=0.3 if index == 3 else 0, collate_fn=lambda x: x))


def initialize(worker_id):
    get_worker_info().dataset.n = 10 * (worker_id + 1)


def test_worker_init_fn():
    assert len(list(loader(Share(0), worker_init_fn=initialize))) == 5 + 10

    def fail(worker_id):
        raise ValueError("at the start")

    with pytest.raises(ValueError, match="at the start"):
        list(loader(range(4), worker_init_fn=fail))


def test_workers_go_with_the_iterator():
    it = iter(loader(range(100), batch_size=1))
    next(it)
    processes = [worker.process for worker in it._workers]
    assert all(process.is_alive() for process in processes)
    del it
    assert not any(process.is_alive() for process in processes)


def test_no_prefetching_is_refused():
    with pytest.raises(AssertionError, match="prefetch_factor must be greater than 0"):
        iter(loader(range(3), prefetch_factor=0))
