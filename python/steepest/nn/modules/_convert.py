"""Module's conversion half: dtype, device and mode of everything a module holds."""

import warnings

from ... import Tensor, device, dtype, empty, no_grad
from ..._meta import NO_VALUES
from ..parameter import Parameter


def _parse_to(args, kwargs):
    """Device and dtype asked for by ``to(device, dtype)``, ``to(dtype)`` or ``to(tensor)``."""
    to_device, to_dtype = kwargs.get("device"), kwargs.get("dtype")
    for value in (*args, kwargs.get("tensor")):
        if isinstance(value, dtype):
            to_dtype = value
        elif isinstance(value, (device, str)):
            to_device = value
        elif isinstance(value, Tensor):
            to_device, to_dtype = value.device, value.dtype
        elif not (value is None or isinstance(value, bool)):
            raise TypeError(f"to() received an invalid combination of arguments - got {type(value).__name__}")
    return to_device, to_dtype


class Conversions:
    """The part of :class:`Module` that converts its tensors and switches its mode."""

    def _apply(self, fn, recurse=True):
        """Replace every tensor by ``fn(tensor)``; parameters and their gradients keep their identity."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        with no_grad():
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    data = fn(parameter)
                    if data.is_meta is not parameter.is_meta:  # of another class: see Note [The device meta]
                        self._parameters[name] = Parameter(data, parameter.requires_grad)
                        continue
                    parameter.data = data
                    if parameter.grad is not None:
                        parameter.grad.data = fn(parameter.grad)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
        return self

    def apply(self, fn):
        """Call ``fn`` on every submodule, children first, then on this module; returns the module."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def to(self, *args, **kwargs):
        """Convert floating-point and complex parameters and buffers, in place: ``to(dtype)``, ``to(device)``,
        ``to(device, dtype)`` or ``to(tensor)``. Integer buffers keep their dtype.

        Example::

            >>> import steepest as torch
            >>> torch.nn.Linear(2, 1).to(torch.float64).weight.dtype
            torch.float64
        """
        to_device, to_dtype = _parse_to(args, kwargs)
        if to_dtype is not None and not (to_dtype.is_floating_point or to_dtype.is_complex):
            raise TypeError(f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={to_dtype}")
        if to_dtype is not None and to_dtype.is_complex:
            warnings.warn(
                "Complex modules are a new feature under active development whose design may change, and some modules might not work as "
                "expected when using complex tensors as parameters or buffers. Please file an issue at "
                "https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml if a complex module does not work as expected.",
                stacklevel=2,
            )

        def convert(t):
            if to_device is not None:
                if t.is_meta and device(to_device).type != "meta":
                    raise NotImplementedError(
                        f"{NO_VALUES} Please use torch.nn.Module.to_empty() instead of torch.nn.Module.to() when moving module from meta "
                        "to a different device."
                    )
                t = t.to(to_device)
            return t.to(to_dtype) if to_dtype is not None and (t.is_floating_point() or t.is_complex()) else t

        return self._apply(convert)

    def type(self, dst_type):
        """Convert all parameters and buffers to ``dst_type``."""
        return self._apply(lambda t: t.type(dst_type))

    def float(self):
        """Convert floating-point parameters and buffers to float32."""
        return self._apply(lambda t: t.float() if t.is_floating_point() else t)

    def double(self):
        """Convert floating-point parameters and buffers to float64."""
        return self._apply(lambda t: t.double() if t.is_floating_point() else t)

    def half(self):
        """Convert floating-point parameters and buffers to float16."""
        return self._apply(lambda t: t.half() if t.is_floating_point() else t)

    def bfloat16(self):
        """Convert floating-point parameters and buffers to bfloat16."""
        return self._apply(lambda t: t.bfloat16() if t.is_floating_point() else t)

    def cpu(self):
        """Move all parameters and buffers to the CPU."""
        return self._apply(lambda t: t.cpu())

    def cuda(self, device=None):
        """Move all parameters and buffers to a GPU: there is none, so this raises as ``Tensor.cuda`` does."""
        return self._apply(lambda t: t.cuda(device))

    def to_empty(self, *, device, recurse=True):
        """Give all parameters and buffers new, uninitialised memory on ``device``."""
        def fresh(t):
            return t.to(device) if str(device) == "meta" else empty(t.shape, dtype=t.dtype, device=device)

        return self._apply(fresh, recurse=recurse)

    def share_memory(self):
        """Move all parameters and buffers to shared memory; see ``Tensor.share_memory_``."""
        return self._apply(lambda t: t.share_memory_())

    def train(self, mode=True):
        """Set the training mode of this module and all below it; returns the module."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        """Set the evaluation mode: ``train(False)``."""
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        """Set ``requires_grad`` of every parameter; returns the module."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        """Drop the gradients of all parameters, or zero them in place if not ``set_to_none``."""
        for parameter in self.parameters():
            drop_grad(parameter, set_to_none)

    def compile(self, *args, **kwargs):
        """Accepted and without effect: modules run as they are."""


def drop_grad(parameter, set_to_none):
    """Set `parameter.grad` to None, or to zero without its history."""
    if set_to_none:
        parameter.grad = None
    elif parameter.grad is not None:
        grad = parameter.grad
        if grad.grad_fn is not None:
            grad.detach_()
        else:
            grad.requires_grad_(False)
        grad.zero_()
