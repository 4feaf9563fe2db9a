"""The names of plans that say which process writes what."""

from ..._lazy import absent_names

globals().update(absent_names(__name__, "DefaultLoadPlanner DefaultSavePlanner", "there is one process", object))
