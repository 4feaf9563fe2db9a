"""Movement, sorting and reduction of tensors long enough for blocks, tails and several registers: against numpy."""

import numpy as np
import pytest

import steepest as torch
from steepest.nn import functional as F

ROWS, COLUMNS = 37, 1111  # neither fills blocks


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).standard_normal((ROWS, COLUMNS)).astype("float32")


def numbers(*shape, high, dtype="int64"):
    return np.random.default_rng(1).integers(0, high, shape).astype(dtype)


@pytest.mark.parametrize("dim", [0, 1])
def test_gather_and_scatter_follow_numpy(x, dim):
    at = numbers(ROWS, COLUMNS, high=x.shape[dim])
    assert np.array_equal(torch.tensor(x).gather(dim, torch.tensor(at)).numpy(), np.take_along_axis(x, at, dim))
    added, where = x.copy(), [np.arange(ROWS)[:, None], np.arange(COLUMNS)]
    where[dim] = at
    np.add.at(added, tuple(where), x)
    np.testing.assert_allclose(torch.tensor(x).scatter_add(dim, torch.tensor(at), torch.tensor(x)).numpy(), added, rtol=0, atol=2e-5)


@pytest.mark.parametrize("wrong", [-1, COLUMNS])
@pytest.mark.parametrize("position", [0, 20, COLUMNS - 1])
def test_a_wrong_index_anywhere_is_found_before_anything_is_written(x, wrong, position):
    at = numbers(ROWS, COLUMNS, high=COLUMNS)
    at[ROWS - 1, position] = wrong
    y, index = torch.tensor(x), torch.tensor(at)
    text = f"index {wrong} is out of bounds for dimension 1 with size {COLUMNS}"
    for write in (y.scatter_, y.scatter_add_, lambda *a: y.scatter_reduce_(*a, "amax")):
        with pytest.raises(RuntimeError, match=text):
            write(1, index, torch.ones(ROWS, COLUMNS))
        assert np.array_equal(y.numpy(), x)
    for read in (y.gather, lambda *a: y.scatter_add(*a, y)):
        with pytest.raises(RuntimeError, match=text):
            read(1, index)


def test_gradients_of_picks_go_to_their_places(x):
    leaf, at, rows = torch.tensor(x, requires_grad=True), numbers(ROWS, 300, high=COLUMNS), numbers(50, high=ROWS)
    g = np.random.default_rng(2).standard_normal((ROWS, 300)).astype("float32")
    expected = np.zeros_like(x)
    np.add.at(expected, (np.arange(ROWS)[:, None], at), g)
    for create_graph in (False, True):
        (got,) = torch.autograd.grad(leaf.gather(1, torch.tensor(at)), leaf, torch.tensor(g), create_graph=create_graph)
        np.testing.assert_allclose(got.detach().numpy(), expected, rtol=0, atol=1e-6)
        (got,) = torch.autograd.grad(leaf.index_select(0, torch.tensor(rows)).sum(), leaf, create_graph=create_graph)
        assert np.array_equal(got.detach().numpy(), np.repeat(np.bincount(rows, minlength=ROWS)[:, None], COLUMNS, 1))
        (got,) = torch.autograd.grad(leaf.topk(3, 1)[0].sum(), leaf, create_graph=create_graph)
        assert np.array_equal(got.detach().numpy(), x >= np.sort(x, 1)[:, -3:-2])


def test_masks_and_places(x):
    mask, t = x > 0.3, torch.tensor(x)
    m = torch.tensor(mask)
    assert np.array_equal(m.nonzero().numpy(), np.argwhere(mask))
    assert np.array_equal(t[m].numpy(), x[mask])
    assert np.array_equal(t.masked_fill(m, 2.0).numpy(), np.where(mask, np.float32(2), x))
    written = x.copy()
    written[mask] = np.arange(mask.sum())
    assert np.array_equal(t.masked_scatter(m, torch.arange(float(mask.sum()))).numpy(), written)
    assert np.array_equal(t.masked_scatter(torch.zeros_like(m), torch.ones(1)).numpy(), x)


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("special", [np.nan, np.inf])
def test_topk_of_long_lines_with_equals_and_specials(largest, special):
    line = numbers(5, COLUMNS, high=40).astype("float64")
    line[1, [0, 700]], line[2, 3::4], line[3] = special, special, special
    values, indices = torch.tensor(line).topk(6, 1, largest)
    # NaN counts as largest; which of several equals is named, tests/parity/test_equal_elements.py compares.
    keys = np.where(np.isnan(line), 1e300, np.clip(line, None, 1e299))
    order = np.argsort(-keys if largest else keys, axis=1, kind="stable")[:, :6]
    assert np.array_equal(np.take_along_axis(line, order, 1), values.numpy(), equal_nan=True)
    assert np.array_equal(np.take_along_axis(line, indices.numpy(), 1), values.numpy(), equal_nan=True)
    assert all(len(set(row)) == 6 for row in indices.tolist())


