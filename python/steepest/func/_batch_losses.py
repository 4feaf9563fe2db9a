"""Rules of batched tensors for losses: those of all elements are computed unreduced, and each element's reduced then."""

from ._batch_rules import each, pointwise, rule, signed

__all__ = ["loss"]

_BY_PAIR = frozenset(
    (
        "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div",
        "soft_margin_loss", "margin_ranking_loss", "hinge_embedding_loss", "poisson_nll_loss",
    )
)  # fmt: skip


@signed
def loss(func, m, signature, values):
    """Losses of pairs of elements in the same places."""
    if signature.name not in _BY_PAIR:
        return each(func, m, signature, values)
    reduction = values["reduction"]
    if reduction not in ("mean", "sum", "none"):
        return each(func, m, signature, values)
    values["reduction"] = "none"
    y = pointwise(func, m, (), values)
    return {"mean": y.mean, "sum": y.sum}[reduction]() if reduction != "none" else y


@rule("nll_loss", "cross_entropy")
@signed
def _classes(func, m, signature, values):
    x, target, reduction = values["input"], values["target"], values["reduction"]
    if values["weight"] is not None or not m.size or x.dim() == 0 or reduction not in ("mean", "sum", "none"):
        return each(func, m, signature, values)
    by_index = not target.is_floating_point()
    if x.dim() - target.dim() != by_index:
        return each(func, m, signature, values)
    alone = x.dim() == 1
    values["reduction"] = "none"
    for name in ("input", "target"):
        held = m.spread(values[name])
        values[name] = held if alone else held.flatten(0, 1)
    y = func(**values)
    y = m.wrap(y if alone else y.unflatten(0, (m.size, -1)))
    if reduction == "none":
        return y
    if reduction == "sum":
        return y.sum()
    if not by_index:
        return y.sum() / (1 if alone else x.shape[0] if x.dim() == 2 else y.numel())
    return y.sum() / (target != values["ignore_index"]).sum()
