"""nn.utils: clipping gradients, parameters as vectors."""

import pytest

import steepest as torch
from steepest import nn
from steepest.nn import utils


@pytest.fixture
def params():
    ps = [nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))]
    ps[0].grad = torch.tensor([2.0, 3.0])
    ps[1].grad = torch.tensor([6.0])
    return ps


@pytest.mark.parametrize(("norm_type", "norm"), [(2, 7.0), (1, 11.0), (float("inf"), 6.0)])
def test_clip_by_norm(params, norm_type, norm):
    assert utils.clip_grad_norm_(params, 1.0, norm_type).item() == pytest.approx(norm)
    assert params[1].grad.item() == pytest.approx(6 / norm, rel=1e-5)
    assert utils.clip_grad_norm_(params, 100.0, norm_type).item() == pytest.approx(1, rel=1e-5)
    assert params[1].grad.item() == pytest.approx(6 / norm, rel=1e-5)


def test_clip_by_norm_of_nothing_and_of_infinity(params):
    assert utils.clip_grad_norm_([params[2]], 1.0).item() == 0.0
    with pytest.warns(UserWarning, match="empty generator"):
        utils.clip_grad_norm_((p for p in []), 1.0)
    params[1].grad.fill_(float("inf"))
    with pytest.raises(RuntimeError, match="The total norm of order 2.0 for gradients .* is non-finite"):
        utils.clip_grad_norm_(params, 1.0, error_if_nonfinite=True)
    assert params[0].grad.tolist() == [2.0, 3.0]


def test_clip_by_value(params):
    utils.clip_grad_value_(params, 2.5)
    assert params[0].grad.tolist() == [2.0, 2.5] and params[1].grad.tolist() == [2.5]


def test_vectors(params):
    vector = utils.parameters_to_vector(params)
    assert vector.shape == (4,) and vector.requires_grad
    utils.vector_to_parameters(torch.tensor([1.0, 2.0, 3.0, 4.0]), params)
    assert [p.tolist() for p in params] == [[1.0, 2.0], [3.0], [4.0]] and params[0].requires_grad
    with pytest.raises(TypeError, match="expected torch.Tensor, but got: list"):
        utils.vector_to_parameters([1.0], params)
