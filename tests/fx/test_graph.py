"""Graphs: building, changing, running and copying them."""

import copy
import operator
import pickle

import pytest

import steepest as torch
from steepest import fx, nn
from steepest.fx.passes.shape_prop import ShapeProp


def program(x):
    return torch.relu(x) + x.neg()


X = torch.tensor([2.0, -3.0])


def test_by_hand():
    graph = fx.Graph()
    x = graph.placeholder("x")
    result = graph.call_method("add", (graph.call_function(torch.sin, (x,)), 1))
    graph.output(result)
    module = fx.GraphModule(nn.Module(), graph)
    assert module(torch.zeros(2)).tolist() == [1, 1] and list(x.users) == [result.args[0]] and graph.output_node().args == (result,)
    with graph.inserting_before(result):
        node = graph.get_attr("a.weight")
    result.update_arg(1, node)
    module = fx.GraphModule({"a.weight": torch.ones(2)}, graph)
    assert module(X).tolist() == (X.sin() + 1).tolist() and node.next is result and node.prev.name == "sin" and node.name == "a_weight"


def test_replacing_a_function():
    traced = fx.symbolic_trace(program)
    for node in traced.graph.nodes:
        if node.target is operator.add:
            with traced.graph.inserting_after(node):
                new = traced.graph.call_function(torch.mul, node.args, node.kwargs)
                node.replace_all_uses_with(new)
            traced.graph.erase_node(node)
    traced.recompile()
    assert traced(X).tolist() == [-4, 0]
    assert traced.code.splitlines()[3:] == [
        "def forward(self, x):",
        "    relu = torch.relu(x)",
        "    neg = x.neg();  x = None",
        "    mul = torch.mul(relu, neg);  relu = neg = None",
        "    return mul",
        "    ",
    ]


def test_erasing_and_dead_nodes():
    traced = fx.symbolic_trace(lambda x: (torch.sin(x), x + 1)[1])
    sine = traced.graph.find_nodes(op="call_function", target=torch.sin)[0]
    with pytest.raises(RuntimeError, match=r"Tried to erase Node add but it still had 1 users in the graph: \{output"):
        traced.graph.erase_node(traced.graph.find_nodes(op="call_function", target=operator.add)[0])
    assert "sin = torch.sin(x);  sin = None" in traced.code
    assert traced.graph.eliminate_dead_code() and not traced.graph.eliminate_dead_code() and sine not in list(traced.graph.nodes)


def test_lint():
    traced = fx.symbolic_trace(program)
    relu, neg = (traced.graph.find_nodes(op=op)[0] for op in ("call_function", "call_method"))
    relu.args = (neg,)
    with pytest.raises(RuntimeError, match="Argument 'neg' of Node 'relu' was used before it has been defined!"):
        traced.graph.lint()
    other = fx.Graph()
    relu.args = (other.placeholder("y"),)
    with pytest.raises(RuntimeError, match="does not belong to this Graph"):
        traced.graph.lint()
    with pytest.raises(AssertionError, match="Attempting to move a Node into a different Graph"):
        relu.append(next(iter(other.nodes)))


def test_nodes():
    traced = fx.symbolic_trace(program)
    x, relu, neg, add, output = traced.graph.nodes
    assert relu.all_input_nodes == [x] and list(x.users) == [relu, neg] and (add.next, add.prev) == (output, neg)
    add.update_arg(1, relu)
    add.insert_arg(2, 3)
    add.update_kwarg("alpha", x)
    assert add.args == (relu, relu, 3) and add.kwargs == {"alpha": x} and list(neg.users) == [] and add in x.users
    add.replace_input_with(relu, neg)
    assert add.args == (neg, neg, 3) and not relu.users
    with pytest.raises(ValueError, match="a Callable is expected"):
        traced.graph.create_node("call_function", "relu")


def test_names_are_not_given_twice():
    traced = fx.symbolic_trace(lambda x: (x.sum() + x.sum()).pow(2) + torch.nn.functional.relu(x))
    assert [node.name for node in traced.graph.nodes] == ["x", "sum_1", "sum_2", "add", "pow_1", "relu", "add_1", "output"]


def test_interpreter_and_transformer():
    class Listing(fx.Interpreter):
        def run_node(self, n):
            seen.append(n.name)
            return super().run_node(n)

    class Smooth(fx.Transformer):
        def call_function(self, target, args, kwargs):
            return super().call_function(torch.sigmoid if target is torch.relu else target, args, kwargs)

    seen, traced = [], fx.symbolic_trace(program)
    assert torch.equal(Listing(traced).run(X), program(X)) and seen == ["x", "relu", "neg", "add", "output"]
    assert torch.equal(Smooth(traced).transform()(X), torch.sigmoid(X) - X)
    with pytest.raises(RuntimeError, match="Expected positional argument for parameter x, but one was not passed in!"):
        fx.Interpreter(traced).run()


def test_proxies_of_another_graph():
    traced, graph, values = fx.symbolic_trace(program), fx.Graph(), {}
    tracer = fx.proxy.GraphAppendingTracer(graph)
    for node in traced.graph.nodes:
        if node.target is torch.relu:
            x = fx.Proxy(values[node.args[0]], tracer)
            values[node] = ((x > 0) * x).node
        else:
            values[node] = graph.node_copy(node, lambda n: values[n])
    assert torch.equal(fx.GraphModule(traced, graph)(X), program(X))


