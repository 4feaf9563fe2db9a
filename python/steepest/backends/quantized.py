"""torch.backends.quantized: kernels for quantized numbers, of which there are none."""

engine = "none"
supported_engines = ["none"]
