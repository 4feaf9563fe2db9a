"""Traces: which nodes programs become, what cannot be traced, and what wraps and leaves change."""

import operator
import pickle

import pytest

import steepest as torch
from steepest import fx, nn
from steepest.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3, 4))
        self.register_buffer("shift", torch.ones(5))
        self.linear = nn.Linear(4, 5)
        self.body = nn.Sequential(nn.Linear(5, 5), nn.ReLU())

    def forward(self, x, y=2.0):
        a = self.linear(x + self.scale).clamp(min=0.0, max=1.0)
        b = self.body(a)
        c = F.relu(torch.cat([a, b], dim=1)[:, 0] * y).sum(dim=-1, keepdim=True)
        return {"c": c - 1, "b": (torch.topk(b, 2)[0], 1 / (b.mean() + self.shift)), "v": a.view(a.shape[0], -1)}


NODES = """graph():
    %x : [num_users=1] = placeholder[target=x]
    %y : [num_users=1] = placeholder[target=y](default=2.0)
    %scale : [num_users=1] = get_attr[target=scale]
    %add : [num_users=1] = call_function[target=operator.add](args = (%x, %scale), kwargs = {})
    %linear : [num_users=1] = call_module[target=linear](args = (%add,), kwargs = {})
    %clamp : [num_users=4] = call_method[target=clamp](args = (%linear,), kwargs = {min: 0.0, max: 1.0})
    %body_0 : [num_users=1] = call_module[target=body.0](args = (%clamp,), kwargs = {})
    %body_1 : [num_users=3] = call_module[target=body.1](args = (%body_0,), kwargs = {})
    %cat : [num_users=1] = call_function[target=torch.cat](args = ([%clamp, %body_1],), kwargs = {dim: 1})
    %getitem : [num_users=1] = call_function[target=operator.getitem](args = (%cat, (slice(None, None, None), 0)), kwargs = {})
    %mul : [num_users=1] = call_function[target=operator.mul](args = (%getitem, %y), kwargs = {})
    %relu : [num_users=1] = call_function[target=torch.nn.functional.relu](args = (%mul,), kwargs = {inplace: False})
    %sum_1 : [num_users=1] = call_method[target=sum](args = (%relu,), kwargs = {dim: -1, keepdim: True})
    %sub : [num_users=1] = call_function[target=operator.sub](args = (%sum_1, 1), kwargs = {})
    %topk : [num_users=1] = call_function[target=torch.topk](args = (%body_1, 2), kwargs = {})
    %getitem_1 : [num_users=1] = call_function[target=operator.getitem](args = (%topk, 0), kwargs = {})
    %mean : [num_users=1] = call_method[target=mean](args = (%body_1,), kwargs = {})
    %shift : [num_users=1] = get_attr[target=shift]
    %add_1 : [num_users=1] = call_function[target=operator.add](args = (%mean, %shift), kwargs = {})
    %truediv : [num_users=1] = call_function[target=operator.truediv](args = (1, %add_1), kwargs = {})
    %getattr_1 : [num_users=1] = call_function[target=builtins.getattr](args = (%clamp, shape), kwargs = {})
    %getitem_2 : [num_users=1] = call_function[target=operator.getitem](args = (%getattr_1, 0), kwargs = {})
    %view : [num_users=1] = call_method[target=view](args = (%clamp, %getitem_2, -1), kwargs = {})
    return {'c': sub, 'b': (getitem_1, truediv), 'v': view}"""
CODE = """


def forward(self, x, y = 2.0):
    scale = self.scale
    add = x + scale;  x = scale = None
    linear = self.linear(add);  add = None
    clamp = linear.clamp(min = 0.0, max = 1.0);  linear = None
    body_0 = getattr(self.body, "0")(clamp)
    body_1 = getattr(self.body, "1")(body_0);  body_0 = None
    cat = torch.cat([clamp, body_1], dim = 1)
    getitem = cat[(slice(None, None, None), 0)];  cat = None
    mul = getitem * y;  getitem = y = None
    relu = torch.nn.functional.relu(mul, inplace = False);  mul = None
    sum_1 = relu.sum(dim = -1, keepdim = True);  relu = None
    sub = sum_1 - 1;  sum_1 = None
    topk = torch.topk(body_1, 2)
    getitem_1 = topk[0];  topk = None
    mean = body_1.mean();  body_1 = None
    shift = self.shift
    add_1 = mean + shift;  mean = shift = None
    truediv = 1 / add_1;  add_1 = None
    getattr_1 = clamp.shape
    getitem_2 = getattr_1[0];  getattr_1 = None
    view = clamp.view(getitem_2, -1);  clamp = getitem_2 = None
    return {'c': sub, 'b': (getitem_1, truediv), 'v': view}
    """


def test_nodes_and_code():
    net = Net()
    traced = fx.symbolic_trace(net)
    assert str(traced.graph) == NODES and traced.code == CODE
    x = torch.rand(3, 4)
    found, expected = traced(x, y=3.0), net(x, y=3.0)
    assert torch.equal(found["c"], expected["c"]) and torch.equal(found["b"][1], expected["b"][1]) and found["v"].shape == (3, 5)
    assert traced.linear.weight is net.linear.weight and isinstance(traced, fx.GraphModule) and type(traced).__name__ == "Net"
    traced.graph.lint()


