"""One transform at work: its fresh tensors, gradients by them, and what of the results those outside can differentiate."""

import functools

from .. import _C, zeros_like
from .._C import Tensor
from ..autograd import open_maps
from ..utils._pytree import tree_flatten, tree_unflatten
from ._batch_gradients import everywhere, gradient_rows, gradients, maps_of, with_values
from ._batches import plain

__all__ = ["FEW", "Level", "Tangents", "checked_argnums", "output_and_aux", "picked"]


FEW = 1 << 14  # numbers that are rather repeated for each element than met by a pass for each


class Level:
    """A context in which everything is recorded, whatever the mode outside. See Note [Levels]."""

    def __init__(self):
        self.own = []  # leaves made here

    def __enter__(self):
        self.inference, self.outside = _C.is_inference_mode_enabled(), _C.is_grad_enabled()
        if self.inference:
            _C._set_inference_mode(False)
        _C._set_grad_enabled(True)
        return self

    def __exit__(self, *_error):
        if self.inference:
            _C._set_inference_mode(True)
        _C._set_grad_enabled(self.outside)

    def fresh(self, x, maps):
        """A tensor of x's values to differentiate by, with x's history where those outside record."""
        if not isinstance(x, Tensor):
            raise ValueError(f"Thing passed to transform API must be Tensor, got {type(x)}")
        x = everywhere(x, maps)
        if x.requires_grad and self.outside:
            return x.view_as(x)
        return self.leaf(x.clone() if plain(x).is_inference() else x)

    def leaf(self, x):
        leaf = plain(x).detach().requires_grad_()
        self.own.append(leaf)
        return with_values(x, leaf)

    def call(self, func, args, kwargs, argnums, vectors=()):
        """(what func returns, the fresh tensors in the place of the arguments chosen, their structure); argnums None chooses all.

        Within vmap the fresh tensors have the elements that the call's tensors have, and, where they are small, those of the vectors that
        its derivative will be multiplied with.
        """
        flat, spec = tree_flatten(args if argnums is None else picked(args, argnums))
        maps = self.maps((func, args, kwargs), flat, vectors) if open_maps.list else []
        fresh = [self.fresh(x, maps) for x in flat]
        renewed = tree_unflatten(fresh, spec)
        if argnums is not None:
            places = checked_argnums(argnums, len(args))
            chosen = dict(zip(places, renewed if isinstance(argnums, tuple) else (renewed,), strict=True))
            renewed = tuple(chosen.get(i, arg) for i, arg in enumerate(args))
        return func(*renewed, **kwargs), fresh, spec

    def maps(self, call, inputs, vectors):
        """The open maps, the outermost first, in which the inputs have elements of their own."""
        found = maps_of(call)
        size = sum(x.numel() for x in inputs if isinstance(x, Tensor))
        found |= {m for m in maps_of(vectors) if m.size * size <= FEW}
        return [m for m in open_maps.list if m in found]

    def watched(self, tensors):
        """Whether those outside record, and would differentiate one of the tensors."""
        return self.outside and self.leads_elsewhere(tensors)

    def leads_elsewhere(self, tensors):
        """Whether the graph of one of the tensors has leaves besides those made here."""
        return any(_C._lead_elsewhere([*map(plain, tensors)], self.own))

    def gradients(self, outputs, inputs, vectors=None, retain_graph=True, create_graph=False):
        """Gradients of the outputs that require any, zero where nothing leads to an input."""
        asked = [i for i, y in enumerate(outputs) if y.requires_grad]
        if not asked:
            return tuple(map(zeros_like, inputs))
        vectors = vectors and [vectors[i] for i in asked]
        grads = gradients([outputs[i] for i in asked], inputs, vectors, retain_graph, create_graph, True, False)
        return tuple(zeros_like(x) if g is None else g for g, x in zip(grads, inputs, strict=True))

    def leave(self, tree):
        """The tensors of a tree as those outside see them."""
        flat, spec = tree_flatten(tree)
        for x in flat:
            if not isinstance(x, Tensor):
                raise RuntimeError(f"Expected tensors, got unsupported type {type(x)}")
        if not any(x.requires_grad for x in flat):
            return tree
        kept = _C._lead_elsewhere([*map(plain, flat)], self.own) if self.outside else (False,) * len(flat)
        return tree_unflatten([x if keep or not x.requires_grad else x.detach() for x, keep in zip(flat, kept, strict=True)], spec)


class Tangents:
    """Products of the Jacobian of outputs by inputs and vectors, by a second reverse pass over a first, which is taken when needed."""

    def __init__(self, level, outputs, inputs):
        self.level, self.outputs, self.inputs = level, outputs, inputs

    @functools.cached_property
    def first(self):
        """(the gradients that the first pass starts from, those that it gives, whether those outside would differentiate these)."""
        asked = [y for y in self.outputs if y.requires_grad]
        starts = [self.level.leaf(zeros_like(y)) for y in asked]
        found = self.level.gradients(asked, self.inputs, starts, create_graph=True)
        return starts, found, self.level.watched(found)

    def along(self, vectors):
        """The products, one an output."""
        starts, found, watched = self.first
        pairs = [(g, v) for g, v in zip(found, vectors, strict=True) if g.requires_grad]
        products = (None,) * len(starts)
        if pairs:
            record = watched or (self.level.outside and any(v.requires_grad for _, v in pairs))
            products = gradients([g for g, _ in pairs], starts, [v for _, v in pairs], True, record, True, False)
        return [zeros_like(y) if part is None else part for part, y in zip(self._placed(products), self.outputs, strict=True)]

    def _placed(self, products):
        products = iter(products)
        return [next(products) if y.requires_grad else None for y in self.outputs]

    def rows(self, batch, which):
        """For each output the products with each row of a batch of vectors for the input of this number, or None where all are zero."""
        starts, found, watched = self.first
        if not found[which].requires_grad:
            return [None] * len(self.outputs)
        return self._placed(gradient_rows([found[which]], starts, [batch], watched))


def checked_argnums(argnums, n):
    """The places of the arguments chosen, counted from the front; RuntimeError for what are no places of n arguments."""
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    places = []
    for k in argnums if isinstance(argnums, tuple) else (argnums,):
        if not isinstance(k, int):
            raise RuntimeError(f"argnum must be int, got: {type(k)}")
        if not -n <= k < n:
            raise RuntimeError(f"Got argnum={k}, but only {n} positional inputs")
        places.append(k % n)
    if not places:
        raise RuntimeError("argnums must be non-empty")
    if len(set(places)) != len(places):
        raise RuntimeError(f"argnums elements must be unique, got {tuple(places)}")
    return places


def picked(args, argnums):
    """The argument chosen, or a tuple of those chosen."""
    chosen = tuple(args[k] for k in checked_argnums(argnums, len(args)))
    return chosen if isinstance(argnums, tuple) else chosen[0]


def output_and_aux(result, has_aux, function):
    """(output, aux) of what a function returned."""
    if not has_aux:
        return result, None
    if not (isinstance(result, tuple) and len(result) == 2):
        raise RuntimeError(f"{function}: output of function f should be a tuple: (output, aux) if has_aux is True")
    return result
