"""Normalisation layers: running statistics, modes, state dicts, one result for any number of threads."""

import numpy as np
import pytest

import steepest as torch
from steepest import nn
from steepest.nn import functional as F


def test_running_statistics_follow_the_batches():
    x = torch.randn(6, 3, 5)
    m = nn.BatchNorm1d(3, momentum=0.25)
    m(x)
    data = x.numpy().transpose(1, 0, 2).reshape(3, -1)
    np.testing.assert_allclose(m.running_mean.numpy(), 0.25 * data.mean(1), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(m.running_var.numpy(), 0.75 + 0.25 * data.var(1, ddof=1), rtol=1e-5)
    assert m.num_batches_tracked.item() == 1


def test_without_momentum_all_batches_count_the_same():
    m = nn.BatchNorm1d(2, momentum=None)
    batches = [torch.randn(8, 2) for _ in range(3)]
    for batch in batches:
        m(batch)
    wanted = np.mean([batch.numpy().mean(0) for batch in batches], axis=0)
    np.testing.assert_allclose(m.running_mean.numpy(), wanted, rtol=1e-5, atol=1e-6)


def test_evaluation_uses_what_training_kept():
    m = nn.BatchNorm2d(2)
    m(torch.randn(4, 2, 3, 3))
    kept = m.running_mean.clone(), m.running_var.clone()
    m.eval()
    x = torch.randn(1, 2, 3, 3)
    wanted = (x - kept[0].view(1, 2, 1, 1)) / (kept[1].view(1, 2, 1, 1) + m.eps).sqrt()
    assert torch.allclose(m(x), wanted, atol=1e-6)
    assert torch.equal(m.running_mean, kept[0]) and m.num_batches_tracked.item() == 1


def test_two_forwards_before_backward():
    m, x = nn.BatchNorm1d(3), torch.randn(4, 3)
    (m(x) + m(2 * x)).sum().backward()
    assert m.bias.grad.tolist() == [8.0, 8.0, 8.0]


def test_a_layer_without_statistics_uses_the_batch_in_evaluation():
    m = nn.BatchNorm1d(2, track_running_stats=False, affine=False).eval()
    assert list(m.state_dict()) == []
    assert abs(m(torch.randn(50, 2)).mean().item()) < 1e-6


def test_old_state_dicts_leave_the_count_as_it_was():
    m = nn.BatchNorm1d(2)
    state = {k: v for k, v in m.state_dict().items() if k != "num_batches_tracked"}
    m.num_batches_tracked.fill_(7)
    m.load_state_dict(state)
    assert m.num_batches_tracked.item() == 7


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1)])
def test_one_value_a_channel_is_refused(shape):
    m = nn.BatchNorm1d(3)
    with pytest.raises(ValueError, match="Expected more than 1 value per channel when training"):
        m(torch.ones(shape))
    assert m.running_mean.tolist() == [0.0] * 3


@pytest.mark.parametrize(
    "layer, shape",
    [(nn.BatchNorm1d(3), (2, 3, 4, 5)), (nn.BatchNorm2d(3), (2, 3)), (nn.BatchNorm3d(3), (2, 3)), (nn.InstanceNorm1d(3), (3,))],
)
def test_wrong_dimensions(layer, shape):
    with pytest.raises(ValueError, match="expected .*D input"):
        layer(torch.ones(shape))


