"""SummaryWriter: numbers, pictures and the like of a training run, in files that TensorBoard shows."""

import os
import socket
import time

from ... import no_grad
from . import _summaries
from ._embedding import write_embedding
from ._events import EventFile, message

__all__ = ["FileWriter", "SummaryWriter"]


class FileWriter:
    """A file of events in a folder."""

    def __init__(self, log_dir, max_queue=10, flush_secs=120, filename_suffix=""):
        self.log_dir, self._file = str(log_dir), EventFile(str(log_dir), flush_secs, filename_suffix)

    def get_logdir(self):
        """The folder."""
        return self.log_dir

    def add_summary(self, summary, global_step=None, walltime=None):
        """Appends a summary: the bytes of its message."""
        self._file.add(message((5, summary)), global_step, walltime)

    def add_graph(self, graph, walltime=None):
        """Appends a graph: the bytes of its message."""
        self._file.add(message((4, graph)), None, walltime)

    def flush(self):
        """Sees to it that everything is in the file."""
        self._file.flush()

    def close(self):
        """Ends the file."""
        self._file.close()


class SummaryWriter:
    """Writes files of events to `log_dir`, ``runs/<time>_<host><comment>`` by default.

    purge_step, max_queue: accepted and not used, as nothing waits in a queue. flush_secs: after how many seconds the next event sees to it
    that everything is in the file. The methods take a tag, a value, a step and a time; `close` ends the file, as a ``with`` block does.

    >>> import steepest as torch, tempfile, os
    >>> from steepest.utils.tensorboard import SummaryWriter
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with SummaryWriter(folder) as writer:
    ...         writer.add_scalar("loss", torch.tensor(0.5), 1)
    ...     os.listdir(folder)[0][:19]
    'events.out.tfevents'
    """

    def __init__(self, log_dir=None, comment="", purge_step=None, max_queue=10, flush_secs=120, filename_suffix=""):
        if not log_dir:
            log_dir = os.path.join("runs", f"{time.strftime('%b%d_%H-%M-%S')}_{socket.gethostname()}{comment}")
        self.log_dir = str(log_dir)
        self._options = {"max_queue": max_queue, "flush_secs": flush_secs, "filename_suffix": filename_suffix}
        self.all_writers = None
        self._get_file_writer()

    def _get_file_writer(self):
        if self.all_writers is None:  # at the start, and when something is added after close
            self.file_writer = FileWriter(self.log_dir, **self._options)
            self.all_writers = {self.log_dir: self.file_writer}
        return self.file_writer

    def get_logdir(self):
        """The folder."""
        return self.log_dir

    def _add(self, summary, global_step, walltime):
        self._get_file_writer().add_summary(summary, global_step, walltime)

    def add_scalar(self, tag, scalar_value, global_step=None, walltime=None, new_style=False, double_precision=False):
        """A number."""
        self._add(_summaries.scalar(tag, scalar_value, new_style), global_step, walltime)

    def add_scalars(self, main_tag, tag_scalar_dict, global_step=None, walltime=None):
        """Several numbers for one diagram, each in a folder of its own."""
        walltime = time.time() if walltime is None else walltime
        self._get_file_writer()
        for tag, value in tag_scalar_dict.items():
            folder = f"{self.log_dir}/{main_tag.replace('/', '_')}_{tag}"
            if folder not in self.all_writers:
                self.all_writers[folder] = FileWriter(folder, **self._options)
            self.all_writers[folder].add_summary(_summaries.scalar(main_tag, value), global_step, walltime)

    def add_histogram(self, tag, values, global_step=None, bins="tensorflow", walltime=None, max_bins=None):
        """How the elements of a tensor are distributed."""
        self._add(_summaries.histogram(tag, values, bins, max_bins), global_step, walltime)

    def add_histogram_raw(self, tag, min, max, num, sum, sum_squares, bucket_limits, bucket_counts,  # noqa: A002
                          global_step=None, walltime=None):
        """A distribution that was counted elsewhere: the upper limits of the buckets, and how many numbers are in each."""
        summary = _summaries.histogram_of_counts(tag, min, max, num, sum, sum_squares, list(bucket_limits), list(bucket_counts))
        self._add(summary, global_step, walltime)

    def add_image(self, tag, img_tensor, global_step=None, walltime=None, dataformats="CHW"):
        """A picture: bytes, or numbers between 0 and 1, in the order that `dataformats` says."""
        self._add(_summaries.picture(tag, _summaries.pixels(img_tensor, dataformats)), global_step, walltime)

    def add_images(self, tag, img_tensor, global_step=None, walltime=None, dataformats="NCHW"):
        """Several pictures, eight beside each other."""
        self.add_image(tag, img_tensor, global_step, walltime, dataformats)

    def add_figure(self, tag, figure, global_step=None, close=True, walltime=None):
        """A figure of matplotlib, or a list of them, which are closed unless `close` is False."""
        import matplotlib.backends.backend_agg as agg
        import numpy as np

        figures = figure if isinstance(figure, list) else [figure]
        drawn = []
        for one in figures:
            canvas = agg.FigureCanvasAgg(one)
            canvas.draw()
            drawn.append(np.asarray(canvas.buffer_rgba())[..., :3])
            if close:
                import matplotlib.pyplot as plt

                plt.close(one)
        if isinstance(figure, list):
            self.add_image(tag, np.stack(drawn), global_step, walltime, dataformats="NHWC")
        else:
            self.add_image(tag, drawn[0], global_step, walltime, dataformats="HWC")

    def add_audio(self, tag, snd_tensor, global_step=None, sample_rate=44100, walltime=None):
        """A sound: samples between -1 and 1."""
        self._add(_summaries.sound(tag, snd_tensor, sample_rate), global_step, walltime)

    def add_text(self, tag, text_string, global_step=None, walltime=None):
        """A text."""
        self._add(_summaries.text(tag, text_string), global_step, walltime)

    def add_pr_curve(self, tag, labels, predictions, global_step=None, num_thresholds=127, weights=None, walltime=None):
        """Precision against recall, for labels of 0 and 1 and predictions between them."""
        self._add(_summaries.precision_and_recall(tag, labels, predictions, num_thresholds, weights), global_step, walltime)

    def add_hparams(self, hparam_dict, metric_dict, hparam_domain_discrete=None, run_name=None, global_step=None):
        """The hyperparameters of a run, and what it reached with them, in a folder of its own."""
        summaries = _summaries.hyperparameters(hparam_dict, metric_dict, hparam_domain_discrete)
        folder = os.path.join(self._get_file_writer().get_logdir(), str(time.time()) if run_name is None else run_name)
        with SummaryWriter(log_dir=folder) as writer:
            for summary in summaries:
                writer._add(summary, None, None)
            for name, value in metric_dict.items():
                writer.add_scalar(name, value, global_step)

    def add_embedding(self, mat, metadata=None, label_img=None, global_step=None, tag="default", metadata_header=None):
        """Rows of a matrix as points, with a label (or several, named by `metadata_header`) and a picture of shape (3, H, W) for each."""
        write_embedding(self._get_file_writer().get_logdir(), mat, metadata, label_img, global_step, tag, metadata_header)

    def add_graph(self, model, input_to_model=None, verbose=False, use_strict_trace=True):
        """The modules that a model calls for an input, each after those whose results it may use."""
        order = []
        hooks = [
            module.register_forward_hook(lambda module, args, output, name=name: order.append((name, type(module).__name__)))
            for name, module in model.named_modules()
            if not any(True for _ in module.children())
        ]
        inputs = input_to_model if isinstance(input_to_model, tuple | list) else (input_to_model,)
        try:
            with no_grad():
                model(*inputs)
        finally:
            for hook in hooks:
                hook.remove()
        called = [(f"{type(model).__name__}/{name.replace('.', '/')}", kind) for name, kind in order]
        steps = [("input", "input"), *called, ("output", "output")]
        nodes = [
            (1, message((1, name), (2, kind), (3, steps[i - 1][0] if i else None))) for i, (name, kind) in enumerate(steps)
        ]
        self._get_file_writer().add_graph(message(*nodes))

    def flush(self):
        """Sees to it that everything is in the files."""
        for writer in (self.all_writers or {}).values():
            writer.flush()

    def close(self):
        """Ends the files."""
        for writer in (self.all_writers or {}).values():
            writer.close()
        self.file_writer = self.all_writers = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
