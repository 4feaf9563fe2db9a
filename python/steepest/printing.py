"""The text of tensors: repr, str, format and the options that steer them, character for character PyTorch's."""

from __future__ import annotations

import contextlib
import itertools
import math

import steepest as st

_PROFILES = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}
_options = {**_PROFILES["default"], "sci_mode": None}


def set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None):
    """Set how tensors are printed; what is None stays as it was, except ``sci_mode``.

    Args:
        precision: digits after the point (4).
        threshold: a tensor of more elements than this is summarised (1000).
        edgeitems: elements shown at each end of a summarised dimension (3).
        linewidth: columns before a line is broken (80).
        profile: ``"default"``, ``"short"`` or ``"full"``; applied first, the other arguments after it.
        sci_mode: scientific notation always (True), never (False) or where the values ask for it (None,
            also when the argument is left out, as in PyTorch).

    Example:
        >>> import steepest as torch
        >>> torch.set_printoptions(precision=2)
        >>> torch.tensor([1.12345])
        tensor([1.12])
        >>> torch.set_printoptions(profile="default")
        >>> torch.tensor([1.12345])
        tensor([1.1235])
    """
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    _options.update(_PROFILES.get(profile, {}))
    _options.update((name, value) for name, value in given.items() if value is not None)
    _options["sci_mode"] = sci_mode


def get_printoptions():
    """The current options as a dict that ``set_printoptions(**options)`` accepts.

    Example:
        >>> from steepest.printing import get_printoptions
        >>> get_printoptions()["edgeitems"]
        3
    """
    return dict(_options)


@contextlib.contextmanager
def printoptions(**options):
    """Print with other options inside a ``with`` block; the arguments are those of :func:`set_printoptions`.

    Example:
        >>> import steepest as torch
        >>> from steepest.printing import printoptions
        >>> with printoptions(precision=1):
        ...     print(torch.tensor([0.25, 0.5]))
        tensor([0.2, 0.5])
    """
    before = get_printoptions()
    set_printoptions(**options)
    try:
        yield
    finally:
        set_printoptions(**before)


def tensor_repr(tensor):
    """The text of ``repr(tensor)`` and ``str(tensor)``; reads the values only, never records anything."""
    kind = type(tensor)
    plain = kind is st.Tensor or kind is st.nn.Parameter
    prefix = "tensor(" if plain else f"{kind.__name__}("
    empty = tensor.numel() == 0
    body = "[]" if empty else _body(tensor, len(prefix))
    text = _with_suffixes(prefix + body, _suffixes(tensor, empty), len(prefix))
    return f"Parameter({text})" if not plain and isinstance(tensor, st.nn.Parameter) else text


def parameter_repr(parameter):
    """The text of ``repr(parameter)`` for an :class:`nn.Parameter`."""
    return "Parameter containing:\n" + tensor_repr(parameter)


def sparse_repr(tensor, names=("indices",)):
    """The text of a sparse tensor: its indices, of these names, and values as they are, coalesced or not."""
    indent, parts = len("tensor("), []
    indices, values = tensor._held
    for name, part in zip((*names, "values"), (*(indices if len(names) > 1 else [indices]), values.detach()), strict=True):
        prefix = f"{name}=tensor("
        body = _body(part, indent + len(prefix)) if part.numel() else f"[], size={tuple(part.shape)}"
        parts.append(f"{prefix}{body})")
    suffixes = [f"size={tuple(tensor.shape)}", f"nnz={tensor._nnz()}"]
    if not _dtype_is_implied(tensor.dtype, False):
        suffixes.append(f"dtype={tensor.dtype}")
    suffixes.append(f"layout={tensor.layout}")
    text = "tensor(" + (",\n" + " " * indent).join(parts)
    return _with_suffixes(text, [*suffixes, *_graph_suffixes(tensor)], indent, len(names) == 1)


def without_values_repr(tensor):
    """The text of a tensor of the device meta."""
    suffixes = ["device='meta'", f"size={tuple(tensor.shape)}"]
    if tensor.dtype is not st.get_default_dtype():
        suffixes.append(f"dtype={tensor.dtype}")
    return _with_suffixes("tensor(...", [*suffixes, *_graph_suffixes(tensor)], len("tensor("))


def dual_repr(primal, tangent):
    """The text of a dual tensor: its primal and its tangent, None where that is gone."""
    empty = primal.numel() == 0
    text, suffixes = "[]" if empty else _body(primal, len("tensor(")), _suffixes(primal, empty)
    if tangent is not None:
        suffixes.append(f"tangent={tangent}")
    return _with_suffixes("tensor(" + text, suffixes, len("tensor("))


def tensor_format(tensor, spec):
    """The text of ``format(tensor, spec)``: a 0-d tensor is formatted as its Python number.

    Raises:
        TypeError: for a non-empty ``spec`` and a tensor that has dimensions, or a subclass of Tensor.
    """
    if tensor.dim() == 0 and type(tensor) is st.Tensor:
        return tensor.item().__format__(spec)
    return object.__format__(tensor, spec)