def test_parameters_are_not_frozen():
    class Squared(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.tensor(3.0))

        def forward(self, x):
            return x + self.w.square()

    traced = fx.symbolic_trace(Squared())
    assert [node.op for node in traced.graph.nodes] == ["placeholder", "get_attr", "call_method", "call_function", "output"]
    traced(torch.tensor(1.0)).backward()
    assert traced.w.grad == 6


def go_by_value(x):
    return x if x.sum() > 0 else -x


REFUSED = [
    (go_by_value, fx.proxy.TraceError, "symbolically traced variables cannot be used as inputs to control flow"),
    (lambda x: list(map(torch.sin, x)), fx.proxy.TraceError, "Proxy object cannot be iterated"),
    (lambda x: len(x), RuntimeError, "'len' is not supported in symbolic tracing by default"),
]


@pytest.mark.parametrize(("function", "error", "text"), REFUSED, ids=["bool", "iter", "len"])
def test_what_cannot_be_traced(function, error, text):
    with pytest.raises(error, match=text):
        fx.symbolic_trace(function)


def test_everything_is_as_before_after_a_trace():
    before = vars(F)["softmax"], nn.Module.__call__, torch.einsum
    with pytest.raises(fx.proxy.TraceError):
        fx.symbolic_trace(go_by_value)
    assert (vars(F)["softmax"], nn.Module.__call__, torch.einsum) == before and "__getattribute__" not in vars(nn.Module)


def test_arguments():
    def unpacked(x):
        a, b = x
        return a + b

    traced = fx.symbolic_trace(unpacked)
    assert traced(torch.tensor([1, 2])) == 3 and sum(node.target is operator.getitem for node in traced.graph.nodes) == 2
    starred = fx.symbolic_trace(lambda x, *rest, **named: torch.add(x, rest[0]) + named["y"])
    assert [node.target for node in starred.graph.nodes][:3] == ["x", "*rest", "**named"] and starred(1.0, torch.ones(1), y=2) == 4
    fixed = fx.symbolic_trace(lambda x, up: x + 1 if up else x - 1, concrete_args={"up": False})
    assert fixed(torch.ones(1), False) == 0 and [node.name for node in fixed.graph.nodes] == ["x", "up_1", "eq", "_assert", "sub", "output"]
    with pytest.raises(AssertionError, match="up has been specialized to have value False but got another value"):
        fixed(torch.ones(1), True)
    none = fx.symbolic_trace(lambda x, mask=None: x if mask is None else x * mask, concrete_args={"x": fx.PH, "mask": None})
    assert none(3) == 3
    with pytest.raises(AssertionError, match="mask has been specialized to have value None"):
        none(3, 2)
    with pytest.warns(UserWarning, match="Was not able to add assertion to guarantee correct input sizes to specialized function"):
        assert fx.symbolic_trace(lambda x, sizes: x.view(sizes), concrete_args={"sizes": (1, 2)})(torch.ones(2), (1, 2)).shape == (1, 2)
    with pytest.raises(NotImplementedError, match="concrete_args with PH within a container, as for 'x'"):
        fx.symbolic_trace(lambda x: x[0], concrete_args={"x": [fx.PH]})


def test_constants_and_functions_that_are_no_ops():
    constant = torch.ones(2)
    traced = fx.symbolic_trace(lambda x: torch.einsum("i,i->", x, constant) + F.softmax(x, dim=0)[0])
    assert "_tensor_constant0 = self._tensor_constant0" in traced.code and 'torch.einsum("' not in traced.code
    assert "softmax = torch.nn.functional.softmax(x, dim = 0" in traced.code
    assert traced(torch.zeros(2)) == 0.5


def double(x, by):
    """Not to be traced into, where it is wrapped."""
    return x * by if by else x


fx.wrap("double")


def test_wrap():
    traced = fx.symbolic_trace(lambda x: double(x, 2) + 1)
    assert [node.target for node in traced.graph.nodes][1] is double and traced(torch.ones(1)) == 3
    assert traced.code.startswith('\ntorch.fx._symbolic_trace.wrap("')
    other = pickle.loads(pickle.dumps(traced))
    assert other.code == traced.code and other(torch.ones(1)) == 3
    with pytest.raises(NotImplementedError, match="wrap must be called at the top level of a module"):
        fx.wrap("double")
    with pytest.raises(RuntimeError, match="Unsupported type for global function"):
        fx.wrap(3)


def test_leaves():
    class Coarse(fx.Tracer):
        def is_leaf_module(self, m, module_qualified_name):
            return isinstance(m, nn.Sequential) or super().is_leaf_module(m, module_qualified_name)

    assert [node.target for node in Coarse().trace(Net()).nodes if node.op == "call_module"] == ["linear", "body"]
    with pytest.raises(NameError, match="module is not installed as a submodule"):
        fx.symbolic_trace(lambda x: nn.ReLU()(x))
