"""torch.quasirandom: Sobol' sequences, points that fill a cube more evenly than random ones.

The direction numbers are those of S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections" (SIAM J.
Sci. Comput. 30, 2008), file new-joe-kuo-6.21201, whose licence stands in LICENSE; points follow one another in the order of I. A. Antonov
and V. M. Saleev (1979), and are scrambled as J. Matoušek, "On the L2-discrepancy for anchored boxes" (1998), does.
"""

from pathlib import Path

from . import _C, randint

__all__ = ["SobolEngine"]

# Of each dimension but the first, one after the other: its primitive polynomial without the first and last coefficient, then its first
# numbers m_2, m_3, ... (as many as the polynomial's degree, with m_1 = 1), m_i in i - 1 bits without the last, which is 1.
NUMBERS = Path(__file__).with_name("joe_kuo.bin")
# How many primitive polynomials there are of degree 1, 2, ...: the dimensions come in the order of their polynomials.
OF_DEGREE = (1, 1, 2, 2, 6, 6, 18, 16, 48, 60, 176, 144, 630, 756, 1800, 2048, 7710, 7776)


def _bits(data, start, count):
    """The number that `count` bits from bit `start` on stand for."""
    last = start + count
    return int.from_bytes(data[start // 8 : (last + 7) // 8], "big") >> (-last % 8) & ((1 << count) - 1)


def _direction_numbers(dimension, bits):
    """For each dimension a list of `bits` numbers, the first with the highest bit set."""
    rows = [[1] * bits]
    data = NUMBERS.read_bytes() if dimension > 1 else b""
    place = 0
    for degree, count in enumerate(OF_DEGREE, 1):
        for _ in range(min(count, dimension - len(rows))):
            inner = _bits(data, place, degree - 1)
            place += degree - 1
            numbers = [1]
            for i in range(1, degree):
                numbers.append(_bits(data, place, i) << 1 | 1)
                place += i
            for j in range(degree, bits):
                new = numbers[j - degree] ^ numbers[j - degree] << degree
                for k in range(1, degree):
                    if inner >> (degree - 1 - k) & 1:
                        new ^= numbers[j - k] << k
                numbers.append(new)
            rows.append(numbers[:bits])
    return [[m << (bits - 1 - j) for j, m in enumerate(row)] for row in rows]


class SobolEngine:
    """Draws the points of a Sobol' sequence in [0, 1) of `dimension` coordinates.

    dimension: at most MAXDIM, else ValueError. scramble: shifted and mixed at random, so that every point is uniform. seed: of that; the
    global generator's numbers where it is None.

    >>> import steepest as torch
    >>> engine = torch.quasirandom.SobolEngine(dimension=2)
    >>> engine.draw(3)
    tensor([[0.0000, 0.0000],
            [0.5000, 0.5000],
            [0.7500, 0.2500]])
    >>> engine.draw(1)
    tensor([[0.2500, 0.7500]])
    """

    MAXBIT = 30
    MAXDIM = 21201

    def __init__(self, dimension, scramble=False, seed=None):
        if not 1 <= dimension <= self.MAXDIM:
            raise ValueError(f"Supported range of dimensionality for SobolEngine is [1, {self.MAXDIM}]")
        self.seed, self.scramble, self.dimension = seed, scramble, dimension
        self.sobolstate = _C.tensor(_direction_numbers(dimension, self.MAXBIT))
        self.shift = _C.zeros(dimension, dtype=_C.int64)
        if scramble:
            self._scramble()
        self.reset()

    def _scramble(self):
        """Shifts by random numbers and mixes each dimension's bits by a random lower triangular matrix."""
        generator = None
        if self.seed is not None:
            generator = _C.Generator()
            generator.manual_seed(self.seed)
        places = _C.arange(self.MAXBIT)
        digits = randint(2, (self.dimension, self.MAXBIT), generator=generator)
        self.shift = (digits << places).sum(1)
        matrices = randint(2, (self.dimension, self.MAXBIT, self.MAXBIT), generator=generator).tril()
        matrices.diagonal(dim1=-2, dim2=-1).fill_(1)
        falling = self.MAXBIT - 1 - places
        bits = self.sobolstate.unsqueeze(-1) >> falling & 1
        self.sobolstate = ((bits @ matrices.mT & 1) << falling).sum(-1)

    def _advance(self, n):
        """The numbers of the n points that follow, of shape (n, dimension)."""
        steps = _C.arange(self._at, self._at + n)
        changed = (steps ^ (steps + 1)).bitwise_and(~steps).to(_C.float64).log2().long()  # the lowest bit that is 0
        points = self.sobolstate.t()[changed]
        if n:
            import numpy as np  # left for when it is used

            points[0] ^= self.quasi
            np.bitwise_xor.accumulate(points.numpy(), axis=0, out=points.numpy())
            self.quasi = points[-1].clone()
            self._at += n
        return points

    def draw(self, n=1, out=None, dtype=None):
        """The next `n` points, of shape (n, dimension)."""
        dtype = _C.get_default_dtype() if dtype is None else dtype
        if self.num_generated == 0:
            first = self._first_point.to(dtype)
            points = first if n == 1 else _C.cat([first, self._scaled(self._advance(n - 1), dtype)])
        else:
            points = self._scaled(self._advance(n), dtype)
        self.num_generated += n
        return points if out is None else out.resize_as_(points).copy_(points)

    def _scaled(self, points, dtype):
        return (points.to(_C.float64) * 2.0**-self.MAXBIT).to(dtype)

    def draw_base2(self, m, out=None, dtype=None):
        """The next 2 ** m points; ValueError where they and those drawn before do not add up to a power of 2."""
        n = 2**m
        total = self.num_generated + n
        if total & (total - 1):
            raise ValueError(
                f"The balance properties of Sobol' points require n to be a power of 2. {self.num_generated} points have been previously "
                f"generated, then: n={self.num_generated}+2**{m}={total}. If you still want to do this, please use "
                "'SobolEngine.draw()' instead."
            )
        return self.draw(n=n, out=out, dtype=dtype)

    def reset(self):
        """Goes back to the first point; returns the engine."""
        self.quasi = self.shift.clone()
        self._first_point = (self.quasi / 2**self.MAXBIT).reshape(1, -1)
        self.num_generated = self._at = 0
        return self

    def fast_forward(self, n):
        """Leaves `n` points out; returns the engine."""
        self._advance(n - 1 if self.num_generated == 0 else n)
        self.num_generated += n
        return self

    def __repr__(self):
        options = [f"dimension={self.dimension}"]
        if self.scramble:
            options.append("scramble=True")
        if self.seed is not None:
            options.append(f"seed={self.seed}")
        return f"{type(self).__name__}({', '.join(options)})"
