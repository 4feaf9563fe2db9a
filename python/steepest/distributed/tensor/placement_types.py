"""Ways in which a tensor could lie on the processes along one dimension of their mesh: plain descriptions."""

from dataclasses import dataclass


class Placement:
    """A way of lying on the processes."""

    def is_shard(self, dim=None):
        """Whether each process has a part of the elements, cut along `dim` or any dimension."""
        return isinstance(self, Shard) and dim in (None, self.dim)

    def is_replicate(self):
        """Whether every process has all elements."""
        return isinstance(self, Replicate)

    def is_partial(self, reduce_op=None):
        """Whether every process has a summand, to be joined by `reduce_op` or anything."""
        return isinstance(self, Partial) and reduce_op in (None, self.reduce_op)


@dataclass(frozen=True)
class Shard(Placement):
    """Each process has a part, cut along `dim`."""

    dim: int

    def __str__(self):
        return f"S({self.dim})"


@dataclass(frozen=True)
class _StridedShard(Shard):
    """A part of what was cut before in `split_factor` pieces."""

    split_factor: int = 1


@dataclass(frozen=True)
class Replicate(Placement):
    """Every process has all elements."""

    def __str__(self):
        return "R"


@dataclass(frozen=True)
class Partial(Placement):
    """Every process has a summand, to be joined by `reduce_op`."""

    reduce_op: str = "sum"

    def __repr__(self):
        return f"Partial({self.reduce_op})"

    def __str__(self):
        return f"P({self.reduce_op})"
