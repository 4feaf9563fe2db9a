"""References in numpy for what numpy itself has no function for."""

import math

import numpy as np

erf, erfc = (np.vectorize(of, otypes=[float]) for of in (math.erf, math.erfc))
lgamma = np.vectorize(lambda x: math.inf if x <= 0 and x == int(x) else math.lgamma(x), otypes=[float])


def sizes(args):
    """The sizes that stand one by one, or in a tuple."""
    return args[0] if isinstance(args[0], tuple) else args


def normal_cdf(x):
    return erfc(-x / math.sqrt(2)) / 2


def sigmoid(x):
    x = np.asarray(x, float)
    return np.where(x < 0, np.exp(np.minimum(x, 0)), 1) / (1 + np.exp(-abs(x)))


def gelu(x, approximate="none"):
    if approximate == "none":
        return x * normal_cdf(x)
    return x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def nan_to_num(x, nan=0, posinf=None, neginf=None):
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


def softplus(x, beta=1, threshold=20):
    return np.where(x * beta > threshold, x, np.logaddexp(0, x * beta) / beta)


def erfinv(y):
    """Newton's method on erf, from Winitzki's approximation."""
    ends = np.where(abs(y) > 1, np.nan, np.where(abs(y) == 1, np.copysign(np.inf, y), 0.0))
    inside = np.where(abs(y) < 1, y, 0.0)
    log = np.log1p(-inside * inside)
    half = 2 / (math.pi * 0.147) + log / 2
    x = np.copysign(np.sqrt(np.sqrt(half * half - log / 0.147) - half), inside)
    for _ in range(4):
        error = np.where(x > 0.5, 1 - inside - erfc(x), erf(x) - inside)
        x = x - error * math.sqrt(math.pi) / 2 * np.exp(x * x)
    return np.where(ends == 0, x, ends)


BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510]


def digamma(x):
    """Recurrence up to 12, then the asymptotic series (Abramowitz and Stegun 6.3.18)."""
    x = np.asarray(x, float)
    shift = sum(1 / (x + k) for k in range(12))
    z = x + 12
    tail = sum(b / (2 * k * z ** (2 * k)) for k, b in enumerate(BERNOULLI, 1))
    return np.log(z) - 1 / (2 * z) - tail - shift


def polygamma(n, x):
    """Abramowitz and Stegun 6.4.11, likewise; the arguments in either order, as function and method have them."""
    n, x = (n, x) if isinstance(n, int) else (x, n)
    if n == 0:
        return digamma(x)
    x = np.asarray(x, float)
    z, sign = x + 12, (-1) ** (n + 1)
    tail = math.factorial(n - 1) / z**n + math.factorial(n) / (2 * z ** (n + 1))
    for k, b in enumerate(BERNOULLI, 1):
        tail = tail + b * math.factorial(2 * k + n - 1) / (math.factorial(2 * k) * z ** (2 * k + n))
    return sign * (tail + math.factorial(n) * sum(1 / (x + k) ** (n + 1) for k in range(12)))


def add(x, y, alpha=1):
    sum = x + (y if alpha == 1 else alpha * y)
    return sum.astype(bool) if np.result_type(x, y).kind == "b" else sum


