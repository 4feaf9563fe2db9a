"""torch.ao.nn: the modules of torch.nn.quantized."""

from ... import nn

quantized = nn.quantized
