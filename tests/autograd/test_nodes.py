"""Nodes as Python sees them: names, neighbours, what they saved; and anomaly mode."""

import warnings

import pytest

import steepest as torch


@pytest.fixture
def x():
    return torch.tensor([1.0, 2.0], requires_grad=True)


NAMES = {
    "AddBackward0": lambda x: x + 1,
    "SubBackward0": lambda x: x - 1,
    "RsubBackward1": lambda x: 1 - x,
    "MulBackward0": lambda x: 2 * x,
    "DivBackward0": lambda x: x / 2,
    "PowBackward0": lambda x: x**2,
    "PowBackward1": lambda x: x**x,
    "PowBackward2": lambda x: 2**x,
    "NegBackward0": lambda x: -x,
    "ExpBackward0": lambda x: x.exp(),
    "SigmoidBackward0": lambda x: x.sigmoid(),
    "ReluBackward0": lambda x: x.relu(),
    "SumBackward0": lambda x: x.sum(),
    "SumBackward1": lambda x: x.sum(0),
    "MeanBackward0": lambda x: x.mean(),
    "SelectBackward0": lambda x: x[0],
    "SliceBackward0": lambda x: x[1:],
    "IndexBackward0": lambda x: x[torch.tensor([0])],
    "ViewBackward0": lambda x: x.view(2, 1),
    "DotBackward0": lambda x: x @ x,
    "CloneBackward0": lambda x: x.clone(),
    "ToCopyBackward0": lambda x: x.double(),
    "StackBackward0": lambda x: torch.stack([x, x]),
    "MseLossBackward0": lambda x: torch.nn.functional.mse_loss(x, torch.ones(2)),
}


@pytest.mark.parametrize(("name", "op"), NAMES.items(), ids=NAMES)
def test_names_are_pytorchs(x, name, op):
    node = op(x).grad_fn
    assert node.name() == type(node).__name__ == name
    assert repr(node).startswith(f"<{name} object at 0x")
    assert repr(type(node)) == f"<class '{name}'>" and type(node).__module__ == "builtins"


def test_nodes_keep_their_identity(x):
    y = x * 2
    z = y + x
    assert y.grad_fn is y.grad_fn
    (a, i), (b, j) = z.grad_fn.next_functions
    assert a is y.grad_fn and (i, j) == (0, 0)
    assert b is y.grad_fn.next_functions[0][0]
    assert type(b).__name__ == "AccumulateGrad" and b.name() == "torch::autograd::AccumulateGrad"
    assert b.variable is x and b.next_functions == ()
    assert {y.grad_fn: 1}[a] == 1
    assert z.grad_fn._sequence_nr() > y.grad_fn._sequence_nr()


def test_leaves_and_results(x):
    y = x * 2
    assert x.is_leaf and x.grad_fn is None and torch.ones(1).is_leaf
    assert not y.is_leaf and y.output_nr == 0
    a, b = y.unbind()
    assert (a.output_nr, b.output_nr) == (0, 1) and a.grad_fn is b.grad_fn


def test_constants_have_no_neighbour(x):
    assert [f for f, _ in (x * torch.ones(2)).grad_fn.next_functions][1] is None


def test_metadata_stays_with_the_node(x):
    y = x + 1
    y.grad_fn.metadata["note"] = [1]
    assert y.grad_fn.metadata == {"note": [1]}


def test_saved_values(x):
    w = torch.tensor([3.0, 4.0], requires_grad=True)
    node = (x * w).grad_fn
    assert node._saved_self is x and node._saved_other is w
    y = x.exp()
    assert y.grad_fn._saved_result.equal(y)
    y.sum().backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.grad_fn._saved_result
    with pytest.raises(AttributeError, match="'ExpBackward0' object has no attribute 'foo'"):
        y.grad_fn.foo


def test_anomaly_mode_names_the_forward_line():
    x = torch.tensor([-1.0], requires_grad=True)
    with torch.autograd.set_detect_anomaly(True):
        assert torch.is_anomaly_enabled()
        y = x.sqrt()  # the line to be named
        with (
            pytest.warns(UserWarning, match="Error detected in SqrtBackward0") as caught,
            pytest.raises(RuntimeError, match="Function 'SqrtBackward0' returned nan values in its 0th output."),
        ):
            y.sum().backward()
    assert "# the line to be named" in str(caught[0].message)
    assert not torch.is_anomaly_enabled() and x.grad is None


def test_anomaly_mode_without_forward_information():
    x = torch.tensor([0.0], requires_grad=True)
    y = (x * 0 / 0).sum()
    with pytest.warns(UserWarning) as caught, pytest.raises(RuntimeError, match="nan values"):
        with torch.autograd.detect_anomaly():
            y.backward()
    texts = [str(w.message) for w in caught]
    assert "Anomaly Detection has been enabled" in texts[0]
    assert "No forward pass information available" in texts[1]


def test_anomaly_mode_may_let_nan_pass():
    x = torch.tensor([-1.0], requires_grad=True)
    with torch.autograd.set_detect_anomaly(True, check_nan=False), warnings.catch_warnings():
        x.sqrt().sum().backward()
    assert x.grad.isnan().all()
    torch.autograd.set_detect_anomaly(True)
    assert torch.is_anomaly_enabled()
    torch.autograd.set_detect_anomaly(False)
    assert not torch.is_anomaly_enabled()


def test_a_tensor_of_the_common_shape_is_broadcast_to_itself():
    x = torch.ones(1, 3, requires_grad=True).exp()
    y = torch.ones(3)
    a, b = torch.broadcast_tensors(x, y)
    assert a is x and b.shape == (1, 3) and b._base is y
    with pytest.warns(UserWarning, match="Using a target size"):
        loss = torch.nn.functional.mse_loss(x, y)
    assert loss.grad_fn.next_functions[0][0] is x.grad_fn


def test_anomaly_mode_lets_a_users_exception_through(x):
    class Fails(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            raise KeyError("of the user")

    with (
        torch.autograd.set_detect_anomaly(True),
        pytest.warns(UserWarning, match="Error detected in FailsBackward"),
        pytest.raises(KeyError, match="of the user"),
    ):
        Fails.apply(x).sum().backward()
