"""``import torch`` in a process that a script under ``python -m steepest run`` has started: installs the alias."""

__steepest__ = True

from steepest.alias import install

install()
