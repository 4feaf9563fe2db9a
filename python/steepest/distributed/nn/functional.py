"""Collectives that have derivatives: in a group of one process the result is the argument."""

from .. import ReduceOp, _require


def all_reduce(tensor, op=ReduceOp.SUM, group=None):
    """The sum over the processes: a tensor like `tensor`."""
    _require()
    return tensor.clone()


def broadcast(tensor, src, group=None):
    """The source's tensor."""
    _require()
    return tensor.clone()


def reduce(tensor, dst, op=ReduceOp.SUM, group=None):
    """The sum over the processes, in the process `dst`."""
    _require()
    return tensor.clone()


def all_gather(tensor, group=None):
    """The tensors of the processes, as a tuple.

    >>> import steepest as torch
    >>> from steepest.distributed import destroy_process_group, init_process_group
    >>> init_process_group("gloo", world_size=1, rank=0)
    >>> torch.distributed.nn.all_gather(torch.ones(1))
    (tensor([1.]),)
    >>> destroy_process_group()
    """
    _require()
    return (tensor.clone(),)


def gather(tensor, dst=0, group=None):
    """The tensors of the processes, as a tuple, in the process `dst`."""
    return all_gather(tensor)


def scatter(tensors, src=0, group=None):
    """This process's tensor of the list that the source has."""
    _require()
    return tensors[0].clone()


def reduce_scatter(output, input_list, op=ReduceOp.SUM, group=None):
    """The sum over the processes of this process's tensor of the lists, also in `output`."""
    _require()
    return output.copy_(input_list[0])


def all_to_all(output_tensor_list, input_tensor_list, group=None):
    """What the processes have sent to this one, as a tuple."""
    _require()
    return tuple(tensor.clone() for tensor in input_tensor_list)