def test_runs_medians_and_searches():
    v = numbers(5000, high=3)
    y, inverse, counts = torch.tensor(v).unique_consecutive(return_inverse=True, return_counts=True)
    begins = np.flatnonzero(np.r_[True, v[1:] != v[:-1]])
    assert np.array_equal(y.numpy(), v[begins]) and np.array_equal(counts.numpy(), np.diff(np.r_[begins, v.size]))
    assert np.array_equal(y.numpy()[inverse.numpy()], v)
    assert np.array_equal(torch.tensor(v).unique_consecutive().numpy(), v[begins])
    value, index = torch.tensor(v).median(0)
    assert value.item() == np.sort(v)[2499] and index.item() == np.argsort(v, kind="stable")[2499]
    edges, wanted = np.sort(numbers(100, high=1000, dtype="float32")), numbers(5000, high=1000, dtype="float32")
    for side in ("left", "right"):
        found = torch.searchsorted(torch.tensor(edges), torch.tensor(wanted), side=side)
        assert np.array_equal(found.numpy(), np.searchsorted(edges, wanted, side))


def test_the_first_of_a_run_stands_for_it():
    nan = float("nan")
    y = torch.tensor([0.0, -0.0, 0.0, 1.0, nan, nan, -0.0, 0.0]).unique_consecutive()
    np.testing.assert_array_equal(y.numpy(), [0, 1, nan, nan, -0.0])
    assert np.array_equal(np.signbit(y.numpy()), [False, False, False, False, True])
    for n in (0, 1):
        assert torch.ones(n).unique_consecutive().tolist() == [1.0] * n
    few = torch.arange(1000).floor_divide(100).unique_consecutive()
    assert few.tolist() == list(range(10)) and few.untyped_storage().nbytes() == 80


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int32", "uint8"])
def test_reductions_of_columns(dtype):
    v = numbers(ROWS, COLUMNS, high=3, dtype=dtype) + np.array(1, dtype)
    t = torch.tensor(v)
    for name in ("sum", "amax", "amin", "prod"):
        wide = v.astype("int64") if v.dtype.kind in "iu" else v
        assert np.array_equal(getattr(t, name)(0).numpy(), getattr(np, name)(wide, 0))
    assert np.array_equal((t == 1).any(0).numpy(), (v == 1).any(0)) and np.array_equal((t == 1).sum(0).numpy(), (v == 1).sum(0))


def cascade(v):
    """Sums of columns in PyTorch's order: sections of 2^p rows, sections of sections, and so on over four levels."""
    p = max(4, (len(v) - 1).bit_length() // 4)
    levels = np.zeros((4, v.shape[1]), v.dtype)
    for i, row in enumerate(v, 1):
        levels[0] += row
        for level in range(3):
            if i % (1 << p * (level + 1)) == 0:
                levels[level + 1] += levels[level]
                levels[level] = 0
    for level in levels[1:]:
        levels[0] += level
    return levels[0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(3, 64), (37, 1088), (300, 96), (4200, 32), (70000, 32)])
