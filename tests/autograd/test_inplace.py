"""Writing in place under autograd: versions, leaves, views of all kinds, and .data, detach and their versions."""

import pytest

import steepest as torch

A_LEAF = "a leaf Variable that requires grad is being used in an in-place operation."
A_VIEW_OF_A_LEAF = "a view of a leaf Variable that requires grad is being used in an in-place operation."
MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace operation: "


@pytest.fixture
def x():
    return torch.ones(4, requires_grad=True)


def grad_of(y, x):
    return torch.autograd.grad(y.sum(), x)[0].tolist()


def test_a_saved_output_must_stay(x):
    y = x.exp()
    y.add_(1)
    with pytest.raises(RuntimeError) as caught:
        y.sum().backward()
    assert str(caught.value).startswith(
        MODIFIED + "[torch.FloatTensor [4]], which is output 0 of Exp, is at version 1; expected version 0 instead. "
        "Hint: enable anomaly detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )
    assert x.grad is None


def test_a_saved_input_must_stay(x):
    w = torch.ones(4)
    z = (x * w).sum()
    w.add_(1)
    with pytest.raises(RuntimeError) as caught:
        z.backward()
    assert str(caught.value).startswith(MODIFIED + "[torch.FloatTensor [4]] is at version 1; expected version 0 instead.")
    a = x * 2
    b = a * a
    a.mul_(2)
    with pytest.raises(RuntimeError, match="output 0 of Mul, is at version 1; expected version 0"):
        b.sum().backward()


def test_what_is_not_saved_may_be_written(x):
    y = x * 2
    z = y + 1
    y.mul_(3)
    (y + z).sum().backward()
    assert x.grad.tolist() == [8.0] * 4


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (lambda x: x.add_(1), A_LEAF),
        (lambda x: x.__iadd__(1), A_LEAF),
        (lambda x: x.zero_(), A_LEAF),
        (lambda x: x.fill_(1), A_LEAF),
        (lambda x: x.copy_(torch.zeros(4)), A_LEAF),
        (lambda x: x.uniform_(), A_LEAF),
        (lambda x: x.normal_(), A_LEAF),
        (lambda x: x.__setitem__(0, 1.0), A_VIEW_OF_A_LEAF),
        (lambda x: x.view(2, 2).add_(1), A_VIEW_OF_A_LEAF),
        (lambda x: x[1:].mul_(2), A_VIEW_OF_A_LEAF),
    ],
)
def test_leaves_are_not_written(x, write, text):
    with pytest.raises(RuntimeError) as caught:
        write(x)
    assert str(caught.value) == text
    assert x.tolist() == [1.0] * 4 and x._version == 0
    with torch.no_grad():
        write(x)
    assert x._version == 1 and x.is_leaf and x.requires_grad


def test_writing_a_part_cuts_its_gradient(x):
    y = x * 2
    y[0] = 10
    assert type(y.grad_fn).__name__ == "CopySlices"
    assert grad_of(y, x) == [0.0, 2.0, 2.0, 2.0]
    y = x * 2
    y[1:3] = x[:2] * 3
    assert grad_of(y, x) == [5.0, 3.0, 0.0, 2.0]


def test_writing_a_view_changes_the_base_and_other_views(x):
    y = x * 2
    v = y[1:]
    w = v[1:]
    w.mul_(3)
    assert [type(t.grad_fn).__name__ for t in (y, v, w)] == ["CopySlices", "AsStridedBackward0", "AsStridedBackward0"]
    assert y.tolist() == [2.0, 2.0, 6.0, 6.0]
    (y.sum() + v.sum() + w.sum()).backward()
    assert x.grad.tolist() == [2.0, 4.0, 18.0, 18.0]


def test_writing_the_base_changes_views(x):
    y = x * 2
    v = y[1:3]
    y.mul_(7)
    assert v.tolist() == [14.0, 14.0]
    assert grad_of(v, x) == [0.0, 14.0, 14.0, 0.0]


def test_writing_through_a_transposed_view_of_a_view(x):
    y = x * 2
    v = y.view(2, 2).t()
    v[0].mul_(5)
    assert v._base is y and not v.is_leaf
    assert y.tolist() == [10.0, 2.0, 10.0, 2.0]
    assert grad_of(y * torch.arange(4.0), x) == [0.0, 2.0, 20.0, 6.0]


def test_a_view_of_what_needs_no_gradient_brings_one():
    b = torch.zeros(4)
    v = b[1:3]
    w = torch.ones(2, requires_grad=True)
    v.add_(w)
    assert b.requires_grad and v.requires_grad and not b.is_leaf
    b.sum().backward()
    assert w.grad.tolist() == [1.0, 1.0]
    c = torch.zeros(4)
    v = c[1:3]
    c.add_(torch.ones(4, requires_grad=True))
    assert v.requires_grad and not v.is_leaf
    assert (v * 2).requires_grad
    assert type(v.grad_fn).__name__ == "AsStridedBackward0"


