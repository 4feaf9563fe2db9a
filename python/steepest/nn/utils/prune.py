"""Pruning: parameters held at zero by masks, which a forward pre-hook applies.

A pruned parameter ``weight`` becomes the parameter ``weight_orig``, the buffer ``weight_mask`` and the plain attribute
``weight``, their product. Magnitudes as the measure: Han et al. 2015, arXiv:1506.02626.
"""

import abc
import numbers

from ... import cat, kthvalue, ones_like, rand, rand_like, topk, zeros_like

__all__ = [
    "BasePruningMethod",
    "CustomFromMask",
    "Identity",
    "L1Unstructured",
    "LnStructured",
    "PruningContainer",
    "RandomStructured",
    "RandomUnstructured",
    "custom_from_mask",
    "global_unstructured",
    "identity",
    "is_pruned",
    "l1_unstructured",
    "ln_structured",
    "random_structured",
    "random_unstructured",
    "remove",
]


def _check_amount(amount):
    if not isinstance(amount, numbers.Real):
        raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
    whole = isinstance(amount, numbers.Integral)
    if amount < 0 or (not whole and amount > 1.0):
        raise ValueError(f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer")


def _how_many(amount, size):
    """A share of `size`, or a number up to it."""
    if not isinstance(amount, numbers.Integral):
        return round(amount * size)
    if amount > size:
        raise ValueError(f"amount={amount} should be smaller than the number of parameters to prune={size}")
    return amount


def _check_structure(t, dim):
    if t.dim() <= 1:
        raise ValueError(
            "Structured pruning can only be applied to multidimensional tensors. "
            f"Found tensor of shape {t.shape} with {t.dim()} dims"
        )
    if dim >= t.dim():
        raise IndexError(f"Invalid index {dim} for tensor of size {t.shape}")


def _along(t, dim, index):
    """The index of some channels of a dimension."""
    place = [slice(None)] * t.dim()
    place[dim] = index
    return tuple(place)


def _hook(module, name):
    """(its key, the pruning of this parameter), or (None, None)."""
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name:
            return key, hook
    return None, None


class BasePruningMethod(abc.ABC):
    """What a way of pruning derives from: it states ``PRUNING_TYPE`` and ``compute_mask``."""

    _tensor_name: str

    def __call__(self, module, inputs):
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abc.abstractmethod
    def compute_mask(self, t, default_mask):
        """The mask for a tensor of importances `t`, where `default_mask` has already been applied."""

    def apply_mask(self, module):
        """The original parameter times its mask."""
        if self._tensor_name is None:
            raise AssertionError(f"Module {module} has to be pruned")
        original = getattr(module, self._tensor_name + "_orig")
        return getattr(module, self._tensor_name + "_mask").to(original.dtype) * original

    @classmethod
    def apply(cls, module, name, *args, importance_scores=None, **kwargs):
        """Prunes the parameter `name` of a module, on top of what has been pruned before."""
        method = cls(*args, **kwargs)
        method._tensor_name = name
        key, before = _hook(module, name)
        if before is not None:
            container = PruningContainer(before) if not isinstance(before, PruningContainer) else before
            container.add_pruning_method(method)
            method = container
        original = getattr(module, name + "_orig" if before is not None else name)
        scores = getattr(module, name) if importance_scores is None else importance_scores  # with zeros where it is pruned
        if scores.shape != original.shape:
            raise AssertionError(
                f"importance_scores should have the same shape as parameter {name} of {module}, "
                f"got {scores.shape} vs {original.shape}"
            )
        default = getattr(module, name + "_mask") if before is not None else ones_like(original)
        mask = method.compute_mask(scores.detach(), default_mask=default.detach())
        if before is None:
            del module._parameters[name]
            module.register_parameter(name + "_orig", original)
        else:
            del module._forward_pre_hooks[key]
        module.register_buffer(name + "_mask", mask)
        setattr(module, name, method.apply_mask(module))
        module.register_forward_pre_hook(method)
        return method

    def prune(self, t, default_mask=None, importance_scores=None):
        """A pruned copy of a tensor."""
        scores = t if importance_scores is None else importance_scores
        if scores.shape != t.shape:
            raise AssertionError("importance_scores should have the same shape as tensor t")
        return t * self.compute_mask(scores, default_mask=ones_like(t) if default_mask is None else default_mask)

    def remove(self, module):
        """Makes the pruning permanent: the parameter has its name again, and zeros."""
        name = self._tensor_name
        pruned = self.apply_mask(module)
        if hasattr(module, name):
            delattr(module, name)
        original = module._parameters.pop(name + "_orig")
        original.data = pruned.data
        del module._buffers[name + "_mask"]
        setattr(module, name, original)


class PruningContainer(BasePruningMethod):
    """Several prunings of one parameter; each sees what the ones before have left."""

    def __init__(self, *args):
        self._pruning_methods = ()
        first, *others = args if not isinstance(args[0], (list, tuple)) else args[0]
        self._tensor_name = first._tensor_name
        for method in (first, *others):
            self.add_pruning_method(method)

    def add_pruning_method(self, method):
        """Appends a pruning of the same parameter."""
        if not isinstance(method, BasePruningMethod) and method is not None:
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if method is not None and self._tensor_name != method._tensor_name:
            raise ValueError(
                "Can only add pruning methods acting on the parameter named "
                f"'{self._tensor_name}' to PruningContainer {self}. Found '{method._tensor_name}'"
            )
        self._pruning_methods += (method,)

    def __len__(self):
        return len(self._pruning_methods)

    def __iter__(self):
        return iter(self._pruning_methods)

    def __getitem__(self, idx):
        return self._pruning_methods[idx]

    def compute_mask(self, t, default_mask):
        """The mask of the last pruning, within what `default_mask` leaves."""
        method = self._pruning_methods[-1]
        mask = default_mask.clone()
        if method.PRUNING_TYPE == "unstructured":
            left = mask == 1
        elif method.PRUNING_TYPE == "structured":
            others = [d for d in range(t.dim()) if d != method.dim % t.dim()]
            left = _along(t, method.dim, mask.sum(dim=others) != 0)
        elif method.PRUNING_TYPE == "global":
            left = (slice(None),) * t.dim()
        else:
            raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
        mask[left] = method.compute_mask(t[left], default_mask=mask[left]).to(mask.dtype)
        return mask


class Identity(BasePruningMethod):
    """Prunes nothing, but makes the mask."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        return default_mask


class _Amount(BasePruningMethod):
    def __init__(self, amount):
        _check_amount(amount)
        self.amount = amount


class RandomUnstructured(_Amount):
    """Prunes elements drawn at random."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        n = _how_many(self.amount, t.nelement())
        mask = default_mask.clone()
        if n != 0:
            mask.view(-1)[topk(rand_like(t).view(-1), k=n).indices] = 0
        return mask


class L1Unstructured(_Amount):
    """Prunes the elements of the least magnitude."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        n = _how_many(self.amount, t.nelement())
        mask = default_mask.clone()
        if n != 0:
            mask.view(-1)[topk(t.abs().view(-1), k=n, largest=False).indices] = 0
        return mask


class RandomStructured(_Amount):
    """Prunes channels along `dim` drawn at random."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount, dim=-1):
        super().__init__(amount)
        self.dim = dim

    def compute_mask(self, t, default_mask):
        _check_structure(t, self.dim)
        n = _how_many(self.amount, t.shape[self.dim])
        if n == 0:
            return default_mask
        draws = rand(t.shape[self.dim])
        mask = zeros_like(t)
        mask[_along(t, self.dim, draws > kthvalue(draws, k=n).values)] = 1
        return mask * default_mask.to(mask.dtype)


class LnStructured(_Amount):
    """Prunes the channels along `dim` of the least norm of order `n`."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount, n, dim=-1):
        super().__init__(amount)
        self.n, self.dim = n, dim

    def compute_mask(self, t, default_mask):
        _check_structure(t, self.dim)
        channels = t.shape[self.dim]
        n = _how_many(self.amount, channels)
        if n == 0:
            return default_mask
        others = [d for d in range(t.dim()) if d != self.dim % t.dim()]
        kept = topk(t.norm(p=self.n, dim=others), k=channels - n, largest=True).indices
        mask = zeros_like(t)
        mask[_along(t, self.dim, kept)] = 1
        return mask * default_mask.to(mask.dtype)


class CustomFromMask(BasePruningMethod):
    """Prunes what a mask of the caller's says."""

    PRUNING_TYPE = "global"

    def __init__(self, mask):
        self.mask = mask

    def compute_mask(self, t, default_mask):
        if default_mask.shape != self.mask.shape:
            raise AssertionError("default_mask and self.mask should have the same shape")
        return default_mask * self.mask.to(dtype=default_mask.dtype)


def identity(module, name):
    """Gives a parameter a mask of ones; returns the module."""
    Identity.apply(module, name)
    return module


def random_unstructured(module, name, amount):
    """Prunes elements drawn at random: a share (float) or a number (int) of them; returns the module."""
    RandomUnstructured.apply(module, name, amount=amount)
    return module


def l1_unstructured(module, name, amount, importance_scores=None):
    """Prunes the elements of the least magnitude, or score: a share (float) or a number (int); returns the module.

    Example::

        >>> import steepest as torch
        >>> m = torch.nn.Linear(2, 2, bias=False)
        >>> m.weight.data = torch.tensor([[1.0, -4.0], [3.0, 2.0]])
        >>> torch.nn.utils.prune.l1_unstructured(m, "weight", amount=0.5).weight_mask
        tensor([[0., 1.],
                [1., 0.]])
    """
    L1Unstructured.apply(module, name, amount=amount, importance_scores=importance_scores)
    return module


def random_structured(module, name, amount, dim):
    """Prunes channels along `dim` drawn at random; returns the module."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module, name, amount, n, dim, importance_scores=None):
    """Prunes the channels along `dim` of the least norm of order `n`; returns the module."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module, name, mask):
    """Prunes what `mask` has zeros for; returns the module."""
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(parameters, pruning_method, importance_scores=None, **kwargs):
    """Prunes parameters, an iterable of (module, name), as if they were one vector."""
    parameters = list(parameters)
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")

    def value(key, suffix=""):
        return getattr(key[0], key[1] + suffix, None)

    flat = cat([scores.get(key, value(key)).reshape(-1) for key in parameters]).detach()
    masks = [value(key, "_mask") if value(key, "_mask") is not None else ones_like(value(key)) for key in parameters]
    container = PruningContainer(_named(Identity(), "temp"), _named(pruning_method(**kwargs), "temp"))
    if container[-1].PRUNING_TYPE != "unstructured":
        raise TypeError(
            'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. '
            f"Found method {pruning_method} of type {container[-1].PRUNING_TYPE}"
        )
    mask = container.compute_mask(flat, cat([m.detach().reshape(-1) for m in masks]))
    for key, part in zip(parameters, mask.split([m.numel() for m in masks])):
        custom_from_mask(*key, part.view_as(value(key)))


def _named(method, name):
    method._tensor_name = name
    return method


def remove(module, name):
    """Makes the pruning of a parameter permanent; returns the module, or raises ValueError where there is none."""
    key, hook = _hook(module, name)
    if hook is None:
        raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")
    hook.remove(module)
    del module._forward_pre_hooks[key]
    return module


def is_pruned(module):
    """Whether a parameter of the module, or of one within it, is pruned."""
    return any(isinstance(hook, BasePruningMethod) for m in module.modules() for hook in m._forward_pre_hooks.values())
