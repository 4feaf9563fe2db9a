"""DataLoader within one process: order, batches, what it draws, and the arguments it refuses."""

import multiprocessing
import warnings

import pytest

import steepest as torch
from data.streams import Numbers
from steepest.utils import data
from steepest.utils.data import DataLoader, TensorDataset


def batches(loader):
    return [batch.tolist() for batch in loader]


def test_order_of_a_seed():
    torch.manual_seed(5)
    loader = DataLoader(range(7), batch_size=3, shuffle=True)
    assert batches(loader) == [[0, 3, 6], [2, 1, 4], [5]]
    assert batches(loader) == [[1, 2, 5], [3, 6, 4], [0]]
    assert round(torch.rand(1).item(), 4) == 0.0333


def test_a_generator_leaves_the_default_stream_alone():
    torch.manual_seed(0)
    first = batches(DataLoader(range(5), shuffle=True, generator=torch.Generator().manual_seed(8)))
    assert first == batches(DataLoader(range(5), shuffle=True, generator=torch.Generator().manual_seed(8)))
    assert torch.rand(1).equal(torch.manual_seed(0) and torch.rand(1))


def test_ways_to_say_which_samples():
    assert batches(DataLoader(range(3))) == [[0], [1], [2]]
    assert batches(DataLoader(range(5), 2, drop_last=True)) == [[0, 1], [2, 3]]
    assert list(DataLoader(range(3), batch_size=None)) == [0, 1, 2]
    assert batches(DataLoader(range(9), 2, sampler=[8, 1, 3])) == [[8, 1], [3]]
    assert batches(DataLoader(range(9), batch_sampler=[[8], [1, 3]])) == [[8], [1, 3]]
    assert list(DataLoader({"a": 1.0, "b": 2}, sampler="ba", collate_fn=list)) == [[2], [1.0]]
    assert list(DataLoader("abc", 2, collate_fn="".join)) == ["ab", "c"]
    assert [len(loader) for loader in (DataLoader(range(5), 2), DataLoader(range(5), 2, drop_last=True))] == [3, 2]


def test_streams():
    assert batches(DataLoader(Numbers(5), 2)) == [[0, 1], [2, 3], [4]]
    assert batches(DataLoader(Numbers(5), 2, drop_last=True)) == [[0, 1], [2, 3]]
    assert list(DataLoader(Numbers(3), batch_size=None)) == [0, 1, 2]
    assert len(DataLoader(Numbers(5), 2)) == 3 and len(DataLoader(Numbers(5), None)) == 5
    assert batches(DataLoader(Numbers(0), 2)) == []


def test_a_stream_longer_than_it_said():
    class Wrong(Numbers):
        def __len__(self):
            return 1

    loader = DataLoader(Wrong(2))
    assert len(loader) == 1
    with pytest.warns(UserWarning, match="was reported to be 1.*but 2 samples have been fetched"):
        assert len(list(loader)) == 2


class Seen(TensorDataset):
    """Has a __getitem__ of its own, which the loader must call."""

    def __getitem__(self, index):
        return (*super().__getitem__(index), index)


@pytest.mark.parametrize(
    "wrap", [lambda d: d, lambda d: data.Subset(d, [4, 2, 2, 0]), lambda d: data.Subset(data.Subset(d, (5, 1, 3)), [2, 0])]
)
@pytest.mark.parametrize("tensors", [(torch.rand(6, 2, 3),), (torch.arange(12).view(2, 6).t(), torch.arange(6) > 2)])
def test_batches_of_tensors_are_stacked_samples(wrap, tensors):
    dataset = wrap(TensorDataset(*tensors))
    for loader in (DataLoader(dataset, 3), DataLoader(dataset, 2, sampler=[-1, 1])):
        for batch, indices in zip(loader, loader.batch_sampler, strict=True):
            assert type(batch) is list
            for i, t in enumerate(batch):
                expected = torch.stack([dataset[index][i] for index in indices])
                assert t.equal(expected) and t.dtype is expected.dtype and t.stride() == expected.stride()
                assert t.data_ptr() != tensors[i].data_ptr()


