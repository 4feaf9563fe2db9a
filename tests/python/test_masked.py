"""torch.masked and segment_reduce against numpy."""

import numpy as np
import pytest

import steepest as torch
from steepest import masked

RANDOM = np.random.default_rng(0)
VALUES, MASK = RANDOM.normal(size=(4, 5)), RANDOM.random((4, 5)) < 0.6
MASK[:, :2] = MASK[:2] = True
X, M = torch.from_numpy(VALUES), torch.from_numpy(MASK)
HIDDEN = np.ma.array(VALUES, mask=~MASK)


@pytest.mark.parametrize("name, of", [("sum", "sum"), ("prod", "prod"), ("amax", "max"), ("amin", "min"), ("mean", "mean")])
def test_reductions(name, of):
    for dim in (0, 1, (0, 1), None):
        found = getattr(masked, name)(X, dim, mask=M)
        np.testing.assert_allclose(found.numpy(), np.asarray(getattr(HIDDEN, of)(axis=dim)), rtol=1e-12)
    kept = getattr(masked, name)(X, 1, keepdim=True, mask=M)
    assert kept.shape == (4, 1)
    assert torch.autograd.gradcheck(lambda x: getattr(masked, name)(x, 1, mask=M), X.clone().requires_grad_())


def test_moments_and_order():
    np.testing.assert_allclose(masked.var(X, 1, mask=M).numpy(), np.asarray(HIDDEN.var(1, ddof=1)), rtol=1e-12)
    np.testing.assert_allclose(masked.std(X, (0, 1), False, mask=M).numpy(), HIDDEN.std(), rtol=1e-12)
    assert masked.argmax(X, 1, mask=M).tolist() == HIDDEN.argmax(1).tolist()
    assert masked.argmin(X, 1, mask=M).tolist() == HIDDEN.argmin(1).tolist()
    lower = [np.sort(row.compressed())[(row.count() - 1) // 2] for row in HIDDEN]
    np.testing.assert_array_equal(masked.median(X, 1, mask=M).numpy(), lower)
    np.testing.assert_allclose(masked.cumsum(X, 1, mask=M).numpy(), np.where(MASK, VALUES, 0).cumsum(1))
    np.testing.assert_allclose(masked.cumprod(X, 1, mask=M).numpy(), np.where(MASK, VALUES, 1).cumprod(1))


def test_normalisations():
    powers = np.where(MASK, np.exp(VALUES), 0)
    shares = powers / powers.sum(1, keepdims=True)
    np.testing.assert_allclose(masked.softmax(X, 1, mask=M).numpy(), shares, rtol=1e-12)
    np.testing.assert_allclose(masked.log_softmax(X, 1, mask=M).exp().numpy(), shares, rtol=1e-12)
    np.testing.assert_allclose(masked.softmin(-X, 1, mask=M).numpy(), shares, rtol=1e-12)
    np.testing.assert_allclose(masked.logsumexp(X, 1, mask=M).numpy(), np.log(powers.sum(1)), rtol=1e-12)
    sizes = np.sqrt(np.where(MASK, VALUES, 0) ** 2).sum(1)
    np.testing.assert_allclose(masked.norm(X, 1, 1, mask=M).numpy(), sizes, rtol=1e-12)
    np.testing.assert_allclose(masked.normalize(X, 1, 1, mask=M).numpy(), np.where(MASK, VALUES, 0) / sizes[:, None])
    both = masked.logaddexp(X, X, input_mask=M, other_mask=~M)
    np.testing.assert_allclose(both.numpy(), VALUES)


def test_nothing_takes_part():
    none = torch.zeros(2, dtype=torch.bool)
    x = torch.ones(3, 2)
    assert masked.sum(x, 1, mask=none).tolist() == [0, 0, 0]
    assert masked.amax(x.long(), 1, mask=none)[0] == torch.iinfo(torch.int64).min
    assert masked.mean(x, 1, mask=none).isnan().all()
    with pytest.raises(ValueError, match="Could not infer output dtype"):
        masked.mean(x.long(), 1)
    with pytest.raises(ValueError, match="broadcastable"):
        masked.sum(x, 1, mask=torch.ones(5, dtype=torch.bool))


@pytest.mark.parametrize("reduce, of", [
    ("sum", np.sum), ("mean", np.mean), ("max", np.max), ("amax", np.max), ("min", np.min), ("amin", np.min), ("prod", np.prod),
])
def test_segment_reduce(reduce, of):
    for found in (
        torch.segment_reduce(X, reduce, lengths=torch.tensor([1, 3])),
        torch.segment_reduce(X, reduce, offsets=torch.tensor([0, 1, 4])),
    ):
        np.testing.assert_allclose(found.numpy(), [of(VALUES[:1], 0), of(VALUES[1:], 0)], rtol=1e-12)
    inner = torch.segment_reduce(X, reduce, lengths=torch.tensor([[2, 3]] * 4), axis=1)
    np.testing.assert_allclose(inner.numpy(), np.stack([of(VALUES[:, :2], 1), of(VALUES[:, 2:], 1)], 1), rtol=1e-12)
    with pytest.raises(RuntimeError, match="to sum to"):
        torch.segment_reduce(X, reduce, lengths=torch.tensor([1, 2]))


def test_empty_segments():
    lengths = torch.tensor([0, 4])
    assert torch.segment_reduce(X, "mean", lengths=lengths)[0].isnan().all()
    assert torch.segment_reduce(X, "max", lengths=lengths, initial=9)[:, 0].tolist() == [9, 9]
    with pytest.raises(RuntimeError, match="lengths or offsets"):
        torch.segment_reduce(X, "sum")
