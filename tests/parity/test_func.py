"""torch.func and utils._pytree beside PyTorch: values, structures, kinds of results, texts of errors."""

from collections import OrderedDict, defaultdict, deque, namedtuple

import pytest

from parity.pair import error_text, plain, st, torch

# PyTorch's own, at its first jvp and of its linearize.
pytestmark = [pytest.mark.filterwarnings("ignore:`torch.jit"), pytest.mark.filterwarnings("ignore:Attempted to insert a get_attr")]
Pair = namedtuple("Pair", "a b")


def data(t):
    x = t.linspace(-1, 2, 6, dtype=t.float64)
    return x, x.view(2, 3).sin(), t.arange(6).view(2, 3)


def mixed(x, w):
    y = w @ x[:3].tanh()
    return {"y": y, "s": (y.prod() * x).sum()}


def written(r, v):
    r[1:] = v
    r[0] += r[2]
    return r.roll(1)


def functions(t):
    """A function with a rule of its own for maps, and one that leaves it to be found."""

    class Square(t.autograd.Function):
        @staticmethod
        def forward(x):
            return x**2

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx, g):
            return 2 * g * ctx.saved_tensors[0]

    class WithRule(Square):
        @staticmethod
        def vmap(info, in_dims, x):
            return x**2 * info.batch_size, in_dims[0]

    class Found(Square):
        generate_vmap_rule = True

    class NoContext(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

    return WithRule, Found, Square, NoContext


PROGRAMS = {
    "grad": lambda t, f, x, w, n: f.grad(lambda x, w: (w.exp() * x.view(2, 3)).sum(), argnums=(1, 0))(x, w),
    "grad of a tree": lambda t, f, x, w, n: f.grad(lambda p: (p["a"] * p["b"][0]).sum())({"a": x, "b": [x * 2]}),
    "third": lambda t, f, x, w, n: f.vmap(f.grad(f.grad(f.grad(lambda v: v.sin() * v**2))))(x),
    "value": lambda t, f, x, w, n: f.grad_and_value(lambda x: (x.prod(), (x, w)), has_aux=True)(x),
    "integers": lambda t, f, x, w, n: f.grad(lambda x, n: x[n].sum())(x, n),
    "vjp": lambda t, f, x, w, n: f.vjp(mixed, x, w)[1]({"y": x[:2], "s": x[3]}),
    "jvp": lambda t, f, x, w, n: f.jvp(mixed, (x, w), (x.cos(), w + 1)),
    "jvp of a comparison": lambda t, f, x, w, n: f.jvp(lambda x: (x > 0, x * 2), (x,), (x,)),
    "jacrev": lambda t, f, x, w, n: f.jacrev(mixed, argnums=(0, 1))(x, w),
    "jacrev in chunks": lambda t, f, x, w, n: f.jacrev(mixed, chunk_size=2)(x, w),
    "jacfwd": lambda t, f, x, w, n: f.jacfwd(mixed, argnums=1)(x, w),
    "jacfwd, tall": lambda t, f, x, w, n: f.jacfwd(lambda a: t.outer(a.exp(), x).view(2, 2, 3))(x[:2]),
    "hessian": lambda t, f, x, w, n: f.hessian(lambda x, w: mixed(x, w)["s"])(x, w),
    "hessian of two": lambda t, f, x, w, n: f.hessian(lambda x, w: mixed(x, w)["s"], argnums=(0, 1))(x, w),
    "jacobians of jacobians": lambda t, f, x, w, n: f.jacrev(f.jacfwd(lambda x: x[:3] * x[3:].exp()))(x),
    "batch of jacobians": lambda t, f, x, w, n: f.vmap(f.jacrev(lambda r: r.softmax(0)))(w),
    "batch of hessians": lambda t, f, x, w, n: f.vmap(f.hessian(lambda r: r.logsumexp(0)))(w),
    "linearize": lambda t, f, x, w, n: f.linearize(lambda x: x.sin(), x)[1](x),
    "product with a Hessian": lambda t, f, x, w, n: f.jvp(f.grad(lambda x: x.logsumexp(0)), (x,), (x,)),
    "in_dims": lambda t, f, x, w, n: f.vmap(lambda a, b: (a * b, a), in_dims=(1, None), out_dims=(-1, 0))(w, x[:2]),
    "nested": lambda t, f, x, w, n: f.vmap(f.vmap(t.mul, in_dims=(None, 0)), in_dims=(0, None))(x, x),
    "topk": lambda t, f, x, w, n: f.vmap(lambda r: r.topk(2))(w),
    "none": lambda t, f, x, w, n: f.vmap(lambda r: (r * 2, x), out_dims=(1, None))(w),
    "same numbers": lambda t, f, x, w, n: (t.manual_seed(0), f.vmap(lambda r: r + t.rand(3), randomness="same")(w), t.rand(2))[1:],
    "new numbers": lambda t, f, x, w, n: (t.manual_seed(0), f.vmap(lambda r: r + t.rand(3), randomness="different")(w), t.rand(2))[1:],
    "grads of a batch": lambda t, f, x, w, n: t.autograd.grad(
        (v := x.clone().requires_grad_()).sin(), v, t.eye(6, dtype=t.float64), is_grads_batched=True
    ),
    "chunks": lambda t, f, x, w, n: f.vmap(lambda a: (a * 2).view(1), chunk_size=4, out_dims=1)(x),
    "scalars keep dtypes": lambda t, f, x, w, n: f.vmap(lambda a, b: a * b)(w.float(), x[:2]),
    "in place": lambda t, f, x, w, n: f.vmap(lambda r: r.clone().mul_(r).add_(1))(w),
    "own rows": lambda t, f, x, w, n: f.vmap(lambda r, i: (r[i], w[:, i], r[None, i]))(w, t.tensor([2, 0])),
    "rows of indices": lambda t, f, x, w, n: f.vmap(lambda i: x[i])(n),
    "written": lambda t, f, x, w, n: f.vmap(written, in_dims=(0, 0))(w.clone(), x[:2]),
    "reductions": lambda t, f, x, w, n: f.vmap(lambda r: (r.sum(), r.mean(0, keepdim=True), r.var(), r.norm(), r.prod(), r.max()))(w),
    "of matrices": lambda t, f, x, w, n: f.vmap(
        lambda r: (t.linalg.inv(r.T @ r + t.eye(3, dtype=r.dtype)), t.trace(r.T @ r))
    )(w.view(2, 1, 3)),
    "attention": lambda t, f, x, w, n: f.vmap(
        lambda q: t.nn.functional.scaled_dot_product_attention(q, q, q)
    )(w.view(1, 2, 3) + x.view(3, 2, 1)),
    "losses": lambda t, f, x, w, n: f.vmap(
        lambda r, k: (t.nn.functional.cross_entropy(r, k), t.nn.functional.mse_loss(r, r * 2), t.nn.functional.nll_loss(r[None], k[None]))
    )(w, t.tensor([2, 0])),
    "convolved": lambda t, f, x, w, n: f.vmap(t.nn.functional.conv1d)(x.view(2, 1, 1, 3), w.view(2, 1, 1, 3)),
    "random bits": lambda t, f, x, w, n: (
        t.manual_seed(0),
        f.vmap(lambda r: t.nn.functional.dropout(r) + t.randn_like(r) + t.randint(9, (3,)), randomness="different")(w),
    )[1],
    "own function": lambda t, f, x, w, n: f.vmap(functions(t)[0].apply)(w),
    "own function's gradient": lambda t, f, x, w, n: f.vmap(f.grad(lambda r: functions(t)[1].apply(r).sum()))(w),
    "map of vjps": lambda t, f, x, w, n: f.vmap(f.vjp(t.sin, x)[1])(t.eye(6, dtype=x.dtype)),
    "map of jvps": lambda t, f, x, w, n: f.vmap(lambda v: f.jvp(mixed, (x, w), (v, w))[1])(t.eye(6, dtype=x.dtype)),
    "gradients of shared weights": lambda t, f, x, w, n: f.vmap(
        f.grad(lambda w, v: (w @ v).tanh().sum()), in_dims=(None, 0)
    )(w, x.view(2, 3)),
    "map of gradients by closure": lambda t, f, x, w, n: f.vmap(lambda v: f.grad(lambda w: (w @ v).tanh().sum())(w))(x.view(2, 3)),
    "strided": lambda t, f, x, w, n: f.vmap(lambda r: (r.as_strided((2,), (2,)), r.as_strided((1, 2), (1, 1), 1)))(w),
    "three maps": lambda t, f, x, w, n: f.vmap(lambda a: f.vmap(lambda b: f.vmap(lambda c: a * b + c)(x))(x))(x),
    "functionalize": lambda t, f, x, w, n: f.functionalize(lambda a: a.clone().mul_(2))(x),
}


def layout(tree):
    """The containers of a result, with shapes in the places of tensors."""
    if isinstance(tree, dict):
        return {key: layout(value) for key, value in tree.items()}
    return [layout(part) for part in tree] if isinstance(tree, (tuple, list)) else tuple(tree.shape)


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    ours, theirs = (PROGRAMS[name](t, t.func, *data(t)) for t in (st, torch))
    assert layout(ours) == layout(theirs)
    leaves = [st.utils._pytree.tree_leaves(tree) for tree in (ours, theirs)]
    for own, peer in zip(*leaves, strict=True):
        assert not own.requires_grad
        assert plain(own)[0] == pytest.approx(plain(peer)[0], rel=1e-12, abs=1e-12)


HISTORY = {
    "of a factor": lambda f, x, w: f.grad(lambda x: (x * w).sum())(x),
    "of a summand": lambda f, x, w: f.grad(lambda x: (x**2 + w).sum())(x),
    "of the argument": lambda f, x, w: f.grad(lambda w: (w**2).sum())(w),
    "of a linear function's argument": lambda f, x, w: f.grad(lambda w: w.sum())(w),
    "of a value": lambda f, x, w: f.grad_and_value(lambda x: (x * w).sum())(x)[1],
    "of aux": lambda f, x, w: f.grad(lambda x: (x.sum(), w * 2), has_aux=True)(x)[1],
    "of the argument as aux": lambda f, x, w: f.grad(lambda x: (x.sum(), x * 2), has_aux=True)(x)[1],
    "of cotangents": lambda f, x, w: f.vjp(lambda x: x * 2, x)[1](w)[0],
    "of tangents": lambda f, x, w: f.jvp(lambda x: x * 2, (x,), (w,))[1],
    "of a primal": lambda f, x, w: f.jvp(lambda w: w**2, (w,), (x,))[1],
    "of a Jacobian": lambda f, x, w: f.jacrev(lambda x: x * w)(x),
    "of a Jacobian, forward": lambda f, x, w: f.jacfwd(lambda x: x * w)(x),
    "of a map": lambda f, x, w: f.vmap(lambda x: x * 2)(w),
}


@pytest.mark.parametrize("name", HISTORY)
def test_results_require_grad(name):
    for mode in ("enable_grad", "no_grad"):
        found = []
        for t in (st, torch):
            x, w = t.linspace(0, 1, 3), t.linspace(1, 2, 3).requires_grad_()
            with getattr(t, mode)():
                found.append(HISTORY[name](t.func, x, w).requires_grad)
        assert found[0] == found[1], mode


ERRORS = {
    "jvp": [
        lambda t, f, x: f.jvp(t.sin, (x,), (x[:2],)),
        lambda t, f, x: f.jvp(t.sin, (t.arange(3),), (x,)),
        lambda t, f, x: f.jvp(t.sin, x, (x,)),
        lambda t, f, x: f.jvp(t.sin, (x,), x),
        lambda t, f, x: f.jvp(lambda x, y: x, (x, 2), (x, 2)),
        lambda t, f, x: f.jvp(lambda x: t.ones(2), (x,), (x,), strict=True),
        lambda t, f, x: f.jvp(lambda x: 3, (x,), (x,)),
        lambda t, f, x: f.jvp(lambda x: None, (x,), (x,)),
        lambda t, f, x: f.jvp(lambda x: (), (x,), (x,)),
        lambda t, f, x: f.jvp(lambda x: x, (x,), (x,), has_aux=True),
        lambda t, f, x: f.jvp(lambda x: (x, 3), (x,), (x,), has_aux=True),
        lambda t, f, x: f.jvp(lambda: 1, (), ()),
        lambda t, f, x: f.linearize(t.sin, x)[1](x, x),
        lambda t, f, x: f.linearize(t.sin, x)[1](x.double()),
    ],
    "grad": [
        lambda t, f, x: f.grad(lambda x: x)(x),
        lambda t, f, x: f.grad(lambda x: x.sum())(t.arange(3)),
        lambda t, f, x: f.grad(lambda x: 3.0)(x),
        lambda t, f, x: f.grad(lambda x: x)(3),
        lambda t, f, x: f.grad(lambda x: x, argnums=1)(x),
        lambda t, f, x: f.grad(lambda x: x, argnums=())(x),
        lambda t, f, x: f.grad(lambda x: x, argnums=(0, -1))(x),
        lambda t, f, x: f.grad(lambda x: x, argnums="a")(x),
        lambda t, f, x: f.grad(lambda x: x, argnums=("a",))(x),
        lambda t, f, x: f.grad(lambda x: x.sum(), has_aux=True)(x),
        lambda t, f, x: f.grad(lambda x: (x.sum(), 3), has_aux=True)(x),
    ],
    "vjp": [
        lambda t, f, x: f.vjp(lambda x: x > 0, x),
        lambda t, f, x: f.vjp(lambda x: (x, 3), x),
        lambda t, f, x: f.vjp(lambda x: None, x),
        lambda t, f, x: f.vjp(lambda x: (x, x), x)[1](x),
        lambda t, f, x: f.vjp(lambda x: x, x)[1](x[:2]),
        lambda t, f, x: f.vjp(lambda x: x, x)[1]((x,)),
        lambda t, f, x: f.vjp(lambda x: x, 3),
        lambda t, f, x: f.jacrev(lambda x: x, argnums=2)(x),
        lambda t, f, x: f.jacrev(lambda x: x, chunk_size=0)(x),
        lambda t, f, x: f.jacrev(lambda x: x > 0)(x),
        lambda t, f, x: f.jacrev(lambda x: x)(x.to(t.complex64)),
        lambda t, f, x: f.jacfwd(lambda x: t.rand(3) * x)(x),
        lambda t, f, x: f.jacfwd(lambda x: 3)(x),
    ],
    "vmap": [
        lambda t, f, x: f.vmap(lambda x: x, in_dims="a")(x),
        lambda t, f, x: f.vmap(lambda x: x)(),
        lambda t, f, x: f.vmap(lambda x: x, in_dims=(0, 0))(x),
        lambda t, f, x: f.vmap(lambda x: x, in_dims=({"a": 0},))({"b": x}),
        lambda t, f, x: f.vmap(lambda x: x, in_dims=(1,))(x),
        lambda t, f, x: f.vmap(lambda x: x, in_dims=(None,))(x),
        lambda t, f, x: f.vmap(lambda x: x, in_dims=("a",))(x),
        lambda t, f, x: f.vmap(lambda x, y: x)(x, 3),
        lambda t, f, x: f.vmap(lambda x, y: x)(x, x[:2]),
        lambda t, f, x: f.vmap(lambda x: 3)(x),
        lambda t, f, x: f.vmap(lambda x: None)(x),
        lambda t, f, x: f.vmap(lambda x: x, out_dims=None)(x),
        lambda t, f, x: f.vmap(lambda x: x, out_dims=1)(x),
        lambda t, f, x: f.vmap(lambda x: x, out_dims="a")(x),
        lambda t, f, x: f.vmap(lambda x: x, out_dims=(0, 0))(x),
        lambda t, f, x: f.vmap(lambda x: (x, x), out_dims=(0,))(x),
        lambda t, f, x: f.vmap(lambda x: {"a": x}, out_dims=(0,))(x),
        lambda t, f, x: f.vmap(lambda x: t.rand(2) + x)(x),
        lambda t, f, x: f.vmap(lambda r: f.vjp(t.sin, r)[1](x[:2]))(x.view(1, 3)),
        lambda t, f, x: f.vmap(f.grad(t.sin))(x.view(1, 3)),
        lambda t, f, x: f.vmap(lambda v: v.item())(x),
        lambda t, f, x: f.vmap(lambda v: v if v > 0 else -v)(x),
        lambda t, f, x: f.vmap(lambda v: int(v))(x),
        lambda t, f, x: f.vmap(lambda v: f"{v}")(x),
        lambda t, f, x: f.vmap(lambda v: v.view(1).tolist())(x),
        lambda t, f, x: f.vmap(lambda v: t.tensor([v, v]))(x),
        lambda t, f, x: f.vmap(lambda v: t.ones(1).copy_(v.view(1)))(x),
        lambda t, f, x: f.vmap(lambda v: t.zeros(2).__setitem__(0, v))(x),
        lambda t, f, x: f.vmap(lambda v: t.sin(v, out=x))(x),
        lambda t, f, x: f.vmap(lambda v: v.view(1).nonzero())(x),
        lambda t, f, x: f.vmap(lambda v: v.view(1)[v.view(1) > 0])(x),
        lambda t, f, x: f.vmap(lambda v: v.masked_select(v > 0))(x),
        lambda t, f, x: f.vmap(lambda v: v.unique())(x),
        lambda t, f, x: f.vmap(lambda v: t.allclose(v, v))(x),
        lambda t, f, x: f.vmap(lambda v: t.equal(v, v))(x),
        lambda t, f, x: f.vmap(lambda v: v.sum().backward())(x),
        lambda t, f, x: f.vmap(lambda v: v.requires_grad_())(x),
        lambda t, f, x: f.vmap(lambda v: t.ones(2).uniform_(), randomness="different")(x),
        lambda t, f, x: f.vmap(lambda v: t.nn.functional.dropout(v))(x),
        lambda t, f, x: f.vmap(lambda v: v.sum(2))(x),
        lambda t, f, x: f.vmap(t.nn.functional.one_hot)(t.arange(3)),
        lambda t, f, x: f.vmap(lambda v: t.nn.functional.batch_norm(v, x[:1], x[1:2], training=True))(t.ones(2, 3, 1)),
        lambda t, f, x: f.vmap(functions(t)[2].apply)(x),
        lambda t, f, x: f.vmap(functions(t)[3].apply)(x),
        lambda t, f, x: f.vmap(lambda x: x, randomness="x"),
        lambda t, f, x: f.vmap(lambda x: x, chunk_size=0),
        lambda t, f, x: f.vmap(t.nn.ReLU(), in_dims=3)(x),
        lambda t, f, x: f.functionalize(lambda x: x, remove="x"),
    ],
    "modules": [
        lambda t, f, x: f.functional_call(t.nn.Linear(2, 2), 3, x),
        lambda t, f, x: f.functional_call(t.nn.Linear(2, 2), [3], x),
        lambda t, f, x: f.functional_call(t.nn.Linear(2, 2), [{"weight": x}, {"weight": x}], x),
        lambda t, f, x: f.functional_call(t.nn.Linear(2, 2), {"weight": x, "foo": x}, x, strict=True),
        lambda t, f, x: f.functional_call(t.nn.Linear(2, 2), {"foo.bar": x}, x),
        lambda t, f, x: f.functional_call(t.nn.Linear(2, 2), {"weight": 3}, x),
        lambda t, f, x: f.stack_module_state([]),
        lambda t, f, x: f.stack_module_state([t.nn.ReLU(), t.nn.ReLU().eval()]),
        lambda t, f, x: f.stack_module_state([t.nn.ReLU(), t.nn.Tanh()]),
        lambda t, f, x: f.stack_module_state([t.nn.Linear(1, 1), t.nn.Linear(1, 1).requires_grad_(False)]),
    ],
}


@pytest.mark.parametrize("call", [pytest.param(call, id=f"{kind}-{i}") for kind, calls in ERRORS.items() for i, call in enumerate(calls)])
def test_errors(call):
    ours, theirs = (error_text(call, t, t.func, t.linspace(0, 1, 3)) for t in (st, torch))
    assert ours == theirs
    assert theirs[0] != "no error"


TREES = [
    1, None, (), (1, [2, {"a": 3, "b": (4, 5)}]), Pair(1, (2,)), OrderedDict(a=1, b=[]), defaultdict(list, {"x": (1, 2)}), deque([1, 2]),
    {"b": 1, "a": (2, [3, 4])},
]


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_trees(tree):
    texts = []
    for t in (st, torch):
        pytree = t.utils._pytree
        leaves, spec = pytree.tree_flatten(tree)
        assert pytree.tree_unflatten(leaves, spec) == tree
        doubled = pytree.tree_map(lambda *parts: parts, tree, tree)
        texts.append((leaves, repr(spec), spec.num_leaves, spec.num_nodes, spec.num_children, pytree.treespec_pprint(spec), doubled))
        assert spec == pytree.tree_structure(tree) != pytree.tree_structure((tree,))
    assert texts[0] == texts[1]


def test_trees_of_results():
    for t in (st, torch):
        result = t.ones(2, 2).max(0)
        leaves, spec = t.utils._pytree.tree_flatten(result)
        assert type(t.utils._pytree.tree_unflatten(leaves, spec)) is type(result)


@pytest.mark.parametrize(
    "call",
    [
        lambda p: p.tree_unflatten([1], p.tree_structure((1, 2))),
        lambda p: p.tree_unflatten([1], 3),
        lambda p: p.tree_map(lambda a, b: a, (1, 2), (3,)),
        lambda p: p.tree_map(lambda a, b: a, (1, 2), [3, 4]),
        lambda p: p.tree_map(lambda a, b: a, {"a": 1}, {"b": 3}),
        lambda p: p.tree_map(lambda a, b: a, Pair(1, 2), namedtuple("Other", "a b")(1, 2)),
    ],
)
def test_errors_of_trees(call):
    ours, theirs = (error_text(call, t.utils._pytree) for t in (st, torch))
    assert ours == theirs


def test_chosen_leaves():
    tree = (1, [2.0, "a"], {"x": None})
    for t in (st, torch):
        p = t.utils._pytree
        assert p.tree_map_only((int, float), lambda x: x + 1, tree) == (2, [3.0, "a"], {"x": None})
        assert p.tree_map_only(lambda x: x is None, lambda x: 0, tree) == (1, [2.0, "a"], {"x": 0})
        assert p.tree_any(lambda x: x == "a", tree)
        assert not p.tree_all(lambda x: x is not None, tree)
        assert p.tree_all_only(float, lambda x: x > 1, tree)
        assert not p.tree_any_only(str, lambda x: x == "b", tree)
        assert p.tree_leaves(tree, is_leaf=lambda x: isinstance(x, list)) == [1, [2.0, "a"], None]
        seen = []
        assert p.tree_map_only_(int, seen.append, tree) is tree
        assert seen == [1]
        assert not p.tree_is_leaf(tree)
        assert p.is_namedtuple(Pair) and p.is_namedtuple_instance(Pair(1, 2)) and not p.is_namedtuple_class(tuple)


def test_registered_nodes():
    for t in (st, torch):

        class Box:
            def __init__(self, content, name):
                self.content, self.name = content, name

        p = t.utils._pytree
        p.register_pytree_node(Box, lambda b: ([b.content], b.name), lambda children, name: Box(children[0], name))
        box = p.tree_map(lambda x: x * 2, Box((1, 2), "b"))
        assert (box.content, box.name) == ((2, 4), "b")
        with pytest.raises(ValueError, match="is already registered as pytree node"):
            p.register_pytree_node(Box, None, None)
