"""torch.distributed with one process: a group of size one, in which every collective is done at once.

More processes are not here yet: asking for them is a NotImplementedError.
"""

import enum
import os

from .._lazy import absent_names, submodules
from .device_mesh import DeviceMesh, init_device_mesh  # noqa: F401

_group = None
_NONE = "Default process group has not been initialized, please make sure to call init_process_group."


class RedOpType(enum.Enum):
    """The ways in which a collective joins the tensors of the processes."""

    SUM, AVG, PRODUCT, MIN, MAX, BAND, BOR, BXOR, PREMUL_SUM = range(9)


class ReduceOp:
    """How a collective joins the tensors of the processes: ``ReduceOp.SUM`` and its like."""

    RedOpType = RedOpType
    SUM, AVG, PRODUCT, MIN, MAX, BAND, BOR, BXOR, PREMUL_SUM = RedOpType


class ProcessGroup:
    """The processes that take part: this one."""

    def size(self):
        """1."""
        return 1

    def rank(self):
        """0."""
        return 0


class Backend(str):
    """The name of a way to pass tensors between processes, in small letters.

    >>> import steepest as torch
    >>> torch.distributed.Backend("GLOO")
    'gloo'
    """

    UNDEFINED, GLOO, NCCL, UCC, MPI, XCCL = "undefined", "gloo", "nccl", "ucc", "mpi", "xccl"

    def __new__(cls, name):
        if not isinstance(name, str):
            raise ValueError("Backend constructor parameter must be string-ish")
        return str.__new__(cls, name.lower())


class Work:
    """A collective that is finished."""

    def wait(self, timeout=None):
        """True."""
        return True

    def is_completed(self):
        """True."""
        return True


class group:
    """The default group, by PyTorch's name for it."""

    WORLD = None


class GroupMember:
    """What PyTorch calls a process's place in a group."""

    NON_GROUP_MEMBER = -100


def is_available():
    """True: a group of one process is."""
    return True


def is_initialized():
    """Whether init_process_group has been called."""
    return _group is not None


def is_nccl_available():
    """False."""
    return False


def is_gloo_available():
    """False."""
    return False


def is_mpi_available():
    """False."""
    return False


def is_xccl_available():
    """False."""
    return False


def is_ucc_available():
    """False."""
    return False


def is_torchelastic_launched():
    """Whether torchrun has started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def init_process_group(
    backend=None, init_method=None, timeout=None, world_size=-1, rank=-1, store=None, group_name="", pg_options=None, device_id=None
):
    """Makes the default group, of one process.

    The size comes from `world_size` or the environment's WORLD_SIZE; NotImplementedError where it is not 1.
    """
    global _group
    if _group is not None:
        raise ValueError("trying to initialize the default process group twice!")
    size = world_size if world_size > 0 else int(os.environ.get("WORLD_SIZE", 1))
    if size != 1:
        raise NotImplementedError(f"torch.distributed: steepest runs groups of one process, and {size} were asked for")
    _group = group.WORLD = ProcessGroup()


def destroy_process_group(group=None):
    """Ends the default group."""
    global _group
    _require()
    _group = globals()["group"].WORLD = None


def _require():
    if _group is None:
        raise ValueError(_NONE)
    return _group


def get_rank(group=None):
    """0; ValueError before init_process_group."""
    return _require().rank()


def get_world_size(group=None):
    """1; ValueError before init_process_group."""
    return _require().size()


def get_backend(group=None):
    """``"gloo"``, the CPU's; ValueError before init_process_group."""
    _require()
    return "gloo"


def new_group(ranks=None, timeout=None, backend=None, pg_options=None):
    """A group of this process."""
    _require()
    return ProcessGroup()


def _done(async_op):
    _require()
    return Work() if async_op else None


def barrier(group=None, async_op=False, device_ids=None):
    """Waits for nobody."""
    return _done(async_op)


def all_reduce(tensor, op=ReduceOp.SUM, group=None, async_op=False):
    """Leaves `tensor`, the sum over one process."""
    return _done(async_op)


def reduce(tensor, dst=None, op=ReduceOp.SUM, group=None, async_op=False):
    """Leaves `tensor`, the sum over one process."""
    return _done(async_op)


def broadcast(tensor, src=None, group=None, async_op=False):
    """Leaves `tensor`, which is the source's."""
    return _done(async_op)


def all_gather(tensor_list, tensor, group=None, async_op=False):
    """Copies `tensor` into the one tensor of the list."""
    _require()
    tensor_list[0].copy_(tensor)
    return _done(async_op)


def all_gather_into_tensor(output_tensor, input_tensor, group=None, async_op=False):
    """Copies the input into the output."""
    _require()
    output_tensor.copy_(input_tensor.reshape(output_tensor.shape))
    return _done(async_op)


def gather(tensor, gather_list=None, dst=None, group=None, async_op=False):
    """Copies `tensor` into the one tensor of the list."""
    return all_gather(gather_list, tensor, group, async_op)


def scatter(tensor, scatter_list=None, src=None, group=None, async_op=False):
    """Copies the one tensor of the list into `tensor`."""
    _require()
    if scatter_list:
        tensor.copy_(scatter_list[0])
    return _done(async_op)


def reduce_scatter(output, input_list, op=ReduceOp.SUM, group=None, async_op=False):
    """Copies the one tensor of the list into `output`."""
    _require()
    output.copy_(input_list[0])
    return _done(async_op)


def all_gather_object(object_list, obj, group=None):
    """Puts `obj` into the one place of the list."""
    _require()
    object_list[0] = obj


def broadcast_object_list(object_list, src=None, group=None, device=None):
    """Leaves the list, which is the source's."""
    _require()


def all_to_all(output_tensor_list, input_tensor_list, group=None, async_op=False):
    """Copies the one tensor of the input list into the one of the output list."""
    return all_gather(output_tensor_list, input_tensor_list[0], group, async_op)


def all_to_all_single(output, input, output_split_sizes=None, input_split_sizes=None, group=None, async_op=False):
    """Copies the input into the output."""
    return all_gather_into_tensor(output, input, group, async_op)


def reduce_scatter_tensor(output, input, op=ReduceOp.SUM, group=None, async_op=False):
    """Copies the input, the sum over one process, into the output."""
    return all_gather_into_tensor(output, input, group, async_op)


def gather_object(obj, object_gather_list=None, dst=None, group=None):
    """Puts `obj` into the one place of the list."""
    all_gather_object(object_gather_list, obj)


def scatter_object_list(scatter_object_output_list, scatter_object_input_list=None, src=None, group=None):
    """Puts the one object of the input list into the first place of the output list."""
    _require()
    scatter_object_output_list[0] = scatter_object_input_list[0]


def monitored_barrier(group=None, timeout=None, wait_all_ranks=False):
    """Waits for nobody."""
    _require()


def get_process_group_ranks(group=None):
    """[0]; ValueError before init_process_group."""
    _require()
    return [0]


def get_global_rank(group, group_rank):
    """The process's number among all, from its number in a group: 0."""
    _require()
    return group_rank


def get_group_rank(group, global_rank):
    """The process's number in a group, from its number among all: 0."""
    _require()
    return global_rank


_ALONE = "there is one process"
globals().update(absent_names(__name__, "isend irecv send recv", _ALONE))
globals().update(absent_names(__name__, "Store", _ALONE, object))
globals().update(absent_names(__name__, "FileStore HashStore PrefixStore TCPStore", _ALONE, globals()["Store"]))
__getattr__ = submodules(__name__)
