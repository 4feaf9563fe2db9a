"""The drawing of a recorded graph: its text, its names, its files, and what it says where Graphviz is missing."""

import sys

import pytest

import steepest as torch
from steepest import viz


def boxes(graph):
    return [line.split('label="')[1].split('"')[0] for line in graph.source.splitlines() if "label=" in line]


def test_operations_and_leaves_are_boxes():
    x = torch.tensor(5.0, requires_grad=True)
    graph = viz.graph((x * x + 1).exp(), {"x": x})
    assert boxes(graph) == ["result", "ExpBackward0", "AddBackward0", "MulBackward0", "x\\nscalar"]
    assert graph.source.count(" -> ") == 5  # x enters the product twice


def test_a_node_that_is_used_twice_is_one_box():
    x = torch.ones(2, 3, requires_grad=True)
    y = x.sin()
    labels = boxes(viz.graph(y * y.cos()))
    assert labels.count("SinBackward0") == 1
    assert labels[-1] == "2x3"


def test_parameters_of_a_module_are_named():
    model = torch.nn.Linear(2, 3)
    labels = boxes(viz.graph(model(torch.ones(4, 2)).sum(), model.named_parameters()))
    assert {"weight\\n3x2", "bias\\n3"} <= set(labels)


def test_starts_at_a_node_too():
    x = torch.tensor(2.0, requires_grad=True)
    assert boxes(viz.graph((x * x).grad_fn)) == ["MulBackward0", "scalar"]


def test_deep_graphs_do_not_recurse():
    y = torch.tensor(1.0, requires_grad=True)
    for _ in range(5000):
        y = y * 1.0
    assert len(boxes(viz.graph(y))) == 5002


def test_refuses_what_was_not_recorded():
    with pytest.raises(ValueError, match="no grad_fn"):
        viz.graph(torch.tensor(1.0))


def test_names_are_quoted():
    x = torch.tensor(1.0, requires_grad=True)
    assert r'label="a\"b\\\nscalar"' in viz.graph(x * 2, {'a"b\\': x}).source


def test_saves_source_without_graphviz(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    x = torch.tensor(1.0, requires_grad=True)
    graph = viz.graph(x * 2)
    assert graph.save(tmp_path / "new" / "graph.gv").read_text() == str(graph)
    with pytest.raises(ImportError, match=r"pip install 'steepest\[viz\]'"):
        graph.save(tmp_path / "graph.svg")
    with pytest.raises(ImportError, match="dot"):
        graph._repr_svg_()


def test_draws_through_graphviz(tmp_path, monkeypatch):
    import graphviz

    monkeypatch.setattr(graphviz.Source, "pipe", lambda self, format: f"<{format}>{self.source}".encode())
    x = torch.tensor(1.0, requires_grad=True)
    graph = viz.graph(x * 2)
    assert graph._repr_svg_().strip() == "<svg>" + graph.source
    assert graph.save(tmp_path / "graph.png").read_bytes().startswith(b"<png>digraph")