def test_sums_of_columns_have_one_order(dtype, shape):
    v = np.random.default_rng(5).standard_normal(shape).astype(dtype)
    for rows in (v, v[: shape[0] // 2 + 1]):
        assert np.array_equal(torch.tensor(rows).sum(0).numpy(), cascade(rows))
        assert np.array_equal(torch.tensor(rows).square().sum(0).numpy(), cascade(rows * rows))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("start", [0, 1, 7])
def test_elementwise_at_every_length(dtype, start):
    memory = np.random.default_rng(6).standard_normal(6000).astype(dtype)
    half, low, high = (np.dtype(dtype).type(v) for v in (0.5, -0.25, 0.75))
    for n in [*range(70), 511, 512, 513, 1792, 2047, 2048, 2049, 4097, 5990]:
        v = memory[start : start + n]
        x, y = torch.tensor(memory)[start : start + n], torch.tensor(memory[::-1].copy())[start : start + n]
        w = memory[::-1][start : start + n]
        assert np.array_equal((x + y).numpy(), v + w) and np.array_equal((x * 0.5).numpy(), v * half)
        assert np.array_equal((x < y).numpy(), v < w) and np.array_equal((x > 0.5).numpy(), v > half)
        assert np.array_equal(x.clamp(-0.25, 0.75).numpy(), v.clip(low, high))
        assert np.array_equal(F.hardtanh(x, -0.25, 0.75).numpy(), v.clip(low, high))
        assert np.array_equal(torch.where(x > y, x, 0.5).numpy(), np.where(v > w, v, half))
        assert np.array_equal(x.abs().sqrt().numpy(), np.sqrt(np.abs(v)))
        other = "float64" if dtype == "float32" else "float32"
        assert np.array_equal(x.to(getattr(torch, other)).numpy(), v.astype(other))
        whole, written = torch.tensor(memory), memory.copy()
        whole[start : start + n].mul_(0.5).add_(y)
        written[start : start + n] = v * half + w
        assert np.array_equal(whole.numpy(), written)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("length", [5, 16, 100, 259])
def test_extremes_anywhere(dtype, length):
    rows = np.random.default_rng(7).standard_normal((length, length)).astype(dtype)
    for special in (9, -9, np.nan):
        v = rows.copy()
        np.fill_diagonal(v, special)
        for name in ("amax", "amin"):
            for dim in (0, 1):
                assert np.array_equal(getattr(torch.tensor(v), name)(dim).numpy(), getattr(np, name)(v, dim), equal_nan=True)
        a, b = torch.tensor(v), torch.tensor(rows.T.copy())
        for x, y, left, right in ((a, b, v, rows.T), (b, a, rows.T, v)):
            for name in ("maximum", "minimum", "fmax", "fmin"):
                assert np.array_equal(getattr(torch, name)(x, y).numpy(), getattr(np, name)(left, right), equal_nan=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_softmax_along_columns(dtype):
    v = np.random.default_rng(3).standard_normal((70, 600)).astype(dtype)
    v[3, 5], v[:, 6], v[2, 7] = -np.inf, -np.inf, np.inf
    some = np.r_[0:6, 8:600]
    t, wide = torch.tensor(v), v[:, some].astype("longdouble")
    e = np.exp(wide - wide.max(0))
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(F.softmax(t, 0).numpy()[:, some], e / e.sum(0), rtol=6 * eps)
    total = t.logsumexp(0).numpy()
    np.testing.assert_allclose(total[some], np.log(e.sum(0)) + wide.max(0), rtol=4 * eps)
    assert total[6] == -np.inf and total[7] == np.inf
    np.testing.assert_allclose(t.t().contiguous().logsumexp(1).numpy(), total, rtol=4 * eps)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_halves_are_converted_in_rows_as_one_by_one(name):
    dtype = getattr(torch, name)
    every = torch.arange(-(1 << 15), 1 << 15).to(torch.int16).view(dtype)
    wide = every.float()
    steps = wide.numpy().view("uint32")[:, None] + np.array([0, 1, 0xFFF, 0x1000, 0x1001, 0x7FFF, 0x8000, 0x8001], "uint32")
    numbers = torch.tensor(steps.reshape(-1).view("float32"))
    narrow = numbers.to(dtype)
    if name == "float16":
        assert np.array_equal(wide.numpy(), every.numpy().astype("float32"), equal_nan=True)
        with np.errstate(over="ignore"):
            assert np.array_equal(narrow.numpy(), numbers.numpy().astype("float16"), equal_nan=True)
    else:
        nearest = torch.stack([numbers[::97], narrow[::97].float()]).numpy()
        known = np.isfinite(nearest).all(0)
        np.testing.assert_allclose(nearest[1, known], nearest[0, known], rtol=2.0**-8, atol=2.0**-134)
    # Every third element is converted by itself.
    assert np.array_equal(wide[::3].numpy(), every[::3].float().numpy(), equal_nan=True)


def test_nothing_outside_a_plane_is_looked_at():
    plane = torch.ones(1, 1, 3, 3)
    plane[0, 0, 0, 0] = float("nan")
    grid = torch.full((1, 1, 40, 2), 0.9)
    grid[0, 0, 7] = 5.0
    for mode in ("bilinear", "nearest", "bicubic"):
        y = F.grid_sample(plane, grid, mode=mode, align_corners=True)
        assert y[0, 0, 0, 7] == 0 and (mode == "bicubic" or bool(y.isfinite().all()))


@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
def test_nothing_behind_a_row_is_looked_at_that_float32_cannot_count(padding_mode):
    memory = torch.zeros((1 << 24) + 5)
    memory[-1] = float("nan")
    plane, grid = memory[:-1].reshape(1, 1, 1, -1), torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.9999999, 0.0]]).reshape(1, 1, 3, 2)
    for mode in ("bilinear", "nearest", "bicubic"):
        y = F.grid_sample(plane, grid, mode=mode, padding_mode=padding_mode, align_corners=True)
        assert bool((y == 0).all())


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_cat_of_pieces_of_all_sizes(dim):
    shapes = [[4, 5, 6] for _ in range(4)]
    for shape, size in zip(shapes, (3, 0, 1, 40)):
        shape[dim] = size
    pieces = [np.random.default_rng(4).standard_normal(shape) for shape in shapes]
    joined = torch.cat([torch.tensor(p) for p in pieces] + [torch.empty(0, dtype=torch.float64)], dim)
    assert np.array_equal(joined.numpy(), np.concatenate(pieces, dim))
