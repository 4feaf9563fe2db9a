"""RuleOptimizer: an optimizer whose whole update is one pass in C++, and the contract of that pass.

Note [The contract of _optim_step]

``_C._optim_step(rule, params, state, numbers) -> None`` updates every tensor of ``params``, a list,
that has a gradient. It reads ``p.grad`` itself, skips parameters where it is None, records nothing
for autograd (whatever the grad mode is) and raises the version of what it writes by one.

``state`` is the optimizer's ``state``: a dict from parameter to a dict from name to tensor. The pass
looks the names below up in it at every step (nothing is cached, so programs may replace entries) and
makes those that are missing or None, in the order of the table: ``state[p]`` has to be read with
``PyObject_GetItem``, since the outer dict is a defaultdict. New tensors have the shape and dtype of
the parameter, except ``step``: 0-d, float32, or float64 if that is the default dtype.

``numbers`` is a tuple; each entry is a float, an int, a bool or a tensor of one element.

=======  ==========================================================================  ====================
rule     numbers                                                                     state, in this order
=======  ==========================================================================  ====================
sgd      lr momentum dampening weight_decay nesterov maximize                        momentum_buffer
                                                                                     (momentum != 0)
adam     lr beta1 beta2 eps weight_decay amsgrad maximize decoupled                  step exp_avg exp_avg_sq
                                                                                     max_exp_avg_sq (amsgrad)
rmsprop  lr alpha eps weight_decay momentum centered maximize                        step square_avg
                                                                                     momentum_buffer (momentum > 0)
                                                                                     grad_avg (centered)
adagrad  lr lr_decay weight_decay eps initial_accumulator_value maximize             step sum
=======  ==========================================================================  ====================

Everywhere: ``g = p.grad``, negated if maximize; if weight_decay != 0, ``g += weight_decay * p``
(not for adam with decoupled). New state starts at 0, ``sum`` at initial_accumulator_value, and
``momentum_buffer`` of sgd, in the step that makes it, at g. ``step`` counts up before it is used.
Scalars are computed in double and rounded to the parameter's dtype where they meet a tensor; each
``a + s * b`` is one fused multiply-add where PyTorch has one (add with alpha, addcmul, addcdiv, lerp).

sgd (Sutskever et al. 2013)::

    if momentum != 0:
        b = momentum * b + (1 - dampening) * g          (not in the step that makes b)
        g = g + momentum * b  if nesterov else  b
    p = p - lr * g

adam (Kingma & Ba 2014, arXiv:1412.6980; amsgrad: Reddi et al. 2018; decoupled: Loshchilov & Hutter
2017, arXiv:1711.05101)::

    if decoupled and weight_decay != 0:  p = p * (1 - lr * weight_decay)
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

Errors, before anything is changed: RuntimeError where a parameter is not floating-point or a gradient
or state has another shape or dtype than its parameter.
"""

from .. import _C, enable_grad
from . import optimizer
from .optimizer import Optimizer

_optim_step = _C._optim_step


class RuleOptimizer(Optimizer):
    """An optimizer that names its rule and lists the rule's numbers; ``step`` is written once, here."""

    _rule: str

    @staticmethod
    def _numbers(group):
        """The numbers of the rule, from a parameter group."""
        raise NotImplementedError

    def step(self, closure=None):
        """Update all parameters that have gradients.

        ``closure``, if given, is called first, with gradients recorded: it computes the loss anew
        and returns it, and so does ``step``.
        """
        if (
            closure is not None
            or self._optimizer_step_pre_hooks
            or self._optimizer_step_post_hooks
            or optimizer.step_hooks_exist[0]
        ):
            return optimizer.run_step(type(self)._step_after_closure, self, closure)
        rule, state, numbers = self._rule, self.state, self._numbers
        for group in self.param_groups:
            if group["differentiable"]:
                _refuse_differentiable(self)
            _optim_step(rule, group["params"], state, numbers(group))
        return None

    step.hooked = True  # runs its hooks itself

    def _step_after_closure(self, closure=None):
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            if group["differentiable"]:
                _refuse_differentiable(self)
            _optim_step(self._rule, group["params"], self.state, self._numbers(group))
        return loss


def _refuse_differentiable(optimizer):
    raise NotImplementedError(
        f"{type(optimizer).__name__}.step: differentiable=True needs updates that autograd records; "
        "the fused update does not. Write the update with tensor operations instead."
    )


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
