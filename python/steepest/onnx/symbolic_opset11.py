"""torch.onnx.symbolic_opset11: imported by packages that tell how their ops are exported; it offers nothing."""
