"""embedding_bag: against sums by hand, derivatives, and PyTorch's errors."""

import numpy as np
import pytest

import steepest as torch
from steepest.nn import functional as F

TABLE = np.random.default_rng(0).standard_normal((7, 3))
INDICES, OFFSETS = [1, 2, 2, 5, 0, 6, 1], [0, 3, 3, 4]
OF = {"sum": lambda rows: rows.sum(0), "mean": lambda rows: rows.mean(0), "max": lambda rows: rows.max(0)}


def by_hand(mode, padding_idx=None):
    ends = [*OFFSETS[1:], len(INDICES)]
    bags = [[i for i in INDICES[a:b] if i != padding_idx] for a, b in zip(OFFSETS, ends)]
    return np.array([OF[mode](TABLE[bag]) if bag else np.zeros(3) for bag in bags])


@pytest.mark.parametrize("padding_idx", [None, 2, -2])
@pytest.mark.parametrize("mode", OF)
def test_bags(mode, padding_idx):
    weight, indices = torch.tensor(TABLE, requires_grad=True), torch.tensor(INDICES)

    def bag(table, **options):
        return F.embedding_bag(indices, table, torch.tensor(OFFSETS), mode=mode, padding_idx=padding_idx, **options)

    wanted = by_hand(mode, None if padding_idx is None else padding_idx % 7)
    np.testing.assert_allclose(bag(weight).detach().numpy(), wanted, rtol=1e-14)
    assert torch.autograd.gradcheck(bag, (weight,), fast_mode=True)
    assert torch.autograd.gradgradcheck(bag, (weight,), fast_mode=True)
    ends = torch.tensor([*OFFSETS, len(INDICES)])
    last = F.embedding_bag(indices, weight, ends, mode=mode, padding_idx=padding_idx, include_last_offset=True)
    assert torch.equal(last, bag(weight))


def test_weighted_sum_of_bags_of_one_length():
    weight, indices = torch.tensor(TABLE, requires_grad=True), torch.tensor([[1, 2], [2, 6]])
    scales = torch.tensor([[0.5, 2.0], [-1.0, 3.0]], dtype=torch.float64, requires_grad=True)

    def bag(table, by):
        return F.embedding_bag(indices, table, mode="sum", per_sample_weights=by)

    wanted = [0.5 * TABLE[1] + 2 * TABLE[2], 3 * TABLE[6] - TABLE[2]]
    np.testing.assert_allclose(bag(weight, scales).detach().numpy(), wanted, rtol=1e-14)
    assert torch.autograd.gradcheck(bag, (weight, scales), fast_mode=True)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"offsets": None}, ValueError, "offsets has to be a 1D Tensor but got None"),
        ({"offsets": torch.tensor([1, 2])}, RuntimeError, "has to be 0"),
        ({"offsets": torch.tensor([0, 9])}, RuntimeError, "can not be greater than input's length 4"),
        ({"offsets": torch.tensor([0, 3, 2])}, RuntimeError, "have to rise"),
        ({"input": torch.tensor([1, 2, 3, 7])}, RuntimeError, "below the number of rows"),
        ({"input": torch.tensor([1, 2, 3, -1])}, RuntimeError, "at least 0"),
        ({"input": torch.ones(2, 2, dtype=torch.int64)}, ValueError, "if input is 2D, then offsets has to be None"),
        ({"mode": "other"}, ValueError, "mode has to be one of sum, mean or max"),
        ({"mode": "max", "scale_grad_by_freq": True}, ValueError, "max mode does not support"),
        ({"per_sample_weights": torch.ones(3)}, ValueError, "must have the same shape as the input"),
        ({"per_sample_weights": torch.ones(4)}, NotImplementedError, "only supported for mode='sum'"),
        ({"padding_idx": 9}, RuntimeError, "must be within the number of embeddings"),
    ],
)
def test_errors(arguments, error, text):
    given = {"input": torch.tensor([1, 2, 4, 5]), "weight": torch.tensor(TABLE), "offsets": torch.tensor([0, 2])}
    with pytest.raises(error, match=text):
        F.embedding_bag(**{**given, **arguments})
