"""torch.fx: not here; what asks for it is told so."""

from .._lazy import absent

_WHY = "programs are not traced; steepest.viz.graph shows what was recorded"
symbolic_trace = absent("torch.fx.symbolic_trace", _WHY)
wrap = absent("torch.fx.wrap", _WHY)
Tracer = absent("torch.fx.Tracer", _WHY)
Graph = absent("torch.fx.Graph", _WHY)
GraphModule = absent("torch.fx.GraphModule", _WHY)
Interpreter = absent("torch.fx.Interpreter", _WHY)
