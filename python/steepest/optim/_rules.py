"""RuleOptimizer: an optimizer whose whole update is one pass in C++, and the contract of that pass.

Note [The contract of a rule's step]

``_C._optim_rules[rule]`` are two methods, which become ``step`` and ``_update`` of the class that names
the rule. Both update every parameter that has a gradient, group by group. They read ``p.grad``
themselves, record nothing for autograd (whatever the grad mode is) and raise the version of what they
write by one. ``step`` looks for hooks and a closure first, and where there are any leaves the rest to
``_step_between_hooks``.

The options of a rule are read from the parameter group and its state from ``state[p]`` at every step
(nothing is cached, so programs may replace entries). What is missing or None there is made, in the
order of the table. New tensors have the shape and dtype of the parameter, except those in brackets:
0-d, float32, or float64 if that is the default dtype.

========  ========================================  =================================================
rule      options, besides lr, maximize             state, in this order
========  ========================================  =================================================
sgd       momentum dampening weight_decay nesterov  momentum_buffer (momentum != 0)
adam      betas eps weight_decay amsgrad            [step] exp_avg exp_avg_sq max_exp_avg_sq (amsgrad)
          decoupled_weight_decay
rmsprop   alpha eps weight_decay momentum centered  [step] square_avg momentum_buffer (momentum > 0)
                                                    grad_avg (centered)
adagrad   lr_decay weight_decay eps                 [step] sum
          initial_accumulator_value
adadelta  rho eps weight_decay                      [step] square_avg acc_delta
adamax    betas eps weight_decay                    [step] exp_avg exp_inf
nadam     betas eps weight_decay momentum_decay     [step mu_product] exp_avg exp_avg_sq
          decoupled_weight_decay
radam     betas eps weight_decay                    [step] exp_avg exp_avg_sq
          decoupled_weight_decay
rprop     etas step_sizes                           [step] prev step_size
asgd      lambd alpha t0 weight_decay               [step eta mu] ax
========  ========================================  =================================================

Everywhere: ``g = p.grad``, negated if maximize; if weight_decay != 0, ``g += weight_decay * p``, or
where decoupled ``p *= 1 - lr * weight_decay`` first. New state starts at 0, ``sum`` at
initial_accumulator_value, ``step_size`` and ``eta`` at lr, ``mu`` and ``mu_product`` at 1, and
``momentum_buffer`` of sgd, in the step that makes it, at g. ``step`` counts up before it is used.
Scalars are computed in double and rounded to the parameter's dtype where they meet a tensor; each
``a + s * b`` is one fused multiply-add where PyTorch has one (add with alpha, addcmul, addcdiv, lerp).
float16 and bfloat16 are computed in float32 and rounded at the end of the step.

sgd (Sutskever et al. 2013)::

    if momentum != 0:
        b = momentum * b + (1 - dampening) * g          (not in the step that makes b)
        g = g + momentum * b  if nesterov else  b
    p = p - lr * g

adam (Kingma & Ba 2014, arXiv:1412.6980; amsgrad: Reddi et al. 2018; decoupled: Loshchilov & Hutter
2017, arXiv:1711.05101)::

    m = m + (1 - beta1) * (g - m)                       (lerp)
    v = beta2 * v + (1 - beta2) * g * g
    if amsgrad:  w = max(w, v)                          (else w is v)
    p = p - lr / (1 - beta1**step) * m / (sqrt(w) / sqrt(1 - beta2**step) + eps)

rmsprop (Hinton 2012, lecture 6; centered: Graves 2013, arXiv:1308.0850)::

    s = alpha * s + (1 - alpha) * g * g
    if centered:  a = a + (1 - alpha) * (g - a);  d = sqrt(s - a * a) + eps
    else:         d = sqrt(s) + eps
    if momentum > 0:  b = momentum * b + g / d;  p = p - lr * b
    else:             p = p - lr * g / d

adagrad (Duchi et al. 2011)::

    s = s + g * g
    p = p - lr / (1 + (step - 1) * lr_decay) * g / (sqrt(s) + eps)

adadelta (Zeiler 2012, arXiv:1212.5701)::

    s = rho * s + (1 - rho) * g * g
    d = sqrt(a + eps) / sqrt(s + eps) * g
    a = rho * a + (1 - rho) * d * d
    p = p - lr * d

adamax (Kingma & Ba 2014), with m as in adam::

    u = max(beta2 * u, abs(g) + eps)
    p = p - lr / (1 - beta1**step) * m / u

nadam (Dozat 2016), with m and v as in adam and ``mu(t) = beta1 * (1 - 0.96**(t * momentum_decay) / 2)``::

    mu_product = mu_product * mu(step)
    d = sqrt(v / (1 - beta2**step)) + eps
    p = p - lr * (1 - mu(step)) / (1 - mu_product) * g / d
    p = p - lr * mu(step + 1) / (1 - mu_product * mu(step + 1)) * m / d

radam (Liu et al. 2019, arXiv:1908.03265), with m and v as in adam::

    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * step * beta2**step / (1 - beta2**step)
    d = lr * m / (1 - beta1**step)
    if length > 5:
        d *= sqrt(1 - beta2**step) / (sqrt(v) + eps)
        d *= sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    p = p - d

rprop (Riedmiller & Braun 1993); where the gradient changed its sign, this step is skipped::

    step_size = clamp(step_size * (etas[1] if g * prev > 0 else etas[0] if g * prev < 0 else 1), *step_sizes)
    g = 0 if g * prev < 0 else g
    p = p - sign(g) * step_size;  prev = g

asgd (Polyak & Juditsky 1992)::

    p = p * (1 - lambd * eta) - eta * g
    ax = ax + mu * (p - ax)
    eta = lr / (1 + lambd * lr * step)**alpha;  mu = 1 / max(1, step - t0)

Errors, before anything of a group is changed: RuntimeError where a parameter is not floating-point or a
gradient or state has another shape or dtype than its parameter.
"""

from .. import _C, enable_grad
from . import optimizer
from .optimizer import Optimizer


class RuleOptimizer(Optimizer):
    """An optimizer that names its rule, and so gets ``step``."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "_rule" in cls.__dict__:
            cls.step, cls._update = _C._optim_rules[cls._rule]

    def _step_between_hooks(self, closure):
        return optimizer.run_step(type(self)._step_after_closure, self, closure)

    def _sparse_step(self, group, parameters):
        """The step of the parameters that have sparse gradients."""
        raise RuntimeError(f"{type(self).__name__} does not support sparse gradients")

    def _step_after_closure(self, closure=None):
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        self._update()
        return loss


def check_common(lr, foreach, fused, differentiable):
    """The checks that PyTorch's optimizers share."""
    if getattr(lr, "numel", lambda: 1)() != 1:
        raise ValueError("Tensor lr must be 1-element")
    check_not_negative("learning rate", lr)
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")


def check_not_negative(what, value):
    """ValueError unless `value` >= 0; NaN is refused too."""
    if not value >= 0.0:
        raise ValueError(f"Invalid {what}: {value}")


def check_betas(betas):
    """ValueError unless both of `betas` are in [0, 1)."""
    for place, beta in enumerate(betas[:2]):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {place}: {beta}")
