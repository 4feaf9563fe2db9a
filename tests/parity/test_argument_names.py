"""The names by which ops take their arguments are those of PyTorch's schemas, by which its parser goes, whatever its documents say."""

import re

import pytest

import steepest as st
from parity.pair import torch

PARAMETER = re.compile(r"(?:\*|\S+\s+(\w+)(?:=.*)?|\*\*\w+)$")
# What factories and random functions take besides, which some of PyTorch's schemas leave to its parser.
COMMON = {"device", "dtype", "generator", "layout", "memory_format", "names", "out", "pin_memory", "requires_grad"}
OTHERWISE = {  # functions that PyTorch writes in Python, or with another argument than its op's
    "batch_norm", "embedding", "fractional_max_pool2d", "fractional_max_pool3d", "group_norm", "split",
    "add", "bucketize", "rsub", "sub", "subtract",  # forms with alpha left out, and with a number in the first place
    "logit", "polygamma", "where",  # the order, or an argument with a default
}


def parameters(signature):
    """The names of a signature's parameters, in order."""
    inside, parts, depth = signature[signature.index("(") + 1 : signature.rindex(") ->")], [""], 0
    for c in inside:
        depth += (c in "([") - (c in ")]")
        if c == "," and not depth:
            parts.append("")
        else:
            parts[-1] += c
    names = [PARAMETER.match(part.strip())[1] for part in parts if part.strip()]
    return [name for name in names if name and name not in COMMON]


def schemas(name):
    packet = getattr(torch.ops.aten, name)
    for overload in packet.overloads():
        given = [a.name for a in getattr(packet, overload)._schema.arguments if not a.is_out and a.name not in COMMON]
        yield ["input" if name == "self" else name for name in given]


ROWS = [(row[0].partition("(")[0], row[0]) for row in st._C._ops() if row[2]]
ROWS = [(name, signature) for name, signature in ROWS if not name.startswith("_") and hasattr(torch.ops.aten, name)]


def known(name, given):
    theirs = list(schemas(name))
    # The parser takes x for input; several schemas are one row with defaults here.
    return any(given == names or given[: len(names)] == names or given == ["input" if n == "x" else n for n in names] for names in theirs)


def test_there_are_rows():
    assert len(ROWS) > 500


@pytest.mark.parametrize("name", sorted({name for name, _ in ROWS}))
def test_names(name):
    wrong = [signature for n, signature in ROWS if n == name and not known(name, parameters(signature))]
    assert bool(wrong) == (name in OTHERWISE), (wrong, list(schemas(name)))
