"""What ops compute does not depend on the number of threads: every loop that threads share, at sizes and layouts where they do."""

import pytest

import steepest as torch
import steepest.nn.functional as F


def real(*sizes, dtype=torch.float32):
    count = 1
    for size in sizes:
        count *= size
    return (torch.arange(count, dtype=torch.float64) * 0.7315).sin().reshape(sizes).to(dtype)


def places(high, *sizes):
    count = 1
    for size in sizes:
        count *= size
    return (torch.arange(count) * 7919 % high).reshape(sizes)


def gradients(f, *inputs):
    inputs = [x.clone().requires_grad_() for x in inputs]
    y = f(*inputs)
    return [y, *torch.autograd.grad(y, inputs, real(*y.shape, dtype=y.dtype))]


def stepped(optimizer, **settings):
    p = real(300, 301).requires_grad_()
    chosen = optimizer([p], **settings)
    for _ in range(3):
        p.grad = p.detach().cos()
        chosen.step()
    return p


def seeded(f):
    torch.manual_seed(3)
    return f()


X, Y, V = real(400, 301), real(301), real(100_003)
CASES = {
    "elementwise": lambda: [X.exp() * Y, X.t() / Y.reshape(-1, 1), X[::2, ::3].tanh(), V.double().sqrt(), X > Y],
    "in place": lambda: [X.clone().mul_(Y), X.t().clone().t().add_(X), X.clone().t().div_(Y.reshape(-1, 1) + 2)],
    "fills": lambda: [
        torch.zeros(70_001),
        torch.ones(70_001),
        torch.full((70_001,), 2.5, dtype=torch.float64),
        torch.full((300_001,), True),
    ],
    "ranges": lambda: [torch.arange(70_001), torch.arange(0, 7000, 0.1), torch.linspace(-3, 5, 70_001), torch.logspace(-3, 5, 1001)],
    "random": lambda: [seeded(lambda: torch.rand(70_001)), seeded(lambda: torch.randn(70_001)), seeded(lambda: F.dropout(V, 0.3))],
    "copies": lambda: [
        X.t().contiguous(),
        X[:, ::2].clone(),
        real(20, 30, 40, 5).permute(2, 0, 3, 1).contiguous(),
        V.half(),
        X.t().to(torch.int64),
    ],
    "expanded copies": lambda: [
        Y.expand(200, 301).contiguous(),
        V[:50_000].reshape(1, -1).expand(2, -1).contiguous(),
        Y.reshape(-1, 1).expand(301, 99).clone(),
    ],
    "reductions": lambda: [f(X) for f in (torch.sum, torch.mean, torch.prod, torch.var, torch.amax, torch.argmax, torch.all, torch.median)],
    "reductions first": lambda: [X.sum(0), X.prod(0), X.var(0), X.amax(0), X.argmin(0), X.logsumexp(0), X.any(0), X.norm(dim=0)],
    "reductions last": lambda: [X.sum(1), X.prod(1), X.var(1), X.amax(1), X.argmin(1), X.logsumexp(1), X.t().sum(1), X.median(1)[1]],
    "large reductions": lambda: [f(real(300_001)) for f in (torch.sum, torch.prod, torch.var, torch.amax, torch.std)],
    "many columns": lambda: [f(real(70, 1300), 0) for f in (torch.sum, torch.prod, torch.amax)],
    "softmax": lambda: [*gradients(lambda x: F.softmax(x, 1), X), *gradients(lambda x: F.log_softmax(x, 0), X)],
    "halves": lambda: [y for x in (X.half(), X.bfloat16()) for y in (x.sum(), x.sum(0), x.mean(1), x.softmax(0), x.log_softmax(1))],
    "distances": lambda: [F.pdist(X), torch.cdist(X, X), torch.view_as_real(torch.complex(X, X).conj())],
    "losses": lambda: gradients(lambda x: F.cross_entropy(x, places(301, 400)), X),
    "norms": lambda: [
        *gradients(lambda x, w: F.layer_norm(x, (301,), w, w), X, Y),
        *gradients(lambda x: F.group_norm(x, 4), real(8, 16, 30, 31)),
    ],
    "batch norm": lambda: gradients(lambda x: F.batch_norm(x, None, None, training=True), real(16, 24, 20, 21)),
    "cumulative": lambda: [X.cumsum(0), X.cumsum(1), X.cumprod(1), X.cummax(0)[1], X.logcumsumexp(1)],
    "sorting": lambda: [*X.sort(1), *X.sort(0, descending=True), *X.topk(4, 1), V.unique(), V.sort()[1]],
    "gather": lambda: [
        *gradients(lambda x: x.gather(1, places(301, 400, 300)), X),
        *gradients(lambda x: x.gather(0, places(400, 390, 301)), X),
    ],
    "gather 1-d": lambda: gradients(lambda x: x.gather(0, places(100_003, 90_000)), V),
    "scatter": lambda: [
        X.scatter(1, places(301, 400, 300), X[:, 1:]),
        X.scatter_reduce(0, places(7, 390, 301), X[10:], "prod"),
        X.t().scatter_reduce(1, places(5, 301, 399), X.t()[:, 1:], "amax"),
    ],
    "rows by number": lambda: [*gradients(lambda x: x.index_select(0, places(400, 900)), X), *gradients(lambda x: x[places(400, 900)], X)],
    "embedding": lambda: gradients(lambda x: F.embedding(places(400, 30, 31), x), X),
    "index_add": lambda: [
        X.index_add(0, places(9, 400), X),
        X.index_put((places(9, 400),), X, accumulate=True),
        X.index_copy(1, places(301, 301), X),
    ],
    "masks": lambda: [
        X.masked_fill(X > 0, 1.0),
        X[X > 0],
        V[V > 0],
        (X > 0.5).nonzero(),
        X.t().masked_fill(X.t() > 0, 2.0),
        (V > 0).nonzero(),
    ],
    "masked values": lambda: gradients(lambda x: x[X > 0], X),
    "joining": lambda: [
        torch.cat([X, X, X]),
        torch.cat([X, X], 1),
        torch.stack([X, X], 2),
        X.tril(),
        F.pad(X[None], (1, 2, 3, 4), mode="reflect"),
        X.flip(1),
    ],
    "products": lambda: (
        [real(n, n) @ real(n, n) for n in (64, 96, 128, 200)] + [real(130, 90).t() @ real(130, 310), real(90, 200) @ real(70, 200).t()]
    ),
    "skinny products": lambda: gradients(F.linear, real(64, 784), real(256, 784), real(256)),
    "batches": lambda: [real(40, 30, 31) @ real(40, 31, 33), real(3, 130, 120) @ real(3, 120, 140), places(9, 90, 80) @ places(9, 80, 70)],
    "convolution": lambda: gradients(lambda x, w, b: F.conv2d(x, w, b, padding=1), real(9, 12, 17, 18), real(24, 12, 3, 3), real(24)),
    "strided convolution": lambda: gradients(lambda x, w: F.conv2d(x, w, stride=2, groups=3), real(7, 12, 19, 18), real(24, 4, 3, 2)),
    "pooling": lambda: [
        *gradients(lambda x: F.max_pool2d(x, 3, 2, 1), real(4, 6, 40, 41)),
        *gradients(lambda x: F.avg_pool2d(x, 2), real(4, 6, 40, 41)),
    ],
    "resampling": lambda: [F.interpolate(real(3, 5, 30, 31), scale_factor=2, mode=mode) for mode in ("nearest", "bilinear")],
    "attention": lambda: gradients(F.scaled_dot_product_attention, real(2, 4, 60, 32), real(2, 4, 60, 32), real(2, 4, 60, 32)),
    "optimizers": lambda: [
        stepped(torch.optim.SGD, lr=0.1, momentum=0.9),
        stepped(torch.optim.Adam, lr=0.1),
        stepped(torch.optim.RMSprop, lr=0.1),
    ],
    "recurrence": lambda: gradients(lambda x: seeded(lambda: torch.nn.LSTM(40, 128))(x)[0], real(6, 32, 40)),
}


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", CASES)
def test_any_number(name, threads):
    threads(1)
    expected = CASES[name]()
    for count in (2, 3, 7):
        threads(count)
        for i, (one, more) in enumerate(zip(expected, CASES[name](), strict=True)):
            assert torch.equal(one.isnan(), more.isnan()) and torch.equal(one.nan_to_num(), more.nan_to_num()), (
                f"result {i} of {count} threads"
            )


def test_errors_leave_the_threads_working(threads):
    threads(2)
    wrong = places(301, 400, 301).index_put((torch.tensor([399]), torch.tensor([5])), torch.tensor(301))
    for _ in range(5):
        with pytest.raises(RuntimeError, match="index 301 is out of bounds for dimension 1 with size 301"):
            X.gather(1, wrong)
        assert torch.equal(X + 1, (X.double() + 1).float())
