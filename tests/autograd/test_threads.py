"""Backward on several threads at the same time: graphs of their own, leaves in common, callbacks in Python between."""

import sys
import threading

import pytest

import steepest as torch


@pytest.fixture
def frequent_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def run(count, work):
    """work(k) on `count` threads; what they raise is raised here."""
    errors = []

    def guarded(k):
        try:
            work(k)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(k,)) for k in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if errors:
        raise errors[0]


def test_different_graphs(frequent_switches):
    def work(k):
        for _ in range(200):
            x = torch.full((3,), float(k), requires_grad=True)
            ((x * 2) ** 2).sum().backward()
            assert x.grad.tolist() == [8.0 * k] * 3

    run(4, work)


def test_shared_leaves_with_hooks_between(frequent_switches):
    w = torch.ones(3, requires_grad=True)
    whole = []
    w.register_hook(lambda g: whole.append(g.tolist()))

    def work(k):
        for _ in range(100):
            h = w * 2
            h.register_hook(lambda g: sum(range(50)) and None)
            (h * 3 + w).sum().backward()

    run(4, work)
    assert w.grad.tolist() == [2800.0] * 3
    assert whole == [[7.0] * 3] * 400


def test_one_graph_used_by_all(frequent_switches):
    w = torch.ones(3, requires_grad=True)
    h = w * 2
    h.register_hook(lambda g: sum(range(50)) and None)
    y = (h * h + h).sum()

    def work(k):
        for _ in range(50):
            assert torch.autograd.grad(y, w, retain_graph=True)[0].tolist() == [10.0] * 3

    run(4, work)
    assert w.grad is None


def test_large_ops_let_other_threads_run(frequent_switches):
    big = torch.ones(300, 1000)

    def work(k):
        for _ in range(20):
            x = big.clone().requires_grad_()
            (x * x).sum().backward()
            assert x.grad[0, 0].item() == 2.0

    run(3, work)
