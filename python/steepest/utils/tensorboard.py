"""torch.utils.tensorboard: SummaryWriter writes what TensorBoard shows, by the package tensorboardX."""

import functools

from .. import Tensor

try:
    import tensorboardX
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "torch.utils.tensorboard writes its files by the package tensorboardX: pip install 'steepest[tensorboard]'", name="tensorboardX"
    ) from error

__all__ = ["FileWriter", "SummaryWriter"]

FileWriter = tensorboardX.writer.FileWriter


def _arrays(x):
    """x with arrays instead of tensors, in lists, tuples and dicts too."""
    if isinstance(x, Tensor):
        return x.detach().cpu().numpy()
    if isinstance(x, dict):
        return {key: _arrays(value) for key, value in x.items()}
    return type(x)(map(_arrays, x)) if type(x) in (list, tuple) else x


def _of_tensors(method):
    @functools.wraps(method)
    def add(self, *args, **kwargs):
        return method(self, *_arrays(args), **_arrays(kwargs))

    return add


class SummaryWriter(tensorboardX.SummaryWriter):
    """Writes numbers, pictures and the like of a training run to files in `log_dir`, ``runs/<time>_<host><comment>`` by default.

    The arguments and methods are those of tensorboardX's SummaryWriter, and take tensors. ModuleNotFoundError on import without
    tensorboardX; NotImplementedError of add_graph.

    Example::

        >>> import steepest as torch, tempfile, os
        >>> from steepest.utils.tensorboard import SummaryWriter
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with SummaryWriter(folder) as writer:
        ...         writer.add_scalar("loss", torch.tensor(0.5), 1)
        ...     os.listdir(folder)[0][:19]
        'events.out.tfevents'
    """

    def __init__(self, log_dir=None, comment="", purge_step=None, max_queue=10, flush_secs=120, filename_suffix=""):
        super().__init__(log_dir and str(log_dir), comment, purge_step, max_queue, flush_secs, filename_suffix)
        self.log_dir = self.logdir

    def add_graph(self, model, input_to_model=None, verbose=False, use_strict_trace=True):
        """Not part of steepest: NotImplementedError."""
        raise NotImplementedError("SummaryWriter.add_graph is not part of steepest; steepest.viz.graph draws what a result has recorded")


for _name, _method in vars(tensorboardX.SummaryWriter).items():
    if _name.startswith("add_") and _name != "add_graph":
        setattr(SummaryWriter, _name, _of_tensors(_method))
