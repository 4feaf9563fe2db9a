"""Size and length: deep and wide graphs on a small stack, memory over many steps, and interruption."""

import os
import resource
import signal
import threading
import time

import pytest

import steepest as torch

SMALL_STACK = 256 * 1024


def resident():
    """Bytes of memory that the process has now, or at most had where that is not told."""
    try:
        with open("/proc/self/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.fixture
def x():
    return torch.ones(1, requires_grad=True)


def chain(x):
    y = x
    for _ in range(100_000):
        y = y + 1
    y.backward()


def chain_forgotten(x):
    y = x
    for _ in range(100_000):
        y = y * 1.00001
    del y
    x.grad = torch.ones(1)


def chain_with_graph(x):
    y = x
    for _ in range(20_000):
        y = y.sin()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    (g * 0 + x).backward()


def chain_in_place(x):
    y = x * 1
    for _ in range(20_000):
        y.add_(1)
    y.backward()


def chain_of_views(x):
    y = x * 1
    for _ in range(20_000):
        y = y.view(1)
    y.backward()


def chain_of_functions(x):
    class Same(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g

    y = x
    for _ in range(20_000):
        y = Same.apply(y)
    y.backward()


def fan(x):
    h = x * 0.0001
    torch.stack([h + k for k in range(10_000)]).sum().backward()


def fan_of_leaves(x):
    leaves = [torch.ones(1, requires_grad=True) for _ in range(10_000)]
    (torch.cat(leaves).sum() + x).backward()
    assert all(leaf.grad.item() == 1 for leaf in leaves)


@pytest.mark.parametrize(
    "build",
    [chain, chain_forgotten, chain_with_graph, chain_in_place, chain_of_views, chain_of_functions, fan, fan_of_leaves],
)
def test_graphs_need_no_stack(x, build):
    before = threading.stack_size(SMALL_STACK)
    errors = []

    def work():
        try:
            build(x)
        except BaseException as error:
            errors.append(error)

    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert errors == []
    assert x.grad.item() == pytest.approx(1.0, rel=1e-3)


def test_training_keeps_memory_flat():
    w = torch.ones(3, requires_grad=True)
    data, target = torch.randn(8, 3), torch.randn(8)
    optimizer = torch.optim.SGD([w], lr=0.01)

    def train(steps):
        for _ in range(steps):
            optimizer.zero_grad()
            loss = ((data @ w - target) ** 2).mean()
            loss.backward()
            optimizer.step()

    train(2_000)
    before = resident()
    train(100_000)
    assert resident() - before < 2**20


def test_failures_keep_memory_flat(x):
    def fail(times):
        for _ in range(times):
            for wrong in (lambda: x * 2 + torch.ones(2, 2, 2)[:, :, [0, 0, 1]] @ torch.ones(2), lambda: (x * 2).expand(2).backward()):
                with pytest.raises(RuntimeError):
                    wrong()

    fail(2_000)
    before = resident()
    fail(5_000)
    assert resident() - before < 2**20


@pytest.fixture
def interruptible():
    """SIGINT raises KeyboardInterrupt, also where a shell started Python in the background with the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_keyboard_interrupt_ends_a_loop_of_ops(x):
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        while time.monotonic() - start < 10:
            (x * 2).exp().sum().backward()
    assert time.monotonic() - start < 5
    x.grad = None
    (x * 2).sum().backward()
    assert x.grad.item() == 2.0


@pytest.mark.usefixtures("interruptible")
def test_keyboard_interrupt_during_a_large_op():
    big = torch.ones(1000, 1000)
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        while time.monotonic() - start < 10:
            big.exp()
    assert time.monotonic() - start < 5


def test_memory_statistics():
    torch.empty_cache()
    before = torch.memory_stats()
    t = torch.ones(1 << 20)
    during = torch.memory_stats()
    del t
    after = torch.memory_stats()
    assert during["allocated_bytes"] - before["allocated_bytes"] >= 4 << 20
    assert after["allocated_bytes"] == before["allocated_bytes"]
    assert after["cached_bytes"] >= min(4 << 20, after["cache_limit_bytes"])
    torch.empty_cache()
    assert torch.memory_stats()["cached_bytes"] == 0