def test_nodes_with_effects_stay():
    def program(x):
        torch._assert(x.sum() > 0, "sum")
        torch.rand_like(x), x.exp(), torch.dropout(x, 0.5, True)
        return x

    assert fx.has_side_effect(torch.square) is torch.square
    try:
        traced = fx.symbolic_trace(program)
        x = next(iter(traced.graph.nodes))
        with traced.graph.inserting_before(traced.graph.output_node()):
            traced.graph.call_function(operator.setitem, (x, 0, 1.0))
            traced.graph.call_function(torch.square, (x,))
        assert traced.graph.eliminate_dead_code()
    finally:
        fx.node._side_effectful_functions.remove(torch.square)
    assert [node.name for node in traced.graph.nodes] == ["x", "sum_1", "gt", "_assert", "rand_like", "setitem", "square", "output"]


def test_replace_pattern_in_a_chain():
    traced = fx.symbolic_trace(lambda x: torch.sin(torch.sin(torch.sin(x))))
    assert len(fx.replace_pattern(traced, lambda x: torch.sin(x), lambda x: torch.cos(x) + x)) == 3
    traced.graph.lint()
    y = X
    for _ in range(3):
        y = y.cos() + y
    assert traced(X).tolist() == y.tolist()
    unused = fx.symbolic_trace(lambda x: (torch.sin(x), x)[1])
    assert len(fx.replace_pattern(unused, lambda x: torch.sin(x), lambda x: torch.cos(x))) == 1
    assert "cos = torch.cos(x);  cos = None" in unused.code


def test_replace_pattern():
    traced = fx.symbolic_trace(lambda x, w: x + torch.cat([x, w]).sum() + torch.cat([w, x]).sum())
    matches = fx.replace_pattern(traced, lambda a, b: torch.cat([a, b]).sum(), lambda a, b: torch.stack([a, b]))
    assert len(matches) == 2 and traced.code.count("torch.stack") == 2 and "cat" not in traced.code
    assert traced(torch.ones(2), torch.zeros(2)).tolist() == [[2, 2], [2, 2]]


def test_shapes():
    traced = fx.symbolic_trace(program)
    ShapeProp(traced).propagate(torch.ones(2, 3))
    assert [node.meta["tensor_meta"].shape for node in traced.graph.nodes] == [(2, 3)] * 5
    assert next(iter(traced.graph.nodes)).meta["type"] is torch.Tensor


def test_copies():
    traced = fx.symbolic_trace(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))
    for other in (copy.deepcopy(traced), pickle.loads(pickle.dumps(traced))):
        assert other.code == traced.code and torch.equal(other(X), traced(X))
        assert other.get_parameter("0.weight") is not traced.get_parameter("0.weight")
    assert type(copy.copy(traced)) is not type(traced)
    traced.meta["note"], traced.extra = 1, 2
    assert pickle.loads(pickle.dumps(traced)).extra == 2
    assert [other.meta for other in (copy.copy(traced), copy.deepcopy(traced))] == [{"note": 1}] * 2


def test_constants_are_buffers():
    constant = torch.ones(2)
    traced = fx.symbolic_trace(lambda x: x + constant)
    assert list(traced.state_dict()) == ["_tensor_constant0"] and traced(X).tolist() == [3, -2]


def test_submodules():
    traced = fx.symbolic_trace(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))
    assert traced.add_submodule("extra.part", nn.ReLU()) and traced.delete_submodule("extra.part") and not traced.delete_submodule("no")
    traced.delete_all_unused_submodules()
    assert [name for name, _ in traced.named_modules()] == ["", "0", "1"]
    with pytest.raises(RuntimeError, match="referenced target 0 but that target was not provided in ``root``"):
        fx.GraphModule({}, traced.graph)
    with pytest.raises(AssertionError, match="Expected a Graph instance"):
        traced.graph = 3


def test_prints(capsys):
    traced = fx.symbolic_trace(lambda x: x.neg())
    traced.graph.print_tabular()
    assert capsys.readouterr().out.splitlines() == [
        "opcode       name    target    args    kwargs",
        "-----------  ------  --------  ------  --------",
        "placeholder  x       x         ()      {}",
        "call_method  neg     neg       (x,)    {}",
        "output       output  output    (neg,)  {}",
    ]
    assert traced.print_readable(print_output=False).splitlines()[3] == "        neg = x.neg();  x = None"
    assert str(traced).endswith("# To see more debug info, please use `graph_module.print_readable()`")


def test_a_place_holds_without_a_block():
    graph = fx.symbolic_trace(lambda x: torch.relu(x) * 2).graph
    relu, mul = (node for node in graph.nodes if node.op == "call_function")
    place = graph.inserting_after(relu)
    mul.replace_input_with(relu, graph.call_function(torch.sigmoid, (relu,)))
    with place, graph.inserting_before(relu):
        graph.call_function(torch.neg, (relu.args[0],))
    assert [node.name for node in graph.nodes] == ["x", "neg", "relu", "sigmoid", "mul", "output"]
    graph.lint()