def _suffixes(tensor, empty):
    """What follows the values, in PyTorch's order: size, dtype, then how the tensor takes part in autograd."""
    suffixes = []
    if (empty and tensor.dim() != 1) or (not empty and not _options["edgeitems"]):
        suffixes.append(f"size={tuple(tensor.shape)}")
    if not _dtype_is_implied(tensor.dtype, empty):
        suffixes.append(f"dtype={tensor.dtype}")
    return suffixes + _graph_suffixes(tensor)


def _graph_suffixes(tensor):
    try:
        node = tensor.grad_fn
    except RuntimeError:
        # A view made and then written to under no_grad has no history to show, and says so when asked.
        return ["grad_fn=<Invalid>"]
    if node is not None:
        return [f"grad_fn=<{type(node).__name__}>"]
    return ["requires_grad=True"] if tensor.requires_grad else []


def _dtype_is_implied(dtype, empty):
    """Whether a reader would guess the dtype from the values; an empty tensor shows no values to guess from."""
    default = st.get_default_dtype()
    if dtype == default:
        return True
    if empty:
        return False
    name = str(dtype)
    default_complex = "torch.complex128" if str(default) == "torch.float64" else "torch.complex64"
    return name in ("torch.int64", "torch.bool", default_complex)


def _with_suffixes(text, suffixes, indent, on_new_line=False):
    # PyTorch counts one column too many for the line it starts from; line breaks depend on it.
    column = len(text) - text.rfind("\n") + 1
    parts = [text]
    for k, suffix in enumerate(suffixes):
        if (on_new_line and k == 0) or column + len(suffix) + 2 > _options["linewidth"]:
            parts.append(",\n" + " " * indent + suffix)
            column = indent + len(suffix)
        else:
            parts.append(", " + suffix)
            column += len(suffix) + 2
    parts.append(")")
    return "".join(parts)


def _body(tensor, indent):
    summarise = tensor.numel() > _options["threshold"]
    if tensor.dim() == 0:
        return _cells([tensor.item()], tensor.dtype)[0][0]
    if summarise and not _options["edgeitems"]:
        return "[...]"
    edge = _options["edgeitems"] if summarise else math.inf
    cells, width = _cells(_shown_values(tensor, edge), tensor.dtype)
    columns = max(1, math.floor((_options["linewidth"] - indent - tensor.dim() + 1) / (width + 2)))
    return _nested(tuple(tensor.shape), edge, iter(cells), columns, indent)


def _shown_values(tensor, edge):
    """The values that are printed, in order, as Python numbers."""
    if edge == math.inf:
        values = tensor.tolist()
        for _ in range(tensor.dim() - 1):
            values = list(itertools.chain.from_iterable(values))
        return values
    values = tensor.detach()
    for dim, n in enumerate(values.shape):
        if n > 2 * edge:
            values = st.cat((values.narrow(dim, 0, edge), values.narrow(dim, n - edge, edge)), dim)
    return values.flatten().tolist()


def _nested(shape, edge, cells, columns, indent):
    """Brackets, commas and line breaks around ``cells``, an iterator over the formatted values in order."""
    size = shape[0]
    cut = size > 2 * edge
    count = 2 * edge if cut else size
    if len(shape) == 1:
        items = list(itertools.islice(cells, count))
        if cut:
            items.insert(edge, " ...")
        lines = [", ".join(items[i : i + columns]) for i in range(0, len(items), columns)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    items = [_nested(shape[1:], edge, cells, columns, indent + 1) for _ in range(count)]
    if cut:
        items.insert(edge, "...")
    return "[" + ("," + "\n" * (len(shape) - 1) + " " * (indent + 1)).join(items) + "]"


def _cells(values, dtype):
    """The text of each value and the width that PyTorch reckons for one (some texts may be wider)."""
    if dtype.is_floating_point:
        return _float_cells(values)
    if dtype.is_complex:
        reals, real_width = _float_cells([value.real for value in values])
        imags, imag_width = _float_cells([value.imag for value in values])
        pairs = zip(reals, (imag.lstrip() for imag in imags))
        return [f"{re}{'' if im[0] in '+-' else '+'}{im}j" for re, im in pairs], real_width + imag_width + 1
    cells = [str(value) for value in values]
    width = max(map(len, cells))
    return [cell.rjust(width) for cell in cells], width


def _float_cells(values):
    """Floats share one notation: integers with a point, fixed, or scientific, chosen by the finite non-zero ones."""
    telling = [value for value in values if value and math.isfinite(value)]
    precision = _options["precision"]
    integral = all(value.is_integer() for value in telling)
    if telling and _scientific(telling):
        # Zeros and non-finite values take this notation too, but do not widen the column.
        spec, point = f".{precision}e", ""
    elif integral:
        spec, point = ".0f", "."
    else:
        spec, point = f".{precision}f", ""
    width = max((len(format(value, spec)) + len(point) for value in telling), default=1)
    return [(format(v, spec) + (point if math.isfinite(v) else "")).rjust(width) for v in values], width


def _scientific(telling):
    if _options["sci_mode"] is not None:
        return _options["sci_mode"]
    sizes = [abs(value) for value in telling]
    smallest, largest = min(sizes), max(sizes)
    return largest / smallest > 1000.0 or largest > 1.0e8 or smallest < 1.0e-4