def test_filling_a_matrix_row_by_row():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    rows = torch.zeros(3, 2)
    for k in range(3):
        rows[k] = w * k
    rows.sum().backward()
    assert w.grad.tolist() == [3.0, 3.0]


def test_writing_with_index_tensors_and_masks():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    a = torch.zeros(3)
    a[torch.tensor([0, 2])] = w
    b = torch.zeros(3)
    b[b == 0] = torch.cat([w, w[:1]])
    c = torch.zeros(3)
    c.index_put_((torch.tensor([0, 0]),), w, accumulate=True)
    assert a.tolist() == [1.0, 0.0, 2.0] and b.tolist() == [1.0, 2.0, 1.0] and c.tolist() == [3.0, 0.0, 0.0]
    assert grad_of(a, w) == [1.0, 1.0] and grad_of(b, w) == [2.0, 1.0] and grad_of(c, w) == [1.0, 1.0]


@pytest.mark.parametrize("parts", [lambda y: y.split(2), lambda y: y.chunk(2), lambda y: y.unbind(), lambda y: list(y)])
def test_one_of_several_views_is_not_written(x, parts):
    y = x * 2
    part = parts(y)[0]
    with pytest.raises(RuntimeError, match="This view is the output of a function that returns multiple views"):
        part.mul_(2)
    assert y.tolist() == [2.0] * 4
    plain = torch.ones(4)
    parts(plain)[0].add_(1)
    assert plain[0].item() == 2.0


def test_views_made_without_recording_are_not_written_with_it(x):
    y = x * 2
    with torch.no_grad():
        v = y[1:3]
    assert v.requires_grad and v.grad_fn is None
    with pytest.raises(RuntimeError, match="A view was created in no_grad mode and is being modified inplace with grad mode enabled"):
        v.add_(1)
    with torch.no_grad():
        v.add_(1)
    assert y.tolist() == [2.0, 3.0, 3.0, 2.0]


def test_expanded_tensors_are_not_written():
    y = torch.ones(1).expand(3)
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor refers to a single memory location"):
        y.add_(1)


def test_versions_count_writes_to_shared_memory():
    t = torch.ones(3)
    assert t._version == 0
    t.add_(1)
    t[0] = 1
    t[0].add_(1)
    v = t[1:]
    assert v._version == 3
    v.mul_(2)
    t.zero_()
    t.fill_(1)
    t.copy_(torch.ones(3))
    t += 1
    assert t._version == v._version == 8
    t.detach().add_(1)
    assert t._version == 9
    t.data.add_(1)
    assert t._version == 9
    torch.add(t, 1, out=t)
    assert t._version == 10


def test_detach_shares_memory_and_has_no_history(x):
    y = x * 2
    d = y.detach()
    assert (d.requires_grad, d.is_leaf, d.grad_fn, d._base) == (False, True, None, None)
    d[0] = 5
    assert y.tolist() == [5.0, 2.0, 2.0, 2.0] and y._version == 1
    assert y.detach_() is y
    assert y.is_leaf and not y.requires_grad
    with pytest.raises(RuntimeError, match="Can't detach views in-place. Use detach\\(\\) instead"):
        (x * 2)[1:].detach_()
    assert x.detach_() is x and not x.requires_grad


def test_data_has_a_version_of_its_own(x):
    y = (x * x).sum()
    x.data.mul_(3)
    assert x.tolist() == [3.0] * 4 and x._version == 0
    assert x.data is not x.data and not x.data.requires_grad
    y.backward()
    assert x.grad.tolist() == [6.0] * 4
    x.data = torch.zeros(2)
    assert x.shape == (2,) and x.requires_grad and x.is_leaf
    with pytest.raises(RuntimeError, match="floating point"):
        x.data = torch.zeros(2, dtype=torch.int64)
    with pytest.raises(TypeError, match="Variable data has to be a tensor, but got int"):
        x.data = 5
    with pytest.raises(RuntimeError, match="Deleting tensor data is not allowed"):
        del x.data
    assert x.tolist() == [0.0, 0.0]


def write_parts(x):
    z = torch.complex(x, 2 * x)
    re = z.real
    re += x**2
    z.imag.mul_(x)
    torch.view_as_real(z)[1:, 0].mul_(x[1:])
    return (z * z).abs() + re


def write_a_whole(x):
    pairs = x * 1.0
    whole = torch.view_as_complex(pairs)
    whole *= whole.clone()
    whole[0] = whole[1] * 2
    return pairs.pow(2).sum(-1) + whole.abs()


@pytest.mark.parametrize(("write", "sizes"), [(write_parts, (3,)), (write_a_whole, (3, 2))])
def test_complex_numbers_and_their_parts_are_written_through_each_other(write, sizes):
    x = torch.linspace(0.5, 2, torch.Size(sizes).numel(), dtype=torch.float64).reshape(sizes).requires_grad_()
    with torch.no_grad():
        values = write(x)
    assert torch.equal(write(x), values)
    assert torch.autograd.gradcheck(write, x) and torch.autograd.gradgradcheck(write, x)
