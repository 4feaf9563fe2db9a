"""The recorded graph: Node, the class of every grad_fn, and hooks on what nodes save."""

import abc

from .. import _C
from .function import BackwardCFunction

__all__ = [
    "Node", "allow_mutation_on_saved_tensors", "disable_saved_tensors_hooks", "get_gradient_edge", "increment_version", "save_on_cpu",
    "saved_tensors_hooks",
]


class Node(metaclass=abc.ABCMeta):  # noqa: B024  (a register of classes, not an interface)
    """What isinstance(x.grad_fn, Node) asks: nodes of ops, and those of autograd.Function."""


Node.register(_C.Node)
Node.register(BackwardCFunction)

_disabled = []


class saved_tensors_hooks:
    """A block in which ops save ``pack_hook(x)`` instead of the tensor x, and read ``unpack_hook`` of that in backward.

    unpack_hook has to return a tensor of x's size, dtype and value. Neither hook may write into its argument.

    >>> import steepest as torch
    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> with torch.autograd.graph.saved_tensors_hooks(lambda t: t.tolist(), torch.tensor):
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([2., 4.])
    """

    def __init__(self, pack_hook, unpack_hook):
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self):
        if _disabled:
            raise RuntimeError(_disabled[-1])
        _C._push_saved_hooks(self.pack_hook, self.unpack_hook)

    def __exit__(self, *error):
        _C._pop_saved_hooks()


class save_on_cpu(saved_tensors_hooks):
    """Saved tensors go to the CPU, where they are already: copies, so that later writes do not matter."""

    def __init__(self, pin_memory=False, device_type="cuda"):
        super().__init__(lambda x: x.clone(), lambda x: x)


class allow_mutation_on_saved_tensors(saved_tensors_hooks):
    """A block in which what ops save may be written afterwards: backward computes with the values of when it was saved.

    Each saved tensor is a copy; PyTorch copies when one is written.

    >>> import steepest as torch
    >>> x = torch.ones(2, requires_grad=True)
    >>> with torch.autograd.graph.allow_mutation_on_saved_tensors():
    ...     y = x.clone()
    ...     z = (y * y).sum()
    ...     _ = y.mul_(5)
    ...     z.backward()
    >>> x.grad
    tensor([2., 2.])
    """

    def __init__(self):
        super().__init__(lambda x: x.detach().clone(), lambda x: x)


class disable_saved_tensors_hooks:
    """A block in which saved_tensors_hooks is a RuntimeError with this message."""

    def __init__(self, error_message):
        self.error_message = error_message

    def __enter__(self):
        _disabled.append(self.error_message)

    def __exit__(self, *error):
        _disabled.pop()


def get_gradient_edge(tensor):
    """(node, output_nr) to which the gradient of `tensor` goes."""
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    if tensor.grad_fn is None:
        return tensor.view_as(tensor).grad_fn.next_functions[0]
    return tensor.grad_fn, tensor.output_nr


def increment_version(tensor):
    """Tells that a tensor, or each of several, was written by other ways than ops, so that backward refuses to use what it was.

    >>> import steepest as torch
    >>> x = torch.ones(2, requires_grad=True).exp()
    >>> x.detach().numpy()[0] = 3
    >>> torch.autograd.graph.increment_version(x)
    >>> x._version
    1
    """
    for x in (tensor,) if isinstance(tensor, _C.Tensor) else tensor:
        _C._increment_version(x)
