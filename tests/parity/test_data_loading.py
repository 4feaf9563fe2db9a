"""DataLoaders of both libraries: the same batches in the same order for one seed, with and without workers."""

import importlib
import random

import numpy as np
import pytest

from parity.pair import st, torch

DATA = {lib: importlib.import_module(f"{lib.__name__}.utils.data") for lib in (st, torch)}
# Processes are forked here from one with threads, which newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def samples(lib):
    class Samples(DATA[lib].Dataset):
        def __len__(self):
            return 23

        def __getitem__(self, i):
            return lib.full((3,), float(i)), i, {"a": np.float32(i), "b": [i, (i * 2.5, f"s{i}")]}

    return Samples()


def stream(lib):
    class Stream(DATA[lib].IterableDataset):
        def __iter__(self):
            info = DATA[lib].get_worker_info()
            return iter(range(11)) if info is None else iter(range(info.id, 11, info.num_workers))

    return Stream()


def draws(lib):
    class Draws(DATA[lib].Dataset):
        def __len__(self):
            return 5

        def __getitem__(self, i):
            info = DATA[lib].get_worker_info()
            return lib.rand(1), random.random(), np.random.rand(), info and info.seed or 0

    return Draws()


def numbers(lib):
    return DATA[lib].TensorDataset(lib.arange(20.0).view(10, 2), lib.arange(10))


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(
    "dataset, options",
    [
        (samples, {"batch_size": 5, "shuffle": True}),
        (samples, {"batch_size": 4, "drop_last": True}),
        (samples, {"batch_size": None}),
        (numbers, {"batch_size": 3, "shuffle": True}),
        (lambda lib: DATA[lib].Subset(numbers(lib), [7, 1, 3, 3]), {"batch_size": 2, "shuffle": True}),
        (lambda lib: DATA[lib].random_split(numbers(lib), [0.3, 0.7])[1], {"batch_size": 2}),
        (lambda lib: DATA[lib].ConcatDataset([numbers(lib), numbers(lib)]), {"batch_size": 7, "shuffle": True}),
        (lambda lib: DATA[lib].StackDataset(a=numbers(lib), b=range(10)), {"batch_size": 3}),
        (stream, {"batch_size": 2}),
        (stream, {"batch_size": 2, "drop_last": True}),
        (stream, {"batch_size": None}),
        (draws, {"batch_size": 2}),
    ],
)
def test_batches(dataset, options, workers):
    texts = []
    for lib in (st, torch):
        random.seed(0)
        np.random.seed(0)
        lib.manual_seed(9)
        extra = {"num_workers": workers, "multiprocessing_context": "fork"} if workers else {}
        loader = DATA[lib].DataLoader(dataset(lib), **options, **extra)
        texts.append([str(batch) for _ in range(2) for batch in loader] + [str(lib.rand(2))])
    assert texts[0] == texts[1]