def test_instance_norm_keeps_statistics_of_the_mean_sample():
    m = nn.InstanceNorm1d(2, track_running_stats=True, momentum=1.0)
    x = torch.randn(3, 2, 7)
    m(x)
    np.testing.assert_allclose(m.running_mean.numpy(), x.numpy().mean((0, 2)), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(m.running_var.numpy(), x.numpy().var(2, ddof=1).mean(0), rtol=1e-5)
    assert torch.equal(m(x[0]), m(x[:1])[0])


def test_sync_batch_norm_takes_over_parameters():
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    made = nn.SyncBatchNorm.convert_sync_batchnorm(net)
    assert type(made[1]) is nn.SyncBatchNorm and made[1].weight is net[1].weight
    assert made(torch.randn(4, 2)).shape == (4, 3)


def _with_threads(count, work):
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        return work()
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    "norm, shape",
    [
        (lambda x, w: F.layer_norm(x, (48,), w, w), (4000, 48)),
        (lambda x, w: F.rms_norm(x, (48,), w), (4000, 48)),
        (lambda x, w: F.batch_norm(x, None, None, w, w, True), (3000, 48)),
        (lambda x, w: F.batch_norm(x, None, None, w, w, True), (40, 48, 70)),
        (lambda x, w: F.group_norm(x, 6, w, w), (40, 48, 70)),
    ],
)
def test_threads_do_not_change_results(norm, shape):
    torch.manual_seed(0)
    x, w, g = torch.randn(shape), torch.randn(48), torch.randn(shape)

    def work():
        a, b = x.clone().requires_grad_(), w.clone().requires_grad_()
        y = norm(a, b)
        y.backward(g)
        return y.detach(), a.grad, b.grad

    for one, two in zip(_with_threads(1, work), _with_threads(2, work)):
        assert torch.equal(one, two)


def test_far_means_do_not_spoil_the_spread():
    x = torch.randn(64, 3, 40) + 1000
    wide = x.double()
    for norm in (lambda v: F.batch_norm(v, None, None, training=True), lambda v: F.layer_norm(v, (40,)), lambda v: F.group_norm(v, 3)):
        assert (norm(x).double() - norm(wide)).abs().max().item() < 2e-4


def test_normalize_and_response_norm():
    x = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    assert torch.allclose(F.normalize(x), torch.tensor([[0.6, 0.8], [0.0, 0.0]]))
    out = torch.empty(0)
    assert F.normalize(x, out=out) is out and out.shape == (2, 2)
    ones = torch.ones(1, 4, 2)
    assert torch.allclose(F.local_response_norm(ones, 3, alpha=3.0, beta=1.0)[0, :, 0], torch.tensor([1 / 3, 1 / 4, 1 / 4, 1 / 3]))
    with pytest.raises(ValueError, match="Expected 3D or higher"):
        F.local_response_norm(x, 2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    "norm",
    [
        lambda x, w, b: F.layer_norm(x, (4,), w, b),
        lambda x, w, b: F.batch_norm(x, None, None, w, b, True),
        lambda x, w, b: F.batch_norm(x, torch.ones(4), torch.ones(4), w, b, False),
        lambda x, w, b: F.group_norm(x, 2, w, b),
    ],
)
@pytest.mark.parametrize("which", [(0,), (1,), (2,), (1, 2), (0, 2)])
def test_gradients_of_some_inputs_alone(norm, dtype, which):
    torch.manual_seed(0)
    values = torch.randn(6, 4), torch.rand(4) + 0.5, torch.randn(4)

    def gradients(chosen, dtype):
        given = [v.to(dtype).requires_grad_(k in chosen) for k, v in enumerate(values)]
        given[1:] = [v.float().detach().requires_grad_(v.requires_grad) for v in given[1:]]
        norm(*given).float().pow(2).sum().backward()
        return [given[k].grad.float() for k in which]

    for one, all_of_them in zip(gradients(which, dtype), gradients((0, 1, 2), dtype)):
        assert torch.allclose(one, all_of_them, rtol=1e-5, atol=1e-5)


def test_lazy_norms_take_their_channels_from_the_first_input():
    m = nn.LazyBatchNorm2d(momentum=0.5)
    assert "UninitializedParameter" in repr(m.weight) and m.num_features == 0
    m(torch.randn(2, 3, 4, 4))
    assert type(m) is nn.BatchNorm2d and m.num_features == 3 and m.running_var.shape == (3,)
    plain = nn.LazyInstanceNorm1d()
    assert plain(torch.randn(2, 3, 4)).shape == (2, 3, 4)
    with pytest.raises(ValueError, match="expected 4D input"):
        nn.LazyBatchNorm2d(track_running_stats=False)(torch.randn(2, 3))


def test_lazy_norms_change_their_type_before_the_first_input():
    m = nn.LazyBatchNorm1d().double()
    assert m(torch.randn(4, 5).double()).dtype == m.running_mean.dtype == torch.float64
