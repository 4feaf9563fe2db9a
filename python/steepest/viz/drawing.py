"""The recorded graph as a Graphviz drawing, from the leaves at the top to the result at the bottom."""

from pathlib import Path

# Fill colours by what a box stands for.
_LEAF, _OPERATION, _RESULT = "#cfe3f5", "#eeeeee", "#cdebc5"


class Graph:
    """A drawing in the DOT language; Jupyter shows it as a picture.

    Attributes:
        source (str): the DOT text.
    """

    def __init__(self, source):
        self.source = source

    def __str__(self):
        return self.source

    def save(self, path):
        """Write the drawing and return its path.

        The suffix chooses the format: `.gv` and `.dot` are the source itself, all others (`.svg`, `.png`, `.pdf`)
        are drawn by Graphviz.
        """
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in (".gv", ".dot"):
            path.write_text(self.source, encoding="utf-8")
        else:
            path.write_bytes(self._draw(path.suffix.lstrip(".")))
        return path

    def _draw(self, format):
        try:
            import graphviz
        except ImportError:
            raise ImportError(
                "steepest.viz draws with the Python package graphviz, which is not installed: "
                "pip install 'steepest[viz]' (and the program `dot` of https://graphviz.org); "
                "save('graph.gv') and .source need neither"
            ) from None
        return graphviz.Source(self.source).pipe(format=format)

    def _repr_svg_(self):
        return self._draw("svg").decode()


def _quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _leaf_label(leaf, names):
    shape = "x".join(map(str, leaf.shape)) or "scalar"
    # Tensors compare elementwise, so a name is looked up by identity.
    name = names.get(id(leaf))
    return f"{name}\n{shape}" if name else shape


def graph(result, params=None):
    """Draw the graph that `result.backward()` would walk.

    Arguments:
        result: a tensor with a `grad_fn`, or a node (a `grad_fn`).
        params: names for leaves: a dict or an iterable of pairs `(name, tensor)`, such as `model.named_parameters()`.

    Returns:
        Graph: one box an operation, one a leaf that gradients are accumulated in, with its name and shape.

    Raises:
        ValueError: `result` is a tensor that was not recorded.

    Example::

        >>> import steepest as torch
        >>> from steepest import viz
        >>> x = torch.tensor(5.0, requires_grad=True)
        >>> print(viz.graph(x * x, {"x": x}))
        digraph {
          node [shape=box, style="rounded,filled", fillcolor="#eeeeee", fontname="sans-serif"]
          n0 [label="result", fillcolor="#cdebc5"]
          n1 [label="MulBackward0"]
          n2 [label="x\\nscalar", fillcolor="#cfe3f5"]
          n1 -> n0
          n2 -> n1
          n2 -> n1
        }
    """
    names = {id(leaf): name for name, leaf in (params.items() if hasattr(params, "items") else params or ())}
    is_node = hasattr(result, "next_functions")
    root = result if is_node else result.grad_fn
    if root is None:
        raise ValueError("viz.graph: the tensor has no grad_fn, so there is nothing to draw")

    boxes, arrows = [], []
    numbers = {}  # node: number; it keeps the nodes alive, so that an address is not seen twice

    def box(label, colour=None):
        fill = f', fillcolor="{colour}"' if colour else ""
        boxes.append(f"  n{len(boxes)} [label={_quote(label)}{fill}]")
        return len(boxes) - 1

    def node_box(node):
        leaf = getattr(node, "variable", None)
        return box(node.name()) if leaf is None else box(_leaf_label(leaf, names), _LEAF)

    if not is_node:
        box("result", _RESULT)
    numbers[root] = node_box(root)
    if not is_node:
        arrows.append(f"  n{numbers[root]} -> n0")
    pending = [root]
    for node in pending:
        for source, _ in node.next_functions:
            if source is None:
                continue
            if source not in numbers:
                numbers[source] = node_box(source)
                pending.append(source)
            arrows.append(f"  n{numbers[source]} -> n{numbers[node]}")

    style = f'  node [shape=box, style="rounded,filled", fillcolor="{_OPERATION}", fontname="sans-serif"]'
    return Graph("\n".join(["digraph {", style, *boxes, *arrows, "}"]))
