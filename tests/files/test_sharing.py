"""Tensors that several processes see: what one writes, the others read."""

import gc
import glob
import multiprocessing

import pytest

import steepest as torch
from steepest import sharing

# Processes are forked here from one with threads, which newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def files():
    return set(glob.glob("/dev/shm/steepest_*"))


def add_one(parameter, queue):
    with torch.no_grad():
        parameter.add_(1)
    queue.put((type(parameter).__name__, parameter.requires_grad, parameter))
    queue.close()
    queue.join_thread()


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_write_to_one_memory(method):
    before = files()
    p = torch.nn.Parameter(torch.arange(6.0).view(2, 3).t())
    assert p.share_memory_() is p and p.is_shared() and p.is_leaf and p.tolist() == [[0, 3], [1, 4], [2, 5]]
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    process = context.Process(target=add_one, args=(p, queue))
    process.start()
    kind, requires_grad, other = queue.get()
    process.join()
    assert (kind, requires_grad) == ("Parameter", True) and p.tolist() == [[1, 4], [2, 5], [3, 6]] == other.tolist()
    with torch.no_grad():
        other.zero_()
    assert p.sum() == 0
    del p, other
    gc.collect()
    assert files() <= before


def test_without_the_folder_forked_processes_share(monkeypatch):
    monkeypatch.setattr(sharing, "MEMORY", "/absent")
    x = torch.zeros(3).share_memory_()
    process = multiprocessing.get_context("fork").Process(target=x.fill_, args=(2,))
    process.start()
    process.join()
    assert x.tolist() == [2, 2, 2] and x.is_shared()


def test_what_is_not_shared():
    assert not torch.ones(2).is_shared() and torch.zeros(0).share_memory_().shape == (0,)
    model = torch.nn.Linear(2, 2)
    assert model.share_memory() is model and all(p.is_shared() for p in model.parameters())
    assert not model.weight.clone().is_shared() and model.weight[1].is_shared()
