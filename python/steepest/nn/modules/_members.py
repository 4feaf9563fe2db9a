"""Members: the dicts of a Module's parameters, buffers and children, mirrored into its __dict__."""

from weakref import ref

# Note [Members are mirrored]
# PyTorch finds `self.weight` in `Module.__getattr__`, after the ordinary lookup has failed: 0.4 us
# each time. Here every entry of the three member dicts stands in the module's `__dict__` too, so
# the ordinary lookup finds it. The dicts stay the truth: whoever changes one, through Module or
# directly (`m._parameters["weight"] = p`), goes through Members, which brings the `__dict__` of
# every module holding it in step. What the ordinary lookup would have found first in PyTorch is
# left alone: attributes of the class, and values that the program itself put into `__dict__`.
# A class with a `__getattr__` of its own wants to be asked for members, so its modules mirror none.
#
# A Members refers to its modules weakly, so a module is freed by reference count. Copies and
# pickles of a Members are plain dicts; `MemberSlot` adopts whatever dict it finds in a `__dict__`
# the next time the attribute is read, so modules filled by hand (`new.__dict__.update(...)`) work.

KINDS = ("_parameters", "_buffers", "_modules")  # in order of precedence
_ABSENT = object()
plain_getattr = None  # Module.__getattr__, when there is one


def lookup(owner, name):
    """The member `name` of `owner`, or `_ABSENT`."""
    attributes = owner.__dict__
    for kind in KINDS:
        members = attributes.get(kind)
        if members is not None and name in members:
            return members[name]
    return _ABSENT


def _refresh(owner, name, old):
    """Bring `owner.__dict__[name]` in step after a change of a member that was `old` before."""
    attributes = owner.__dict__
    current = attributes.get(name, _ABSENT)
    if current is not _ABSENT and current is not old:
        members = (attributes.get(kind) for kind in KINDS)
        if not any(m is not None and m.get(name, _ABSENT) is current for m in members):
            return  # the program's own value
    new, cls = lookup(owner, name), type(owner)
    if new is _ABSENT or cls.__getattr__ is not plain_getattr or not isinstance(name, str) or hasattr(cls, name):
        if current is not _ABSENT:
            del attributes[name]
    else:
        attributes[name] = new


def refresh_all(owner):
    """Bring `owner.__dict__` in step after a change of its class."""
    for kind in KINDS:
        for name, value in owner.__dict__.get(kind, {}).items():
            _refresh(owner, name, value)


def without_mirrors(owner):
    """A copy of `owner.__dict__` that names each member once, in its own dict."""
    attributes = owner.__dict__.copy()
    for kind in KINDS:
        for name, value in (attributes.get(kind) or {}).items():
            if attributes.get(name, _ABSENT) is value:
                del attributes[name]
    return attributes


class Members(dict):
    """A dict that brings the attributes of the modules holding it in step with itself."""

    __slots__ = ("_owners",)

    def __init__(self, items=(), owner=None):
        dict.__init__(self, items)
        self._owners = () if owner is None else (ref(owner),)

    def owned_by(self, owner):
        owners = self._owners
        return bool(owners) and (owners[0]() is owner or any(r() is owner for r in owners[1:]))

    def add_owner(self, owner):
        living = tuple(r for r in self._owners if r() is not None)
        self._owners = (*living, ref(owner))
        for name in self:
            _refresh(owner, name, _ABSENT)

    def remove_owner(self, owner):
        self._owners = tuple(r for r in self._owners if r() is not owner)

    def _changed(self, name, old):
        for reference in self._owners:
            owner = reference()
            if owner is not None:
                _refresh(owner, name, old)

    def __setitem__(self, name, value):
        old = self.get(name, _ABSENT)
        dict.__setitem__(self, name, value)
        self._changed(name, old)

    def __delitem__(self, name):
        old = self.get(name, _ABSENT)
        dict.__delitem__(self, name)
        self._changed(name, old)

    def pop(self, name, *default):
        if name not in self:
            return dict.pop(self, name, *default)
        value = dict.pop(self, name)
        self._changed(name, value)
        return value

    def popitem(self):
        name, value = dict.popitem(self)
        self._changed(name, value)
        return name, value

    def clear(self):
        old = dict(self)
        dict.clear(self)
        for name, value in old.items():
            self._changed(name, value)

    def setdefault(self, name, default=None):
        if name not in self:
            self[name] = default
        return self[name]

    def update(self, *items, **named):
        for name, value in dict(*items, **named).items():
            self[name] = value

    def __ior__(self, other):
        self.update(other)
        return self

    def move_to_end(self, name, last=True):
        """As OrderedDict has it: PyTorch programs reorder children of an OrderedDict this way."""
        order = [key for key in self if key != name]
        order.insert(len(order) if last else 0, name)
        items = {key: self[key] for key in order}
        dict.clear(self)
        dict.update(self, items)

    def copy(self):
        return dict(self)

    def __reduce_ex__(self, protocol):
        return dict, (), None, None, iter(self.items())


class MemberSlot:
    """The attribute `_parameters`, `_buffers` or `_modules` of a Module: always a Members of its own."""

    def __init__(self, kind):
        self.kind = kind

    def __get__(self, owner, cls=None):
        if owner is None:
            return self
        members = owner.__dict__.get(self.kind)
        if members is None:
            raise AttributeError(f"'{type(owner).__name__}' object has no attribute '{self.kind}'")
        if type(members) is Members and members.owned_by(owner):
            return members
        return self.adopt(owner, members)

    def __set__(self, owner, value):
        old = owner.__dict__.pop(self.kind, None)
        if type(old) is Members:
            old.remove_owner(owner)
            for name, member in old.items():
                _refresh(owner, name, member)
        self.adopt(owner, value)

    def adopt(self, owner, members):
        if type(members) is not Members:
            members = Members(members)
        owner.__dict__[self.kind] = members
        members.add_owner(owner)
        return members
