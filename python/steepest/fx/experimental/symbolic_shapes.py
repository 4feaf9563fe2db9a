"""Questions about sizes that a compiler knows by a name only: here they are plain numbers."""


class GuardOnDataDependentSymNode(RuntimeError):
    """What a compiler raises where an answer needs a size that it does not know; never here."""


def guard_or_false(a):
    """bool(a)"""
    return bool(a)


def guard_or_true(a):
    """bool(a)"""
    return bool(a)


def guard_size_oblivious(expr):
    """bool(expr)"""
    return bool(expr)


def statically_known_true(x):
    """bool(x)"""
    return bool(x)


def is_concrete_int(a):
    """Whether it is an int."""
    return isinstance(a, int)


def free_symbols(val):
    """An empty set: no size has a name."""
    return set()


def free_unbacked_symbols(x):
    """An empty set: no size has a name."""
    return set()
