"""Datasets: what they hold, what they are made of, and what they refuse."""

import pytest

import steepest as torch
from data.streams import Numbers
from steepest.utils import data


def test_tensors():
    dataset = data.TensorDataset(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0, 1, 2]))
    x, y = dataset[-1]
    assert len(dataset) == 3 and x.tolist() == [3.0] and y.item() == 2
    assert [t.tolist() for t in dataset[1:]] == [[[2.0], [3.0]], [1, 2]]
    with pytest.raises(IndexError):
        dataset[3]
    with pytest.raises(AssertionError, match="Size mismatch between tensors"):
        data.TensorDataset(torch.ones(2), torch.ones(3))


def test_stack():
    pair, named = data.StackDataset([1, 2, 3], "abc"), data.StackDataset(x=[1, 2, 3], y=data.Subset("cba", [0, 1, 2]))
    assert len(pair) == 3 and pair[1] == (2, "b") and pair.__getitems__([2, 0]) == [(3, "c"), (1, "a")]
    assert named[0] == {"x": 1, "y": "c"} and named.__getitems__([1]) == [{"x": 2, "y": "b"}]
    for arguments, named, message in [
        (([1], [1, 2]), {}, "Size mismatch between datasets"),
        ((), {"x": [1], "y": [1, 2]}, "Size mismatch between datasets"),
        ((), {}, "At least one dataset should be passed"),
        (([1],), {"x": [1]}, "both types are given"),
    ]:
        with pytest.raises(ValueError, match=message):
            data.StackDataset(*arguments, **named)


def test_a_part_that_returns_too_few():
    class Short(data.Dataset):
        def __len__(self):
            return 2

        def __getitems__(self, indices):
            return [0]

    with pytest.raises(ValueError, match="output size mismatch. Expected 2, got 1"):
        data.StackDataset(Short()).__getitems__([0, 1])


def test_concat():
    both = data.ConcatDataset(["abc", "", "de"])
    assert len(both) == 5 and both.cumulative_sizes == [3, 3, 5]
    assert "".join(both[i] for i in range(-5, 5)) == "abcdeabcde"
    with pytest.raises(ValueError, match="absolute value of index should not exceed dataset length"):
        both[-6]
    with pytest.raises(AssertionError, match="should not be an empty iterable"):
        data.ConcatDataset([])
    with pytest.raises(AssertionError, match="does not support IterableDataset"):
        data.ConcatDataset([Numbers(2)])
    with pytest.warns(FutureWarning, match="renamed"):
        both.cummulative_sizes


def test_sums():
    one = data.TensorDataset(torch.arange(2))
    assert isinstance(one + one, data.ConcatDataset) and (one + one)[3][0].item() == 1
    chain = Numbers(2) + Numbers(3)
    assert isinstance(chain, data.ChainDataset) and list(chain) == [0, 1, 0, 1, 2] and len(chain) == 5
    with pytest.raises(AssertionError, match="ChainDataset only supports IterableDataset"):
        list(data.ChainDataset([one]))


def test_subset():
    part = data.Subset("abcdef", [5, 0, 2])
    assert len(part) == 3 and part[0] == "f" and part.__getitems__([1, 2]) == ["a", "c"]
    assert data.Subset(part, [2, 1]).__getitems__([0]) == ["c"]
    assert data.Subset(torch.arange(6), [5, 0, 2])[[0, 1]].tolist() == [5, 0]

    class Half(data.Subset):
        def __getitem__(self, index):
            return super().__getitem__(index)

    with pytest.raises(NotImplementedError, match="Half overrides __getitem__ but not __getitems__"):
        Half("ab", [0])


def test_split():
    def split(lengths, n=7):
        parts = data.random_split(range(n), lengths, generator=torch.Generator().manual_seed(3))
        return [part.indices for part in parts]

    assert split([0.5, 0.25, 0.25]) == [[5, 3, 4, 6], [0, 2], [1]]
    assert split([4, 2, 1]) == [[5, 3, 4, 6], [0, 2], [1]]
    assert [len(part) for part in split([1], 1)] == [1]
    with pytest.raises(ValueError, match="Sum of input lengths does not equal"):
        split([3, 3])
    with pytest.raises(ValueError, match="Fraction at index 0 is not between 0 and 1"):
        split([1.5, -0.5])
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        split([0.9, 0.1], 1)
    torch.manual_seed(3)
    assert [part.indices for part in data.random_split(range(7), [4, 2, 1])] == split([4, 2, 1])


def test_bases_say_what_is_missing():
    with pytest.raises(NotImplementedError):
        data.Dataset()[0]
    with pytest.raises(NotImplementedError):
        iter(data.Sampler())
    assert data.Dataset[int] is not None and data.DataLoader[int] is not None
