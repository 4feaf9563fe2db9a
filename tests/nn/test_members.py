"""Members of modules: attributes, dicts and copies tell the same, whichever way they are changed."""

import copy
import gc
import pickle
import weakref

import pytest

import steepest as torch
from steepest import nn


def param(value=1.0):
    return nn.Parameter(torch.tensor([value]))


@pytest.fixture
def module():
    m = nn.Module()
    m.weight = param()
    m.child = nn.Identity()
    m.register_buffer("count", torch.zeros(1))
    return m


def test_writing_the_dict_changes_the_attribute(module):
    new = param(2.0)
    module._parameters["weight"] = new
    assert module.weight is new
    module._parameters.update(weight=None)
    assert module.weight is None
    module._modules["child"] = other = nn.ReLU()
    assert module.child is other


@pytest.mark.parametrize(
    "remove",
    [
        lambda m: delattr(m, "weight"),
        lambda m: m._parameters.pop("weight"),
        lambda m: m._parameters.__delitem__("weight"),
        lambda m: m._parameters.popitem(),
        lambda m: m._parameters.clear(),
        lambda m: setattr(m, "_parameters", {}),
    ],
)
def test_removing_from_the_dict_removes_the_attribute(module, remove):
    remove(module)
    with pytest.raises(AttributeError, match="'Module' object has no attribute 'weight'"):
        module.weight
    assert "weight" not in vars(module)


def test_weight_norm_pattern(module):
    """Old-style reparametrisation: the parameter goes, a computed tensor takes its name."""
    del module._parameters["weight"]
    module.weight = torch.ones(3)
    assert module.weight.shape == (3,) and list(module._parameters) == []
    del module.weight
    module.weight = param()
    assert list(module._parameters) == ["weight"]


def test_a_value_put_into_dict_by_hand_shadows_the_member(module):
    kept = module.weight
    module.__dict__["weight"] = 5
    module._parameters["weight"] = kept
    assert module.weight == 5
    del module.__dict__["weight"]
    assert module.weight is kept


def test_assignment_moves_a_name_between_kinds(module):
    module.child = p = param()
    assert "child" not in module._modules and module.child is p
    module.count = param()
    assert "count" not in module._buffers and "count" in module._parameters
    module.weight = None
    assert module.weight is None and list(module._parameters) == ["weight", "child", "count"]


def test_class_attributes_come_first_as_in_pytorch():
    class Shadowed(nn.Module):
        layer = None

    m = Shadowed()
    m.layer = nn.ReLU()
    assert m.layer is None and isinstance(m._modules["layer"], nn.ReLU)


def test_properties_come_first():
    class WithProperty(nn.Module):
        @property
        def doubled(self):
            return self.weight * 2

    m = WithProperty()
    m.weight = param(3.0)
    assert m.doubled.item() == 6.0


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_stand_alone(module, duplicate):
    twin = duplicate(module)
    assert twin.weight is not module.weight and twin.weight is twin._parameters["weight"]
    new = param(7.0)
    twin._parameters["weight"] = new
    assert twin.weight is new and module.weight.item() == 1.0


def test_shallow_copy_shares_the_dicts_as_in_pytorch(module):
    twin = copy.copy(module)
    twin.weight = new = param(4.0)
    assert module.weight is new


def test_a_dict_filled_by_hand_is_adopted(module):
    twin = nn.Module.__new__(nn.Module)
    twin.__dict__.update(module.__dict__)
    new = param(5.0)
    twin._parameters["weight"] = new
    assert twin.weight is new and module.weight is new


def test_custom_getstate_and_setstate():
    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = param()

        def __getstate__(self):
            return self.__dict__.copy()

        def __setstate__(self, state):
            self.__dict__.update(state)

    twin = copy.deepcopy(Plain())
    new = param(2.0)
    twin._parameters["weight"] = new
    assert twin.weight is new


def test_getattr_of_a_subclass_can_ask_module():
    class Wrapper(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(super().__getattr__("inner"), name)

    assert Wrapper(nn.Linear(3, 2)).in_features == 3


def test_modules_are_freed_by_reference_count():
    gc.disable()
    try:
        m = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
        gone = weakref.ref(m)
        del m
        assert gone() is None
    finally:
        gc.enable()


def test_dir_names_members_once_and_no_numbers():
    names = dir(nn.Linear(2, 1))
    assert names.count("weight") == 1
    assert not any(name.isdigit() for name in dir(nn.Sequential(nn.ReLU())))


def test_assignment_before_init_is_an_error():
    class Forgot(nn.Module):
        def __init__(self):
            self.weight = param()

    with pytest.raises(AttributeError, match=r"cannot assign parameters before Module.__init__\(\) call"):
        Forgot()


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("weight", 3, "cannot assign 'int' as parameter 'weight'"),
        ("child", 3, "cannot assign 'int' as child module 'child'"),
        ("count", 3, "cannot assign 'int' as buffer 'count'"),
    ],
)
def test_members_keep_their_kind(module, name, value, text):
    with pytest.raises(TypeError, match=text):
        setattr(module, name, value)


@pytest.mark.parametrize(
    ("register", "error", "text"),
    [
        (lambda m: m.register_parameter("a.b", param()), KeyError, 'parameter name can\'t contain "."'),
        (lambda m: m.register_parameter("", param()), KeyError, "can't be empty"),
        (lambda m: m.register_parameter(1, param()), TypeError, "should be a string. Got int"),
        (lambda m: m.register_parameter("forward", param()), KeyError, "'forward' already exists"),
        (lambda m: m.register_parameter("p", torch.ones(1)), TypeError, "torch.nn.Parameter or None required"),
        (lambda m: m.register_buffer("weight", torch.ones(1)), KeyError, "'weight' already exists"),
        (lambda m: m.register_buffer("b", 1), TypeError, "torch Tensor or None required"),
        (lambda m: m.add_module("m", 1), TypeError, "int is not a Module subclass"),
        (lambda m: m.add_module("a.b", nn.ReLU()), KeyError, "got: a.b"),
    ],
)
def test_bad_registrations(module, register, error, text):
    before = dict(module.state_dict())
    with pytest.raises(error) as raised:
        register(module)
    assert text in raised.value.args[0]
    assert list(module.state_dict()) == list(before)


def test_a_getattr_of_the_class_is_asked_for_members():
    asked = []

    class Asked(torch.nn.Module):
        def __getattr__(self, name):
            asked.append(name)
            return super().__getattr__(name)

    class Other(torch.nn.Module):
        pass

    m = Asked()
    m.weight, m.child = torch.nn.Parameter(torch.ones(1)), torch.nn.ReLU()
    m.register_buffer("mean", torch.zeros(1))
    asked.clear()
    assert (m.weight, m.child, m.mean) == (m._parameters["weight"], m._modules["child"], m._buffers["mean"])
    assert asked == ["weight", "child", "mean"]
    m.weight = None
    assert m.weight is None and [name for name, _ in m.named_children()] == ["child"]
    for cls, heard in ((Other, []), (Asked, ["mean"])):
        m.__class__ = cls
        asked.clear()
        assert m.mean is m._buffers["mean"] and asked == heard


def test_initialized_again_a_module_is_empty():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.child, self.weight = nn.ReLU(), param()
            self.register_buffer("mean", torch.zeros(1))
            super().__init__()

    m = Twice()
    assert not any(hasattr(m, name) for name in ("child", "weight", "mean"))
    m.add_module("weight", nn.Tanh())
    m.register_buffer("child", torch.zeros(1))
    assert m.weight is m._modules["weight"] and [name for name, _ in m.named_buffers()] == ["child"]
