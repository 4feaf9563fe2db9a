"""Where storages lie, as files say it: the text that is written beside each, and what is made of it again."""

import bisect

__all__ = ["default_restore_location", "location_tag", "register_package"]


def _at_home(storage, location):
    return storage if location.partition(":")[0] == "cpu" else None


def _not_here(storage, location):
    kind = location.partition(":")[0]
    if kind in ("cuda", "mps", "xpu", "hpu"):
        raise RuntimeError(
            f"Attempting to deserialize object on a {kind.upper()} device but torch.{kind}.is_available() is False. If you are "
            "running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map your storages "
            "to the CPU."
        )
    raise RuntimeError(f"don't know how to restore data location of torch.storage.UntypedStorage (tagged with {location})")


_packages = [(10, lambda storage: "cpu", _at_home)]  # the lowest priority first


def register_package(priority, tagger, deserializer):
    """Lets a program tell where storages lie: its functions are asked in the order of their priorities, those of the CPU at 10.

    tagger(storage) gives the text that :func:`save` writes, and deserializer(storage, text) the storage that :func:`load` uses; None where
    the next is to be asked.
    """
    bisect.insort(_packages, (priority, tagger, deserializer), key=lambda package: package[0])


def location_tag(storage):
    """The text that says in a file on which device a storage lies."""
    return next(tag for tag in (tagger(storage) for _, tagger, _ in _packages) if tag is not None)


def default_restore_location(storage, location):
    """The storage on the device where it was saved; RuntimeError for a device that is not here."""
    for _, _, deserializer in _packages:
        restored = deserializer(storage, location)
        if restored is not None:
            return restored
    return _not_here(storage, location)
