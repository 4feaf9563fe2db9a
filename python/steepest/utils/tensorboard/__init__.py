"""torch.utils.tensorboard: files that TensorBoard shows. The package tensorboard is needed to look at them, not to write them."""

from .writer import FileWriter, SummaryWriter

__all__ = ["FileWriter", "SummaryWriter"]
