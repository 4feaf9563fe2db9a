"""strong_wolfe: a step length that meets the strong Wolfe conditions (Nocedal & Wright 2006, algorithms 3.5 and 3.6)."""

from typing import Any, NamedTuple


class _Point(NamedTuple):
    """A step length with loss, gradient and slope there."""

    t: Any
    loss: Any
    grad: Any
    slope: Any


def _cubic_minimum(a, b, bounds=None):
    """The minimum, within `bounds`, of the cubic with the losses and slopes of two points; their middle if it has none."""
    low, high = bounds or ((a.t, b.t) if a.t <= b.t else (b.t, a.t))
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1**2 - a.slope * b.slope
    if square >= 0:
        d2 = square.sqrt()
        if a.t <= b.t:
            t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
        else:
            t = a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2))
        return min(max(t, low), high)
    return (low + high) / 2.0


def _ordered(bracket):
    """The places of the lower and the higher end."""
    return (0, 1) if bracket[0].loss <= bracket[-1].loss else (1, 0)


def strong_wolfe(evaluate, t, d, loss, grad, slope, c1=1e-4, c2=0.9, tolerance_change=1e-9, max_evaluations=25):
    """Loss, gradient and step length found along d, and the number of evaluations.

    ``evaluate(t)`` gives loss and gradient at step length t; `loss`, `grad`, `slope` are those at 0.
    """
    reach = d.abs().max()

    def look(t):
        new_loss, new_grad = evaluate(t)
        return _Point(t, new_loss, new_grad, new_grad.dot(d))

    def rises(point):
        return point.loss > loss + c1 * point.t * slope

    def is_flat(point):
        return abs(point.slope) <= -c2 * slope

    origin = previous = _Point(0, loss, grad.clone(), slope)
    point, evaluations, tries = look(t), 1, 0
    bracket, done = None, False
    while tries < max_evaluations:  # until two points have a minimum between them
        if rises(point) or (tries > 1 and point.loss >= previous.loss):
            bracket = [previous, point]
        elif is_flat(point):
            bracket, done = [point], True
        elif point.slope >= 0:
            bracket = [previous, point]
        if bracket:
            break
        bounds = (point.t + 0.01 * (point.t - previous.t), point.t * 10)
        t = _cubic_minimum(previous, point, bounds)
        previous, point = point, look(t)
        evaluations += 1
        tries += 1
    bracket = bracket or [origin, point]

    low, high = _ordered(bracket)
    stuck = False  # the last step hardly moved away from an end of the bracket
    while not done and tries < max_evaluations:
        if abs(bracket[1].t - bracket[0].t) * reach < tolerance_change:
            break
        t = _cubic_minimum(bracket[0], bracket[1])
        left, right = min(bracket[0].t, bracket[1].t), max(bracket[0].t, bracket[1].t)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            if stuck or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        point = look(t)
        evaluations += 1
        tries += 1
        if rises(point) or point.loss >= bracket[low].loss:
            bracket[high] = point
            low, high = _ordered(bracket)
        else:
            if is_flat(point):
                done = True
            elif point.slope * (bracket[high].t - bracket[low].t) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = point
    found = bracket[low]
    return found.loss, found.grad, found.t, evaluations
