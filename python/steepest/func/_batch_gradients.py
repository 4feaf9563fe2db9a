"""Gradients where batched tensors take part: one pass for all elements, as those of one depend on no other."""

import functools
import types

from .. import _C, stack
from .._C import Tensor
from ._batches import Batched

__all__ = ["everywhere", "gradient_rows", "gradients", "maps_of", "with_values"]


def maps_of(values, found=None):
    """The open maps that tensors have elements of, among the values, in their containers, and in what functions have from outside."""
    found = set() if found is None else found
    for value in values:
        if isinstance(value, Tensor):
            while type(value) is Batched:
                found.add(value._map)
                value = value._held
        elif isinstance(value, (tuple, list)):
            maps_of(value, found)
        elif isinstance(value, dict):
            maps_of(value.values(), found)
        elif isinstance(value, functools.partial):
            maps_of((value.func, value.args, value.keywords), found)
        elif isinstance(value, types.FunctionType) and value.__closure__ and value not in found:
            found.add(value)  # which may have itself from outside
            maps_of((cell.cell_contents for cell in value.__closure__ if cell != _EMPTY), found)
    return found


_EMPTY = types.CellType()


def everywhere(x, maps):
    """A tensor that has elements of all these maps, the outermost first, so that each has a gradient of its own."""
    if not maps:
        return x
    m = maps[-1]
    return m.wrap(everywhere(m.spread(x), maps[:-1]))


def with_values(x, values):
    """A tensor batched as x is, that holds other values within."""
    return x._map.wrap(with_values(x._held, values)) if type(x) is Batched else values


def gradients(outputs, inputs, vectors, *options):
    """What ``_C._grad`` gives, also for batched tensors; `options` are its others."""
    maps = [x._map for x in (*outputs, *inputs, *(vectors or ())) if type(x) is Batched]
    if not maps:
        return _C._grad(outputs, inputs, vectors, *options)
    m = max(maps, key=lambda m: m.depth)
    vectors = vectors or (None,) * len(outputs)
    if not any(map(m.has, (*outputs, *inputs))):
        batches = [m.spread(_C.ones_like(y) if v is None else v) for y, v in zip(outputs, vectors, strict=True)]
        return tuple(None if g is None else m.wrap(g) for g in gradient_rows(outputs, inputs, batches, options[1]))
    if not all(map(m.has, outputs)) or not all(map(m.has, inputs)):
        return _by_element(m, outputs, inputs, vectors, options)
    starts = [_start(m, y, v) for y, v in zip(outputs, vectors, strict=True)]
    found = gradients([y._held for y in outputs], [x._held for x in inputs], starts, *options)
    return tuple(None if g is None else m.wrap(g) for g in found)


def gradient_rows(outputs, inputs, batches, create_graph):
    """For each input, its gradients for each row of the batches, of which there is one an output; None where the outputs do not need it."""
    maps = [x._map for x in (*outputs, *inputs, *batches) if type(x) is Batched]
    if not maps:
        return _C._grad_rows(outputs, inputs, batches, create_graph)
    m = max(maps, key=lambda m: m.depth)
    if not all(map(m.has, outputs)) or not all(map(m.has, inputs)):
        rows = zip(*(b.unbind() for b in batches), strict=True)
        rows = [gradients(outputs, inputs, row, True, create_graph, True, False) for row in rows]
        return tuple(None if any(g is None for g in column) else stack(column) for column in zip(*rows, strict=True))
    held = [b._held.transpose(0, 1) if m.has(b) else b.unsqueeze(1).expand(len(b), m.size, *b.shape[1:]) for b in batches]
    found = gradient_rows([y._held for y in outputs], [x._held for x in inputs], held, create_graph)
    return tuple(None if g is None else m.wrap(g.transpose(0, 1)) for g in found)


def _start(m, y, v):
    if v is not None:
        if v.shape != y.shape:
            leaf = _C.zeros(y.shape, requires_grad=True)
            _C._grad([leaf.clone()], [leaf], [_C.zeros(v.shape)], False, False, False, False)  # says what does not fit
        return m.spread(v)
    if y.numel() != 1:
        raise RuntimeError("grad can be implicitly created only for scalar outputs")
    return _C.ones_like(y._held)


def _by_element(m, outputs, inputs, vectors, options):
    """Where some of the tensors are the same for all elements: their graph is walked for each."""
    (_, *others), rows = options, []
    for i in range(m.size):
        parts = [[x._held[i] if m.has(x) else x for x in tensors] for tensors in (outputs, vectors)]
        found = gradients(parts[0], [m.values(x) for x in inputs], parts[1], True, *others)
        rows.append([g[i] if g is not None and m.has(x) else g for g, x in zip(found, inputs, strict=True)])
    return tuple(None if any(g is None for g in column) else m.wrap(stack(column)) for column in zip(*rows, strict=True))
