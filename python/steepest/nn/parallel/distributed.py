"""DistributedDataParallel: in a group of one process, the module itself under another name."""

import contextlib

from ..modules import Module


class DistributedDataParallel(Module):
    """Calls `module`; there are no other processes to average gradients with. Its state is the module's, under ``module.``

    ValueError before torch.distributed.init_process_group.
    """

    def __init__(
        self,
        module,
        device_ids=None,
        output_device=None,
        dim=0,
        broadcast_buffers=True,
        init_sync=True,
        process_group=None,
        bucket_cap_mb=None,
        find_unused_parameters=False,
        check_reduction=False,
        gradient_as_bucket_view=False,
        static_graph=False,
        **kwargs,
    ):
        from ... import distributed

        super().__init__()
        distributed.get_world_size()
        self.module = module
        self.device_ids = device_ids
        self.require_backward_grad_sync = True

    def forward(self, *inputs, **kwargs):
        return self.module(*inputs, **kwargs)

    @contextlib.contextmanager
    def no_sync(self):
        """A block whose gradients would not be averaged; nothing is, in any block."""
        before, self.require_backward_grad_sync = self.require_backward_grad_sync, False
        try:
            yield
        finally:
            self.require_backward_grad_sync = before
