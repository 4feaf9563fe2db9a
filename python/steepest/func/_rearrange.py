"""rearrange: dimensions reordered, split and joined by a pattern that names them."""

import math
import re

from .._C import Tensor, stack

_ELLIPSIS = "…"


class DimensionBindError(Exception):
    """The sizes of a tensor do not fit the names that a pattern gives its dimensions."""


def _check_name(name):
    if name == _ELLIPSIS or name.isdecimal():
        if name.isdecimal() and name != "1":
            raise ValueError("rearrange only supports unnamed axes of size 1")
        return
    if not name.isidentifier():
        raise ValueError(f"Invalid axis identifier: {name}\nnot a valid python identifier")
    if name.startswith("_") or name.endswith("_"):
        raise ValueError(f"Invalid axis identifier: {name}\naxis name should should not start or end with underscore")


def _groups(side):
    """One side of a pattern: for each dimension the list of names that it is made of, _ELLIPSIS itself for any number of dimensions."""
    text = side.replace("...", _ELLIPSIS)
    if "." in text or text.count(_ELLIPSIS) > 1:
        raise ValueError("Expression may contain dots only inside ellipsis (...); only one ellipsis for tensor ")
    groups, names, inside = [], [], None
    for token in re.findall(r"[()]|[\w…]+|\S", text):
        if token == "(":
            if inside is not None:
                raise ValueError("Axis composition is one-level (brackets inside brackets not allowed)")
            inside = []
        elif token == ")":
            if inside is None:
                raise ValueError("Brackets are not balanced")
            groups.append(inside)
            inside = None
        elif not re.match(r"[\w…]", token):
            raise ValueError(f"Unknown character '{token}'")
        else:
            _check_name(token)
            if token in names and token != "1":
                raise ValueError(f"Indexing expression contains duplicate dimension '{token}'")
            names.append(token)
            one = [] if token == "1" else [token]
            if inside is None:
                groups.append(_ELLIPSIS if token == _ELLIPSIS else one)
            else:
                inside.extend(one)
    if inside is not None:
        raise ValueError(f"Imbalanced parentheses in expression: '{side}'")
    return groups


def _check_names(pattern, left, right, lengths):
    sides = [{name for group in groups for name in group} for groups in (left, right)]
    if _ELLIPSIS in sides[0] and _ELLIPSIS not in left:
        raise ValueError(f"Ellipsis is parenthesis in the left side is not allowed: {pattern}")
    if _ELLIPSIS in sides[1] - sides[0]:
        raise ValueError(f"Ellipsis found in right side, but not left side of a pattern {pattern}")
    if one_sided := sides[0] ^ sides[1]:
        raise ValueError(f"Identifiers only on one side of rearrange expression (should be on both): {one_sided}")
    if unknown := set(lengths) - sides[0]:
        raise ValueError(f"Identifiers not found in rearrange expression: {unknown}")


def _sizes_of(group, size, lengths):
    """The sizes of the parts of a dimension, of which at most one is not told."""
    open_names = [name for name in group if name not in lengths]
    if len(open_names) > 1:
        raise DimensionBindError(f"cannot infer the sizes of {len(open_names)} dimensions at once: {', '.join(open_names)}")
    told = math.prod(lengths[name] for name in group if name in lengths)
    if open_names and (told == 0 or size % told):
        raise DimensionBindError(f"inferred dimension does not evenly fit into larger dimension: {size} vs {told}")
    if not open_names and told != size:
        raise DimensionBindError(f"Dimension sizes to do not match ({size} != {told}) when matching dimension pack ({', '.join(group)})")
    return {name: lengths.get(name, size // max(told, 1)) for name in group}


def rearrange(tensor, pattern, **axes_lengths):
    """A tensor whose dimensions are reordered, split and joined as `pattern` says, in the notation of einops.

    pattern: "left -> right", names for the tensor's dimensions and for those of the result; names in parentheses make up one dimension, 1
    or () is a new one of size 1, ... stands for any number of dimensions. axes_lengths: sizes of names in a dimension that is split, where
    they do not follow. A list of tensors is stacked first. ValueError for patterns that make no sense, DimensionBindError for sizes that
    do not fit.

    >>> import steepest as torch
    >>> images = torch.zeros(2, 4, 6, 3)
    >>> torch.func.rearrange(images, "b h w c -> b c h w").shape
    torch.Size([2, 3, 4, 6])
    >>> torch.func.rearrange(images, "b (h h1) w c -> b h (w h1 c)", h1=2).shape
    torch.Size([2, 2, 36])
    """
    if not isinstance(tensor, Tensor):
        tensor = stack(list(tensor))
    sides = pattern.split("->")
    if len(sides) != 2:
        raise ValueError("Pattern must contain a single '->' separator")
    left, right = map(_groups, sides)
    _check_names(pattern, left, right, axes_lengths)
    several = tensor.dim() - len([group for group in left if group != _ELLIPSIS])
    if several < 0 or (several and _ELLIPSIS not in left):
        raise ValueError(
            f"Number of dimensions in pattern ({len(left)}) must be equal to the number of dimensions in the tensor ({tensor.dim()})"
        )
    among = [f"{_ELLIPSIS}{i}" for i in range(several)]

    def spread(group):
        return [part for name in group for part in (among if name == _ELLIPSIS else [name])]

    dims = [part for group in left for part in ([[name] for name in among] if group == _ELLIPSIS else [group])]
    summed = [d for d, group in enumerate(dims) if not group]
    if summed:
        tensor, dims = tensor.sum(summed), [group for group in dims if group]
    sizes = {}
    for group, size in zip(dims, tensor.shape, strict=True):
        sizes.update(_sizes_of(group, size, axes_lengths))
    order = [name for group in dims for name in group]
    wanted = [part for group in right for part in ([[name] for name in among] if group == _ELLIPSIS else [spread(group)])]
    parts = tensor.reshape([sizes[name] for name in order]).permute([order.index(name) for group in wanted for name in group])
    return parts.reshape([math.prod(sizes[name] for name in group) for group in wanted])
