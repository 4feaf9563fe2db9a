"""LBFGS: a quasi-Newton method that remembers a few of the last steps."""

from .. import cat, enable_grad, no_grad
from ._line_search import strong_wolfe
from .optimizer import Optimizer, _get_value

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    """Limited-memory BFGS (Nocedal 1980; Liu & Nocedal 1989), for losses that are the same in each evaluation.

    ``step(closure)`` makes up to ``max_iter`` iterations with up to ``max_eval`` (by default 5/4 of that)
    evaluations of the loss, until no gradient is larger than ``tolerance_grad`` or loss and parameters change by
    less than ``tolerance_change``. ``history_size`` is the number of steps remembered. ``line_search_fn`` is None,
    for steps of ``lr``, or "strong_wolfe". There is one parameter group.

    Raises ValueError for a negative lr and for more than one group.

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([3.0], requires_grad=True)
        >>> optimizer = torch.optim.LBFGS([w], line_search_fn="strong_wolfe")
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = ((w - 1) ** 2).sum()
        ...     loss.backward()
        ...     return loss
        >>> optimizer.step(closure)
        tensor(4., grad_fn=<SumBackward0>)
        >>> w
        tensor([1.], requires_grad=True)
    """

    def __init__(
        self,
        params,
        lr=1,
        max_iter=20,
        max_eval=None,
        tolerance_grad=1e-7,
        tolerance_change=1e-9,
        history_size=100,
        line_search_fn=None,
    ):
        if getattr(lr, "numel", lambda: 1)() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr >= 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    @property
    def _params(self):
        return self.param_groups[0]["params"]

    def _gather_flat_grad(self):
        parts = [p.new_zeros(p.numel()) if p.grad is None else p.grad.to_dense().reshape(-1) for p in self._params]
        return cat(parts, 0)

    def _add_grad(self, step_size, direction):
        offset = 0
        for p in self._params:
            p.add_(direction[offset : offset + p.numel()].view_as(p), alpha=step_size)
            offset += p.numel()

    def _evaluate(self, closure, start, t, d):
        """Loss and gradient at ``start + t * d``; the parameters are put back to `start`."""
        self._add_grad(t, d)
        loss = _get_value(closure())
        grad = self._gather_flat_grad()
        for p, value in zip(self._params, start):
            p.copy_(value)
        return loss, grad

    @no_grad()
    def step(self, closure):
        """Minimise for a while: ``closure`` computes the loss and its gradients anew each time it is called.

        Returns the loss at the start.
        """
        closure = enable_grad()(closure)
        group = self.param_groups[0]
        lr = group["lr"].squeeze() if getattr(group["lr"], "ndim", 0) else group["lr"]
        search, tolerance_change = group["line_search_fn"], group["tolerance_change"]
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        first_loss = closure()
        loss, evaluations = _get_value(first_loss), 1
        state["func_evals"] += 1
        grad = self._gather_flat_grad()
        flat = grad.abs().max() <= group["tolerance_grad"]
        if flat:
            return first_loss
        memory = _Memory(state, group["history_size"])
        for iteration in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            if state["n_iter"] == 1:
                d = memory.start(grad)
                t = min(1.0, 1.0 / grad.abs().sum()) * lr
            else:
                d = memory.direction(grad)
                t = lr
            memory.remember(grad, loss)
            slope = grad.dot(d)
            memory.d, memory.t = d, t
            if slope > -tolerance_change:
                break
            used = 0
            if search is not None:
                if search != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")
                start = [p.clone() for p in self._params]

                def evaluate(t, start=start, d=d):
                    return self._evaluate(closure, start, t, d)

                most = group["max_eval"] - evaluations
                loss, grad, t, used = strong_wolfe(evaluate, t, d, loss, grad, slope, max_evaluations=most)
                memory.t = t
            self._add_grad(t, d)
            if search is None and iteration != group["max_iter"]:
                loss = _get_value(closure())
                grad = self._gather_flat_grad()
                used = 1
            flat = grad.abs().max() <= group["tolerance_grad"]
            evaluations += used
            state["func_evals"] += used
            if (
                iteration == group["max_iter"]
                or evaluations >= group["max_eval"]
                or flat
                or d.mul(t).abs().max() <= tolerance_change
                or abs(loss - memory.prev_loss) < tolerance_change
            ):
                break
        memory.store(state)
        return first_loss


class _Memory:
    """The last steps and the changes of the gradient along them: what stands for the inverse Hessian."""

    KEPT = ("d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss")

    def __init__(self, state, size):
        self.size = size
        for name in self.KEPT:
            setattr(self, name, state.get(name))
        self.al = state.get("al")

    def store(self, state):
        """Write back to the optimizer's state, under PyTorch's names and in its order."""
        if self.al is not None:
            state["al"] = self.al
        for name in self.KEPT:
            state[name] = getattr(self, name)

    def start(self, grad):
        """The first direction, with nothing remembered: steepest descent."""
        self.old_dirs, self.old_stps, self.ro, self.H_diag = [], [], [], 1
        return grad.neg()

    def remember(self, grad, loss):
        """Note where a step begins."""
        if self.prev_flat_grad is None:
            self.prev_flat_grad = grad.clone()
        else:
            self.prev_flat_grad.copy_(grad)
        self.prev_loss = loss

    def _add_last_step(self, grad):
        change, step = grad.sub(self.prev_flat_grad), self.d.mul(self.t)
        curvature = change.dot(step)
        if not curvature > 1e-10:
            return
        if len(self.old_dirs) == self.size:
            for history in (self.old_dirs, self.old_stps, self.ro):
                history.pop(0)
        self.old_dirs.append(change)
        self.old_stps.append(step)
        self.ro.append(1.0 / curvature)
        self.H_diag = curvature / change.dot(change)

    def direction(self, grad):
        """Minus the approximate inverse Hessian times the gradient, by the two-loop recursion."""
        self._add_last_step(grad)
        if self.al is None:
            self.al = [None] * self.size
        q = grad.neg()
        for i in reversed(range(len(self.old_dirs))):
            self.al[i] = self.old_stps[i].dot(q) * self.ro[i]
            q.add_(self.old_dirs[i], alpha=-self.al[i])
        d = q.mul(self.H_diag)
        for i, (change, step) in enumerate(zip(self.old_dirs, self.old_stps)):
            d.add_(step, alpha=self.al[i] - change.dot(d) * self.ro[i])
        return d
