"""Pictures of what autograd has recorded: `viz.graph(loss)`."""

from .drawing import Graph, graph

__all__ = ["Graph", "graph"]