def test_what_is_not_plain_is_taken_sample_by_sample():
    assert len(next(iter(DataLoader(Seen(torch.arange(3)))))) == 2
    x = torch.ones(3, 2, requires_grad=True)
    (batch,) = next(iter(DataLoader(TensorDataset(x), 2)))
    batch.sum().backward()
    assert x.grad.tolist() == [[1, 1], [1, 1], [0, 0]]
    with pytest.raises(IndexError, match="out of"):
        list(DataLoader(TensorDataset(torch.arange(3)), sampler=[5]))
    assert next(iter(DataLoader(TensorDataset(torch.arange(3)), sampler=[torch.tensor(2)])))[0].tolist() == [2]


def test_iterators():
    loader = DataLoader(range(3))
    first, second = iter(loader), iter(loader)
    assert next(first).item() == 0 and next(first).item() == 1 and next(second).item() == 0
    assert iter(first) is first and len(first) == 3
    assert next(first).item() == 2
    for _ in range(2):
        with pytest.raises(StopIteration):
            next(first)
    with pytest.raises(NotImplementedError):
        first.__getstate__()


def test_pinning_is_accepted():
    with pytest.warns(UserWarning, match="'pin_memory' argument is set as true but no accelerator is found"):
        assert len(list(DataLoader(range(2), pin_memory=True))) == 2


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"num_workers": -1}, ValueError, "num_workers option should be non-negative; use num_workers=0"),
        ({"timeout": -1}, ValueError, "timeout option should be non-negative"),
        ({"prefetch_factor": 2}, ValueError, "prefetch_factor option could only be specified in multiprocessing"),
        ({"prefetch_factor": -2, "num_workers": 1}, ValueError, "prefetch_factor option should be non-negative"),
        ({"persistent_workers": True}, ValueError, "persistent_workers option needs num_workers > 0"),
        ({"sampler": [0], "shuffle": True}, ValueError, "sampler option is mutually exclusive with shuffle"),
        ({"batch_sampler": [[0]], "batch_size": 2}, ValueError, "batch_sampler option is mutually exclusive with batch_size"),
        ({"batch_sampler": [[0]], "drop_last": True}, ValueError, "batch_sampler option is mutually exclusive with batch_size"),
        ({"batch_size": None, "drop_last": True}, ValueError, "batch_size=None option disables auto-batching and is mutually exclusive"),
        ({"batch_size": 0}, ValueError, "batch_size should be a positive integer value, but got batch_size=0"),
        ({"multiprocessing_context": "fork"}, ValueError, "can only be used with multi-process loading"),
        ({"multiprocessing_context": "x", "num_workers": 1}, ValueError, "should specify a valid start method in .*'x'"),
        ({"multiprocessing_context": 1, "num_workers": 1}, TypeError, "should be a valid context object"),
    ],
)
def test_options_that_do_not_fit(options, error, message):
    with pytest.raises(error, match=message):
        DataLoader(range(3), **options)


@pytest.mark.parametrize("option", [{"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}])
def test_streams_have_their_own_order(option):
    with pytest.raises(ValueError, match=f"expected unspecified {next(iter(option))} option"):
        DataLoader(Numbers(2), **option)


def test_what_is_fixed():
    loader = DataLoader(range(3), num_workers=0)
    for name in ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"):
        with pytest.raises(ValueError, match=f"{name} attribute should not be set after DataLoader is initialized"):
            setattr(loader, name, None)
    loader.collate_fn = list
    assert list(loader) == [[0], [1], [2]]
    with pytest.raises(AssertionError, match="requires timeout == 0"):
        iter(DataLoader(range(3), timeout=1))


def test_more_workers_than_processors():
    with pytest.warns(UserWarning, match="This DataLoader will create 10000 worker processes in total"):
        DataLoader(range(3), num_workers=10000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loader = DataLoader(range(3), num_workers=1, multiprocessing_context=multiprocessing.get_context("spawn"))
    assert loader.prefetch_factor == 2


def test_names_are_found_where_pytorch_has_them():
    from steepest.utils.data import dataloader, dataset, distributed, sampler

    assert dataloader.DataLoader is DataLoader and dataset.TensorDataset is TensorDataset
    assert sampler.BatchSampler is data.BatchSampler and distributed.DistributedSampler is data.DistributedSampler
    assert data._utils.collate.default_collate is data.default_collate
    assert torch.utils.data is data and data.get_worker_info() is None
    with pytest.raises(AttributeError, match="has no attribute 'absent'"):
        torch.utils.absent
