"""state_dict and load_state_dict: names, errors, hooks."""

import pytest

import steepest as torch
from steepest import nn


def make():
    return nn.Sequential(nn.Linear(2, 1), nn.ReLU(), nn.Linear(1, 1))


def test_round_trip_shares_and_copies():
    a, b = make(), make()
    state = a.state_dict()
    assert list(state) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert state["0.weight"].data_ptr() == a[0].weight.data_ptr() and not state["0.weight"].requires_grad
    assert a.state_dict(keep_vars=True)["0.weight"] is a[0].weight
    assert state._metadata[""] == {"version": 1}
    weight = b[0].weight
    result = b.load_state_dict(state)
    assert repr(result) == "<All keys matched successfully>"
    assert b[0].weight is weight and weight.tolist() == a[0].weight.tolist()


def test_errors_name_everything_that_does_not_fit():
    state = make().state_dict()
    del state["0.bias"]
    state["0.more"] = torch.ones(1)
    state["9.deep.er"] = torch.ones(1)
    state["2.weight"] = torch.ones(3, 1)
    state["2.bias"] = 5
    with pytest.raises(RuntimeError) as raised:
        make().load_state_dict(state)
    assert str(raised.value) == (
        "Error(s) in loading state_dict for Sequential:\n"
        '\tMissing key(s) in state_dict: "0.bias". \n'
        '\tUnexpected key(s) in state_dict: "9.deep.er", "0.more". \n'
        "\tsize mismatch for 2.weight: copying a param with shape torch.Size([3, 1]) from checkpoint, "
        "the shape in current model is torch.Size([1, 1]).\n"
        '\tWhile copying the parameter named "2.bias", expected torch.Tensor or Tensor-like object from '
        "checkpoint but received <class 'int'>"
    )


def test_not_strict_reports():
    state = make().state_dict()
    del state["0.bias"]
    state["x"] = torch.ones(1)
    result = make().load_state_dict(state, strict=False)
    assert result.missing_keys == ["0.bias"] and result.unexpected_keys == ["x"]
    assert "missing_keys=['0.bias']" in repr(result)
    with pytest.raises(TypeError, match="Expected state_dict to be dict-like"):
        make().load_state_dict([1])


def test_assign_takes_the_tensors():
    m = make()
    m[0].weight.requires_grad_(False)
    state = {k: v.double() for k, v in make().state_dict().items()}
    m.load_state_dict(state, assign=True)
    assert m[0].weight.data_ptr() == state["0.weight"].data_ptr()
    assert m[0].weight.dtype is torch.float64 and not m[0].weight.requires_grad
    assert isinstance(m[2].weight, nn.Parameter) and m[2].weight.requires_grad


def test_one_element_vectors_load_into_scalars():
    m = nn.Module()
    m.s = nn.Parameter(torch.tensor(1.0))
    m.load_state_dict({"s": torch.tensor([4.0])})
    assert m.s.item() == 4.0


def test_extra_state():
    class Counts(nn.Module):
        calls = 3

        def get_extra_state(self):
            return {"calls": self.calls}

        def set_extra_state(self, state):
            self.calls = state["calls"] + 1

    state = nn.Sequential(Counts()).state_dict()
    assert state == {"0._extra_state": {"calls": 3}}
    other = nn.Sequential(Counts())
    other.load_state_dict(state)
    assert other[0].calls == 4
    with pytest.raises(RuntimeError, match='Missing key.*"0._extra_state"'):
        other.load_state_dict({})


def test_hooks_around_saving_and_loading():
    m, order = nn.Linear(1, 1), []
    m.register_state_dict_pre_hook(lambda m, prefix, keep_vars: order.append("save"))
    m.register_state_dict_post_hook(lambda m, state, prefix, meta: state.update(extra=1))
    state = m.state_dict()
    assert order == ["save"] and state.pop("extra") == 1
    m.register_load_state_dict_pre_hook(lambda m, state, *rest: state.pop("old", None))
    m.register_load_state_dict_post_hook(lambda m, keys: keys.missing_keys.clear())
    state["old"] = 1
    del state["bias"]
    assert repr(m.load_state_dict(state)) == "<All keys matched successfully>"


def test_shared_modules_are_saved_under_each_name():
    shared = nn.Linear(1, 1, bias=False)
    assert list(nn.Sequential(shared, shared).state_dict()) == ["0.weight", "1.weight"]
