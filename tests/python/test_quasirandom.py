"""Sobol' points: known ones, how they follow one another, scrambling."""

import pytest

import steepest as torch
from steepest.quasirandom import OF_DEGREE, SobolEngine


def test_known_points():
    expected = [[0, 0, 0], [0.5, 0.5, 0.5], [0.75, 0.25, 0.25], [0.25, 0.75, 0.75], [0.375, 0.375, 0.625], [0.875, 0.875, 0.125]]
    assert SobolEngine(3).draw(6).tolist() == expected
    assert SobolEngine(3).draw(2, dtype=torch.float64).dtype == torch.float64


def test_every_dimension_is_a_permutation():
    points = SobolEngine(SobolEngine.MAXDIM).draw(64)
    assert sum(OF_DEGREE) == SobolEngine.MAXDIM - 1
    assert torch.equal(points.sort(0).values, (torch.arange(64) / 64).unsqueeze(1).expand_as(points))


def test_order_of_drawing():
    expected = SobolEngine(5, scramble=True, seed=3).draw(20)
    engine = SobolEngine(5, scramble=True, seed=3)
    assert torch.equal(torch.cat([engine.draw(1), engine.draw(7), engine.draw()]), expected[:9]) and engine.num_generated == 9
    out = torch.empty(0)
    assert engine.fast_forward(4).draw(3, out=out) is out and torch.equal(out, expected[13:16])
    assert torch.equal(engine.reset().fast_forward(2).draw(2), expected[2:4])


def test_scrambled_points_are_as_even():
    points = SobolEngine(4, scramble=True, seed=11).draw_base2(6)
    assert torch.equal((points * 64).long().sort(0).values, torch.arange(64).unsqueeze(1).expand(64, 4))
    torch.manual_seed(5)
    first = SobolEngine(2, scramble=True).draw(3)
    torch.manual_seed(5)
    assert torch.equal(SobolEngine(2, scramble=True).draw(3), first) and not torch.equal(SobolEngine(2, scramble=True).draw(3), first)


def test_what_is_refused_and_shown():
    for dimension in (0, 21202):
        with pytest.raises(ValueError, match=r"Supported range of dimensionality for SobolEngine is \[1, 21201\]"):
            SobolEngine(dimension)
    engine = SobolEngine(2)
    engine.draw(3)
    with pytest.raises(ValueError, match=r"3 points have been previously generated, then: n=3\+2\*\*3=11. If you still want"):
        engine.draw_base2(3)
    assert repr(engine) == "SobolEngine(dimension=2)"
    assert repr(SobolEngine(1, scramble=True, seed=0)) == "SobolEngine(dimension=1, scramble=True, seed=0)"