def trunc_divide(x, y):
    if np.result_type(x, y).kind == "f":
        return np.trunc(x / y)
    return (np.sign(x.astype(int)) * np.sign(y) * (abs(x.astype(int)) // abs(np.asarray(y, int)))).astype(x.dtype)


def divide(x, y, rounding_mode=None):
    return {None: np.true_divide, "floor": np.floor_divide, "trunc": trunc_divide}[rounding_mode](x, y)


def rounded(x, decimals=0):
    return np.round(x * 10.0**decimals) / 10.0**decimals if decimals else np.round(x)


def clamp(x, min=-np.inf, max=np.inf):
    return np.minimum(np.maximum(x, min), max).astype(x.dtype)


def huber(x, t, delta=1.0):
    d = abs(x - t)
    return np.where(d < delta, d * d / 2, delta * (d - delta / 2))


def loss(of):
    """A loss by elements, then reduced as `reduction` says."""

    def reduced(x, t, *args, reduction="mean", **kwargs):
        values = of(x, t, *args, **kwargs)
        return {"none": lambda v: v, "mean": np.mean, "sum": np.sum}[reduction](values)

    return reduced


def binary_cross_entropy(p, t, weight=1.0):
    return -(t * np.log(p) + (1 - t) * np.log1p(-p)) * (1.0 if weight is None else weight)


def binary_cross_entropy_with_logits(x, t, weight=None, pos_weight=None):
    pos = 1.0 if pos_weight is None else pos_weight
    values = pos * t * np.logaddexp(0, -x) + (1 - t) * np.logaddexp(0, x)
    return values if weight is None else values * weight


def log_softmax(x, dim, dtype=None):
    if x.ndim == 0:
        return np.zeros_like(x)
    shifted = x - x.max(dim, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(dim, keepdims=True))


def softmax(x, dim, dtype=None):
    return np.exp(log_softmax(x, dim))


def nll_loss(logp, target, weight=None, ignore_index=-100, reduction="mean"):
    """Log-probabilities (N, C, ...) or (C,), classes (N, ...) or ()."""
    single = logp.ndim == 1
    if single:
        logp, target = logp[None], np.asarray(target)[None]
    counted = target != ignore_index
    safe = np.where(counted, target, 0)
    picked = -np.take_along_axis(logp, safe[:, None], 1)[:, 0]
    w = np.where(counted, 1.0 if weight is None else weight[safe], 0.0)
    if reduction == "none":
        return (picked * w)[0] if single else picked * w
    total = (picked * w).sum()
    return total / w.sum() if reduction == "mean" else total


def cross_entropy(x, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    axis = 1 if x.ndim > 1 else 0
    logp = log_softmax(x, axis)
    if target.dtype.kind != "f":
        hard = nll_loss(logp, target, weight, ignore_index, reduction)
        if not label_smoothing:
            return hard
        n = x.shape[axis]
        return hard * (1 - label_smoothing) + label_smoothing / n * -logp.sum(axis).mean()
    target = target * (1 - label_smoothing) + label_smoothing / x.shape[axis]
    values = -(logp * target * (1.0 if weight is None else weight)).sum(axis)
    n = x.shape[0] if axis else 1
    return {"none": values, "sum": values.sum(), "mean": values.sum() / n}[reduction]


def reduction(of, **fixed):
    """numpy's reduction `of` with PyTorch's arguments."""

    def reduced(x, dim=None, keepdim=False, dtype=None, **kwargs):
        axis = tuple(dim) if isinstance(dim, (list, tuple)) else dim
        axis = None if axis == () else axis
        if x.ndim == 0:
            return of(x[None], axis=0, keepdims=False, **fixed, **kwargs)
        return of(x, axis=axis, keepdims=keepdim, **fixed, **kwargs)

    return reduced


def moments(of):
    def reduced(x, dim=None, unbiased=True, keepdim=False, correction=None):
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        axis = tuple(dim) if isinstance(dim, (list, tuple)) else dim
        ddof = int(unbiased) if correction is None else correction
        return of(x, axis=axis, ddof=ddof, keepdims=keepdim)

    return reduced


def with_mean(of):
    return lambda x, *a, **k: (moments(of)(x, *a, **k), moments(lambda v, axis, ddof,
        keepdims: v.mean(axis, keepdims=keepdims))(x, *a, **k))


def norm(x, p=2, dim=None, keepdim=False, dtype=None):
    p = 2 if p in (None, "fro") else p
    axis = tuple(range(x.ndim)) if dim is None else dim
    of = {0: lambda v: (v != 0).sum(axis, keepdims=keepdim), np.inf: lambda v: abs(v).max(axis, keepdims=keepdim)}
    of[-np.inf] = lambda v: abs(v).min(axis, keepdims=keepdim)
    return of.get(p, lambda v: (abs(v) ** p).sum(axis, keepdims=keepdim) ** (1 / p))(x) * 1.0


def logsumexp(x, dim, keepdim=False):
    dim = tuple(dim) if isinstance(dim, (list, tuple)) else dim
    top = np.asarray(x.max(dim, keepdims=True))
    return (np.log(np.exp(x - top).sum(dim, keepdims=True)) + top).sum(dim, keepdims=keepdim)


def lower_median(x, dim=None, keepdim=False, skip_nan=False):
    """Of an even number of values, the lower middle one; with a dim also where it stands."""
    if dim is None:
        x, dim = x.reshape(-1), 0
        return lower_median(x, 0, skip_nan=skip_nan)[0]
    order = np.argsort(x, dim, kind="stable")
    if skip_nan and x.dtype.kind == "f":
        k = (np.sum(~np.isnan(x), dim, keepdims=True) - 1) // 2
    else:
        k = np.full_like(x.sum(dim, keepdims=True), (x.shape[dim] - 1) // 2, int)
    at = np.take_along_axis(order, k, dim)
    return _pair(x, at, dim, keepdim)


def kthvalue(x, k, dim=-1, keepdim=False):
    at = np.take(np.argsort(x, dim, kind="stable"), [k - 1], dim)
    return _pair(x, at, dim, keepdim)


def _pair(x, at, dim, keepdim):
    values = np.take_along_axis(x, at, dim)
    return (values, at) if keepdim else (values.squeeze(dim), at.squeeze(dim))


def extreme(of, where):
    """max and min: of all, of two tensors, or (values, indices) along a dim."""

    def reduced(x, dim=None, keepdim=False):
        if isinstance(dim, np.ndarray):
            return {np.max: np.maximum, np.min: np.minimum}[of](x, dim)
        if dim is None:
            return of(x)
        return _pair(x, where(x, dim, keepdims=True), dim, keepdim)

    return reduced


def ordered(x, dim=-1, descending=False, stable=None):
    """(values, indices): stable, which distinct values make unique."""
    at = np.argsort(-x if descending else x, dim, kind="stable")
    return np.take_along_axis(x, at, dim), at


def topk(x, k, dim=-1, largest=True, sorted=True):
    values, at = ordered(x, dim, largest)
    return tuple(np.take(v, range(k), dim) for v in (values, at))


def cumulative_extreme(of):
    def scan(x, dim):
        values = of.accumulate(x, dim)
        at = np.where(x == values,
            np.expand_dims(np.arange(x.shape[dim]), [a for a in range(x.ndim) if a != dim % x.ndim]), 0)
        return values, np.maximum.accumulate(at, dim)

    return scan
