"""Registering hooks: on one module (methods of Module) and on all modules (functions)."""

from . import _hooks


class HookRegistration:
    """The part of :class:`Module` that registers hooks. Each method returns a handle with ``remove()``."""

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        """Run ``hook(module, args)`` before ``forward``; what it returns replaces the arguments.

        With ``with_kwargs`` it is ``hook(module, args, kwargs)``, which returns both or None.
        """
        marks = [self._forward_pre_hooks_with_kwargs] if with_kwargs else []
        return _hooks.register(self._forward_pre_hooks, hook, prepend, marks)

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
        """Run ``hook(module, args, output)`` after ``forward``; what it returns replaces the output.

        With ``with_kwargs`` it is ``hook(module, args, kwargs, output)``. With ``always_call`` it
        runs after an exception too.

        Example::

            >>> import steepest as torch
            >>> m = torch.nn.Identity()
            >>> handle = m.register_forward_hook(lambda module, args, output: output + 1)
            >>> m(torch.tensor(1.0)).item()
            2.0
            >>> handle.remove()
        """
        marks = [self._forward_hooks_with_kwargs] if with_kwargs else []
        if always_call:
            marks.append(self._forward_hooks_always_called)
        return _hooks.register(self._forward_hooks, hook, prepend, marks)

    def register_full_backward_pre_hook(self, hook, prepend=False):
        """Run ``hook(module, grad_output)`` before the gradients of the module's inputs are computed."""
        return _hooks.register(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook, prepend=False):
        """Run ``hook(module, grad_input, grad_output)`` once the gradients of the inputs are known.

        Both are tuples with None for arguments that are no tensors; what the hook returns replaces
        ``grad_input``. Inputs and outputs may not be changed in place while such a hook exists.
        """
        self._choose_backward_hooks(full=True)
        return _hooks.register(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook):
        """As PyTorch has it for old programs: the hook sees the last operation of ``forward`` only."""
        self._choose_backward_hooks(full=False)
        return _hooks.register(self._backward_hooks, hook)

    def _choose_backward_hooks(self, full):
        if self._is_full_backward_hook is (not full):
            raise RuntimeError(
                "Cannot use both regular backward hooks and full backward hooks on a single Module. "
                "Please use only one of them."
            )
        self._is_full_backward_hook = full


def register_module_forward_pre_hook(hook):
    """Run ``hook(module, args)`` before the ``forward`` of every module."""
    return _hooks.register(_hooks.forward_pre, hook)


def register_module_forward_hook(hook, *, with_kwargs=False, always_call=False):
    """Run ``hook(module, args, output)`` after the ``forward`` of every module."""
    marks = [_hooks.with_kwargs] if with_kwargs else []
    if always_call:
        marks.append(_hooks.always_called)
    return _hooks.register(_hooks.forward, hook, marks=marks)


def register_module_full_backward_pre_hook(hook):
    """Run ``hook(module, grad_output)`` for every module in every backward pass."""
    return _hooks.register(_hooks.backward_pre, hook)


def register_module_full_backward_hook(hook):
    """Run ``hook(module, grad_input, grad_output)`` for every module in every backward pass."""
    return _hooks.register(_hooks.backward, hook)


def register_module_parameter_registration_hook(hook):
    """Run ``hook(module, name, parameter)`` whenever a module gets a parameter."""
    return _hooks.register(_hooks.parameter_registration, hook)


def register_module_buffer_registration_hook(hook):
    """Run ``hook(module, name, buffer)`` whenever a module gets a buffer."""
    return _hooks.register(_hooks.buffer_registration, hook)


def register_module_module_registration_hook(hook):
    """Run ``hook(module, name, child)`` whenever a module gets a child."""
    return _hooks.register(_hooks.module_registration, hook)


global_registrations = {name: f for name, f in globals().items() if name.startswith("register_module_")}
