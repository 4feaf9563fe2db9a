"""Datasets whose classes can be entered as methods of all of them."""

from ..dataset import Dataset, IterableDataset


class _Chained:
    """What both kinds share: methods that make another dataset of this one."""

    def __getattr__(self, name):
        made = type(self).functions.get(name)
        if made is None:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        return lambda *args, **kwargs: made(self, *args, **kwargs)

    @classmethod
    def register_datapipe_as_function(cls, function_name, cls_to_register, enable_df_api_tracing=False):
        """Enters a class as the method `function_name`; an Exception where the name is taken."""
        if function_name in cls.functions:
            raise Exception(f"Unable to add DataPipe function name {function_name} as it is already taken")  # noqa: TRY002
        cls.functions[function_name] = cls_to_register


class IterDataPipe(_Chained, IterableDataset):
    """A stream of samples; subclasses define ``__iter__()``.

    >>> from steepest.utils.data import IterDataPipe, functional_datapipe
    >>> @functional_datapipe("doubled")
    ... class Doubled(IterDataPipe):
    ...     def __init__(self, source):
    ...         self.source = source
    ...     def __iter__(self):
    ...         return (2 * x for x in self.source)
    >>> from steepest.utils.data.datapipes.iter import IterableWrapper
    >>> list(IterableWrapper([1, 2]).doubled())
    [2, 4]
    """

    functions = {}


class MapDataPipe(_Chained, Dataset):
    """Samples by key; subclasses define ``__getitem__()``."""

    functions = {}


class functional_datapipe:  # noqa: N801
    """A decorator that enters a class as a method of all datasets of its kind."""

    def __init__(self, name, enable_df_api_tracing=False):
        self.name = name

    def __call__(self, cls):
        base = IterDataPipe if issubclass(cls, IterDataPipe) else MapDataPipe
        base.register_datapipe_as_function(self.name, cls)
        return cls
