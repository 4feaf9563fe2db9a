"""Samples of the ops that give a view's elements as a copy: what is said of the view, with memory of its own."""

from dataclasses import replace

from .draw import i, op, scalar, x
from .shapes import SHAPES

M = x(3, 4)
CUBE = x(2, 3, 4)
VIEWS = (
    "as_strided", "detach", "expand", "permute", "transpose", "t", "select", "narrow", "squeeze", "unsqueeze", "unfold",
    "unbind", "split_with_sizes",
)


def copied(of, calls):
    return replace(of, calls=calls, views=False)


def plain(call):
    """Sizes that stand one by one, in a tuple."""
    args, kwargs = call
    return (args[0], args[1:]) if all(isinstance(a, int) for a in args[1:]) else args, kwargs


def calls_of(name):
    calls = SHAPES[name].calls
    if name in ("expand", "permute"):
        return [plain(call) for call in calls]
    return [call for call in calls if name != "narrow" or isinstance(call[0][2], int)]


COPIES = {f"{name}_copy": copied(SHAPES[name], calls_of(name)) for name in VIEWS}
COPIES |= {
    "alias_copy": op(CUBE, scalar(), ref=lambda v: v),
    "slice_copy": op((M, 1, 1, 3), (M, 0, None, -1), ref=lambda v, d, a, b: v[:, a:b] if d else v[a:b]),
    "split_copy": copied(SHAPES["split"], [call for call in SHAPES["split"].calls if isinstance(call[0][1], int)]),
    "view_copy": op((CUBE, (6, 4)), (i(3, 4, high=9), SHAPES["view"].calls[-1][0][1]), ref=SHAPES["view"].ref,
        layouts=False),
    "unsafe_split": copied(SHAPES["split"], [call for call in SHAPES["split"].calls if isinstance(call[0][1], int)]),
    "unsafe_split_with_sizes": SHAPES["split_with_sizes"],
    "unsafe_chunk": SHAPES["chunk"],
}
COPIES["unsafe_split"] = replace(COPIES["unsafe_split"], views=True)
