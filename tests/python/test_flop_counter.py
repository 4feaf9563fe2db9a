"""Floating-point operations: of products and convolutions, their derivatives, and by module."""

import pytest

import steepest as torch
from steepest import nn
from steepest.utils.flop_counter import FlopCounterMode


def counted(run):
    with FlopCounterMode(display=False) as counter:
        run()
    return {str(op): count for op, count in counter.get_flop_counts().get("Global", {}).items()}


def ones(*shape):
    return torch.ones(shape)


PRODUCTS = [
    (lambda: ones(2, 3) @ ones(3, 4), {"aten.mm": 48}),
    (lambda: torch.bmm(ones(5, 2, 3), ones(5, 3, 4)), {"aten.bmm": 240}),
    (lambda: torch.addmm(ones(2, 2), ones(2, 3), ones(3, 2)), {"aten.addmm": 24}),
    (lambda: torch.einsum("bij,bjk->bik", ones(5, 2, 3), ones(5, 3, 4)), {"aten.bmm": 240}),
    (lambda: nn.Linear(3, 4)(ones(2, 5, 3)), {"aten.addmm": 240}),
    (lambda: nn.Conv2d(2, 4, 3, groups=2)(ones(1, 2, 5, 5)), {"aten.convolution": 648}),
    (lambda: nn.ConvTranspose1d(2, 3, 2)(ones(1, 2, 5)), {"aten.convolution": 120}),
    (lambda: ones(3) @ ones(3) + ones(2, 3) @ ones(3), {}),
]


@pytest.mark.parametrize(("run", "expected"), PRODUCTS, ids=range(len(PRODUCTS)))
def test_products(run, expected):
    assert counted(run) == expected


def test_derivatives_belong_to_their_modules():
    halves = nn.Conv2d(8, 8, 3, stride=2, groups=2)
    model = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), halves, nn.Flatten(), nn.Linear(392, 10))
    with FlopCounterMode(display=False) as counter:
        model(torch.ones(2, 3, 16, 16)).sum().backward()
    model(torch.ones(2, 3, 16, 16)).sum().backward()
    assert counter.get_total_flops() == 715200
    assert counter.get_table(depth=2).splitlines() == [
        "Module                           FLOP    % Total",
        "---------------------------  --------  ---------",
        "Sequential                   715.200K    100.00%",
        "- aten.convolution           277.632K     38.82%",
        "- aten.addmm                  15.680K      2.19%",
        "- aten.mm                     31.360K      4.38%",
        "- aten.convolution_backward  390.528K     54.60%",
        "Sequential.0                 442.368K     61.85%",
        "- aten.convolution           221.184K     30.93%",
        "- aten.convolution_backward  221.184K     30.93%",
        "Sequential.2                 225.792K     31.57%",
        "- aten.convolution            56.448K      7.89%",
        "- aten.convolution_backward  169.344K     23.68%",
        "Sequential.4                  47.040K      6.58%",
        "- aten.addmm                  15.680K      2.19%",
        "- aten.mm                     31.360K      4.38%",
    ]


def test_display_and_own_counts(capsys):
    with FlopCounterMode(custom_mapping={torch.ops.aten.sin: lambda shape, out_shape: 7 * out_shape.numel()}) as counter:
        torch.sin(torch.ones(2))
    assert counter.get_flop_counts() == {"Global": {torch.ops.aten.sin: 14}}
    assert capsys.readouterr().out.splitlines()[2:] == ["Global          14    100.00%", "- aten.sin      14    100.00%"]
