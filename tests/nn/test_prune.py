"""torch.nn.utils.prune: masks, their combination, removal."""

import pytest

import steepest as torch
from steepest import nn
from steepest.nn.utils import prune


def layer(rows):
    m = nn.Linear(len(rows[0]), len(rows))
    m.weight.data = torch.tensor(rows)
    return m


ROWS = [[1.0, -2.0, 3.0], [-4.0, 5.0, -6.0]]


def test_magnitudes_then_rows():
    m = prune.l1_unstructured(layer(ROWS), "weight", amount=2)
    assert m.weight_mask.tolist() == [[0, 0, 1], [1, 1, 1]]
    assert list(dict(m.named_parameters())) == ["bias", "weight_orig"]
    assert list(m.state_dict()) == ["bias", "weight_orig", "weight_mask"]
    prune.ln_structured(m, "weight", amount=0.5, n=2, dim=0)
    assert m.weight_mask.tolist() == [[0, 0, 0], [1, 1, 1]]
    hook = next(iter(m._forward_pre_hooks.values()))
    assert [type(part) for part in hook] == [prune.L1Unstructured, prune.LnStructured]
    m(torch.ones(1, 3)).sum().backward()
    assert m.weight_orig.grad.tolist() == [[0, 0, 0], [1, 1, 1]]
    assert prune.is_pruned(nn.Sequential(m))
    prune.remove(m, "weight")
    assert list(m.state_dict()) == ["bias", "weight"]
    assert isinstance(m.weight, nn.Parameter)
    assert m.weight.tolist() == [[0, 0, 0], ROWS[1]]
    assert not prune.is_pruned(m)


def test_norms_are_those_of_what_is_left():
    m = prune.custom_from_mask(layer([[9.0, 1.0, 1.0], [3.0, 3.0, 3.0]]), "weight", torch.tensor([[0, 1, 1], [1, 1, 1]]))
    prune.ln_structured(m, "weight", amount=1, n=2, dim=0)
    assert m.weight_mask.tolist() == [[0, 0, 0], [1, 1, 1]]


def test_updates_of_the_original_show_at_the_next_call():
    m = prune.custom_from_mask(layer(ROWS), "weight", torch.tensor([[1, 0, 0], [0, 0, 1]]))
    m.weight_orig.data *= 2
    m(torch.ones(1, 3))
    assert m.weight.tolist() == [[2, 0, 0], [0, 0, -12]]


def test_several_layers_as_one():
    a, b = layer(ROWS), layer([[0.5, 10.0, 0.25]])
    prune.global_unstructured([(a, "weight"), (b, "weight")], prune.L1Unstructured, amount=3)
    assert (a.weight == 0).sum() == 1
    assert b.weight.tolist() == [[0, 10, 0]]


def test_draws():
    torch.manual_seed(0)
    m = prune.random_unstructured(layer(ROWS), "weight", amount=0.5)
    assert m.weight_mask.sum() == 3
    m = prune.random_structured(layer(ROWS), "weight", amount=1, dim=1)
    assert sorted(m.weight_mask.sum(0).tolist()) == [0, 2, 2]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda m: prune.l1_unstructured(m, "weight", 7), ValueError, "amount=7 should be smaller than the number"),
        (lambda m: prune.l1_unstructured(m, "weight", 1.5), ValueError, "amount=1.5 should either be a float"),
        (lambda m: prune.l1_unstructured(m, "weight", "1"), TypeError, "Invalid type for amount: 1. Must be int or float."),
        (lambda m: prune.random_structured(m, "bias", 1, 0), ValueError, "Structured pruning can only be applied"),
        (lambda m: prune.random_structured(m, "weight", 1, 2), IndexError, "Invalid index 2 for tensor of size"),
        (lambda m: prune.remove(m, "weight"), ValueError, "has to be pruned before pruning can be removed"),
    ],
)
def test_refusals_leave_the_module_alone(call, error, text):
    m = layer(ROWS)
    with pytest.raises(error, match=text):
        call(m)
    assert list(m.state_dict()) == ["weight", "bias"]
