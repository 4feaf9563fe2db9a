"""Samplers: the order that PyTorch has for the same seed, and the arguments they refuse."""

import pytest

import steepest as torch
from steepest.utils import data
from steepest.utils.data.distributed import DistributedSampler


def stream():
    return torch.Generator().manual_seed(3)


# As PyTorch 2.13 draws them.
WITH_REPLACEMENT = [2, 0, 1, 3, 0, 0, 0, 1, 1, 3, 2, 3, 1, 1, 2, 1, 3, 2, 0, 0, 0, 1, 3, 2, 0, 2, 1, 2, 2, 2, 2, 3, 0, 1, 3]


@pytest.mark.parametrize(
    "sampler, order",
    [
        (data.SequentialSampler("abc"), [0, 1, 2]),
        (data.RandomSampler(range(4), replacement=True, num_samples=35, generator=stream()), WITH_REPLACEMENT),
        (data.RandomSampler(range(4), num_samples=6, generator=stream()), [2, 3, 1, 0, 3, 2]),
        (data.SubsetRandomSampler("abcd", generator=stream()), list("cdba")),
        (data.WeightedRandomSampler([1, 2, 0, 5], 5, generator=stream()), [0, 1, 3, 1, 3]),
        (data.WeightedRandomSampler([1, 2, 3, 5], 3, replacement=False, generator=stream()), [0, 3, 1]),
    ],
)
def test_order(sampler, order):
    assert list(sampler) == order and len(sampler) == len(order)


def test_a_random_sampler_draws_one_seed_of_the_default_stream():
    torch.manual_seed(1)
    first, second = (list(data.RandomSampler(range(9))) for _ in range(2))
    after = torch.rand(1)
    torch.manual_seed(1)
    seeds = [torch.empty((), dtype=torch.int64).random_().item() for _ in range(2)]
    assert [torch.randperm(9, generator=torch.Generator().manual_seed(seed)).tolist() for seed in seeds] == [first, second]
    assert torch.rand(1).equal(after)


@pytest.mark.parametrize("drop_last, batches", [(False, [[0, 1], [2, 3], [4]]), (True, [[0, 1], [2, 3]])])
def test_batches(drop_last, batches):
    sampler = data.BatchSampler(range(5), 2, drop_last)
    assert list(sampler) == batches and len(sampler) == len(batches)


def test_shares_of_processes():
    def shares(n, count, **options):
        return [list(DistributedSampler(range(n), count, rank, **options)) for rank in range(count)]

    assert shares(7, 3, seed=1) == [[0, 3, 4], [6, 5, 0], [1, 2, 6]]
    assert shares(7, 3, shuffle=False) == [[0, 3, 6], [1, 4, 0], [2, 5, 1]]
    assert shares(7, 3, shuffle=False, drop_last=True) == [[0, 3], [1, 4], [2, 5]]
    assert shares(2, 5, shuffle=False) == [[0], [1], [0], [1], [0]]
    assert shares(0, 2) == [[], []]
    sampler = DistributedSampler(range(7), 3, 1, drop_last=True)
    sampler.set_epoch(2)
    assert list(sampler) == [4, 6] and len(sampler) == 2
    with pytest.raises(ValueError, match=r"Invalid rank 2, rank should be in the interval \[0, 1\]"):
        DistributedSampler(range(3), 2, 2)


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: data.RandomSampler(range(3), replacement=1), TypeError, "replacement should be a boolean value, but got replacement=1"),
        (lambda: data.RandomSampler(range(3), num_samples=0), ValueError, "positive integer value, but got num_samples=0"),
        (lambda: data.RandomSampler([]), ValueError, "positive integer value, but got num_samples=0"),
        (lambda: data.WeightedRandomSampler([1], 0), ValueError, "positive integer value, but got num_samples=0"),
        (lambda: data.WeightedRandomSampler([1], True), ValueError, "positive integer value, but got num_samples=True"),
        (lambda: data.WeightedRandomSampler([1], 1, 1), ValueError, "replacement should be a boolean"),
        (lambda: data.WeightedRandomSampler([[1]], 1), ValueError, r"1d sequence but given weights have shape \(1, 1\)"),
        (lambda: data.BatchSampler([], 0, False), ValueError, "positive integer value, but got batch_size=0"),
        (lambda: data.BatchSampler([], 1.0, False), ValueError, "positive integer value, but got batch_size=1.0"),
        (lambda: data.BatchSampler([], 1, 1), ValueError, "drop_last should be a boolean value, but got drop_last=1"),
    ],
)
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()
