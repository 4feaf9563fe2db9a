"""Short programs that say the same, or fail the same way, in both libraries: what has no generated test because it is no op's value."""

import ast
import warnings

import pytest

import steepest as st
from parity.pair import torch

PROGRAMS = """
# asarray keeps a tensor's history unless it is told to cut it off
x = torch.ones(2, requires_grad=True)
[torch.asarray(x * 2), torch.asarray(x * 2, copy=True), torch.asarray(x * 2, requires_grad=False)]

x = torch.ones(2, requires_grad=True)
[torch.asarray(x) is x, torch.asarray(x, dtype=torch.float64), torch.asarray([1.0], requires_grad=True)]

x = torch.ones(2, requires_grad=True)
y = torch.asarray(x, requires_grad=False)
[y is x, x]

# out= of factories
x = torch.empty(2)
[torch.ones(2, out=x, requires_grad=True), x.requires_grad]

x = torch.empty(3)
torch.arange(3.0, out=x, requires_grad=True)

x = torch.empty(2)
w = torch.ones(2, requires_grad=True)
torch.mul(w, w, out=x)

# arguments by name
torch.linalg.norm(input=torch.ones(2, 2), ord=1, dim=0)

torch.linalg.cond(x=torch.eye(2), p=2)

torch.linalg.matrix_rank(input=torch.eye(3), tol=torch.tensor(0.5))

torch.linalg.lstsq(input=torch.eye(2), b=torch.ones(2, 1)).solution

torch.linalg.tensorsolve(torch.eye(4).reshape(2, 2, 4), other=torch.ones(2, 2))

torch.cholesky_solve(torch.ones(2, 1), input2=torch.eye(2))

torch.zeros(2).copy_(other=torch.ones(2))

torch.can_cast(from_=torch.float32, to=torch.int32)

torch.sparse.mm(sparse=torch.eye(2).to_sparse(), dense=torch.ones(2, 2))

torch.sparse.addmm(input=torch.ones(2, 2), mat1=torch.eye(2).to_sparse(), mat2=torch.ones(2, 2))

torch.sparse.FloatTensor(indices=torch.tensor([[0], [1]]), values=torch.ones(1), size=(2, 2))

# of each matrix of A, whatever the batch of B
[list(t.shape) for t in torch.linalg.lstsq(torch.eye(2).expand(1, 2, 2), torch.ones(3, 2, 1), driver='gelsd')]

[list(t.shape) for t in torch.linalg.lstsq(torch.eye(2).expand(3, 1, 2, 2), torch.ones(1, 4, 2, 1), driver='gelss')]

[list(t.shape) for t in torch.linalg.lstsq(torch.eye(2)[None], torch.ones(0, 2, 1), driver='gelsd')]

# in place, the tensor by name and not first
x = torch.tensor([1.0, -1.0])
[torch.threshold_(threshold=0.5, value=9.0, input=x) is x, torch.clamp_(min=0, input=x) is x, x]

# hooks
x = torch.ones(1, requires_grad=True)
_ = x.register_post_accumulate_grad_hook(hook=lambda p: p.add_(p.grad))
x.sum().backward()
x

x = torch.ones(1, requires_grad=True)
_ = x.register_post_accumulate_grad_hook(lambda p: torch.ones(1))
x.sum().backward()

x = torch.ones(1, requires_grad=True)
_ = x.register_post_accumulate_grad_hook(lambda p: 3)
x.sum().backward()

x = torch.ones(1, requires_grad=True)
_ = x.register_hook(hook=lambda g: g * 2)
x.sum().backward()
x.grad

x = torch.ones(1, requires_grad=True).exp()
torch.autograd.graph.increment_version(x)
x._version

# logic of complex numbers
x, y = torch.tensor([1j, 0]), torch.tensor([0.0, 2.0])
[torch.logical_and(x, y), torch.logical_or(x, y), torch.logical_xor(x, y), x.logical_or_(y)]

# modules of complex numbers
m = torch.nn.Linear(2, 1).to(torch.cdouble)
[m.weight.dtype, m(torch.ones(1, 2, dtype=torch.cdouble)).dtype]

torch.nn.Linear(2, 1).to(torch.int32)

# orders of dimensions
torch.empty(2, 3, 5).transpose(0, 1).dim_order(ambiguity_check=True)

torch.empty(2, 1, 5).dim_order(ambiguity_check=True)

torch.empty(2, 3, 5, 7).dim_order(ambiguity_check=[torch.contiguous_format])

# what stands elsewhere too
F = torch.nn.functional
[F._Reduction.get_enum(r) for r in ('none', 'mean', 'elementwise_mean', 'sum')]

torch.nn.functional._Reduction.legacy_get_string(None, False)

torch.nn.functional._Reduction.get_enum('most')

torch.nn.functional.grad.conv1d_input((1, 1, 3), torch.ones(1, 1, 2), torch.ones(1, 1, 2))

torch.functional.stft(torch.ones(8), 4, return_complex=True).shape

torch.utils.data.get_worker_info(), torch.random.thread_safe_generator()

torch.compiler.set_default_backend('eager')
b = torch.compiler.get_default_backend()
torch.compiler.set_default_backend(None)
[b, torch.compiler.get_default_backend()]

[torch.tensor(1 + 2j).H.item(), torch.tensor(2.0).H]

type(torch.histogramdd(torch.rand(4, 2), [3, 3]))

F, x = torch.nn.functional, torch.tensor([[[-0.5, 0.25, 2.0, -3.0]]])
[F.lp_pool1d(x, p, 2, s) for p in (float('inf'), -float('inf')) for s in (None, 1)]

F, x = torch.nn.functional, torch.linspace(-2, 3, 16).view(1, 1, 4, 4)
[F.lp_pool2d(x, -float('inf'), 3, ceil_mode=True), F.lp_pool3d(x, float('inf'), (1, 2, 3))]

x, y, o = torch.linspace(0.1, 0.9, 6).view(2, 3), torch.ones(2, 3), torch.ones(2)
[torch.kl_div(x, y), torch.binary_cross_entropy_with_logits(x, y), torch.hinge_embedding_loss(x, y)]

x, y, o = torch.linspace(0.1, 0.9, 6).view(2, 3), torch.ones(2, 3), torch.ones(2)
[torch.margin_ranking_loss(x, y, y), torch.cosine_embedding_loss(x, y, o), torch.triplet_margin_loss(x, y, x)]

# sparse tensors laid out anew
s = torch.sparse_coo_tensor([[0, 1], [1, 0]], [3.0, 4.0], (2, 3))
[s.sparse_resize_((3, 4), 2, 0), s.sparse_resize_and_clear_((2, 4), 1, 1)]

torch.sparse_coo_tensor([[0, 1], [1, 0]], [3.0, 4.0], (2, 3)).sparse_resize_((1, 3), 2, 0)

torch.sparse_coo_tensor([[0, 1], [1, 0]], [3.0, 4.0], (2, 3)).sparse_resize_((2, 3), 1, 1)

torch.sparse_coo_tensor([[0], [1]], [3.0], (2, 3)).sparse_resize_((2, 3), 2, 2)

# dimensions by name
x = torch.arange(24.0).reshape(2, 3, 4)
patterns = ("a b c -> c b a", "a b c -> (a b) c", "... c -> c ...", "a ... -> (a ...)", "a b c -> a 1 b () c", "a ... c -> c (...) a")
[(torch.func.rearrange(x, p).shape, torch.func.rearrange(x, p).flatten()[:7]) for p in patterns]

x = torch.arange(24.0).reshape(2, 3, 4)
[torch.func.rearrange(x, "a b (c d) -> a d b c", c=2), torch.func.rearrange([x, x + 1], "n a b c -> (a n) (b c)").shape]

torch.func.rearrange(torch.ones(2, 3), "a b -> a b c")

torch.func.rearrange(torch.ones(2, 3), "a b c -> c b a")

torch.func.rearrange(torch.ones(2, 3), "a b")

torch.func.rearrange(torch.ones(2, 3), "a a -> a")

torch.func.rearrange(torch.ones(2, 3), "(a (b)) c -> a b c")

torch.func.rearrange(torch.ones(2, 3), "a b -> (a b")

torch.func.rearrange(torch.ones(2, 3), "a b -> b ... a")

torch.func.rearrange(torch.ones(2, 3), "(...) b -> b ...")

torch.func.rearrange(torch.ones(2, 3), "a 2b -> a")

torch.func.rearrange(torch.ones(2, 3), "a b -> b a", c=2)

# classes as nodes of trees
import dataclasses
tree, Point = torch.utils._pytree, dataclasses.make_dataclass("Point", ["x", ("y", int, None)])
tree.register_dataclass(Point)
[tree.tree_map(lambda v: v + 1, Point(1, [2])), tree.tree_flatten(Point(1))[0], tree.tree_leaves_with_path(Point(1, [2]))]

torch.utils._pytree.register_constant(type("Plain", (), {}))

torch.utils._pytree.register_dataclass(type("Plain", (), {}))

# streams
wrap = torch.utils.data.datapipes.iter.IterableWrapper
a, b = wrap(range(5)).fork(2)
c, d = wrap(range(5)).demux(2, lambda n: n % 2)
[list(a), list(b), list(a), list(c), list(d), len(a)]

wrap = torch.utils.data.datapipes.iter.IterableWrapper
a, b = wrap(range(3)), wrap(range(10, 15))
[(list(c), len(c)) for c in (a.concat(b), a.mux(b), a.zip(b))] + list(wrap([1.0, 2.0]).batch(2).collate())

wrap = torch.utils.data.datapipes.iter.IterableWrapper
names = wrap(["a.png", "b.png", "a.json", "b.json", "a.jpg", "c.json"])
by, full = {"group_key_fn": lambda name: name[0]}, {"buffer_size": 3, "group_size": 3, "guaranteed_group_size": 2}
[list(names.groupby(**by, **more)) for more in ({}, {"group_size": 2}, {"keep_key": True}, full)]

wrap = torch.utils.data.datapipes.iter.IterableWrapper
[list(wrap([[0, [1]], [2]]).unbatch(level)) for level in (0, 1, -1)]

list(torch.utils.data.datapipes.iter.IterableWrapper([0, 1]).unbatch())

torch.utils.data.datapipes.iter.IterableWrapper([0]).fork(0)

list(torch.utils.data.datapipes.iter.IterableWrapper([0]).demux(2, lambda n: 5)[0])

# what checkpoints and attention are told
c = torch.utils.checkpoint
contexts = lambda: c.create_selective_checkpoint_contexts(lambda ctx, op, *a: c.CheckpointPolicy.MUST_SAVE)
x = torch.ones(1, requires_grad=True)
c.checkpoint(torch.sin, x, use_reentrant=False, context_fn=contexts).backward()
[x.grad, list(c.CheckpointPolicy)]

torch.utils.checkpoint.create_selective_checkpoint_contexts(3)

a = torch.nn.attention
with a.sdpa_kernel([a.SDPBackend.MATH, a.SDPBackend.FLASH_ATTENTION], set_priority=True):
    inside = a._cur_sdpa_kernel_backends(), a._cur_sdpa_kernel_backends(with_priority=True)
[inside, a._cur_sdpa_kernel_backends(), a._cur_sdpa_kernel_backends(with_priority=True)]

# casts by their older names
with torch.cpu.amp.autocast():
    y = torch.ones(2, 2) @ torch.ones(2, 2)
[y, torch.cpu.amp.GradScaler(enabled=False).get_scale(), torch.cuda.amp.GradScaler.__module__.rpartition(".")[2]]

@torch.overrides.wrap_torch_function(lambda x: (x,))
def half(x):
    return x / 2
[half(torch.ones(1)), half(type("Name", (), {"__torch_function__": lambda self, f, types, args, kwargs: f.__name__})())]
""".strip().split("\n\n")


def outcome(library, program):
    """The text of the last expression, or the exception's type and text."""
    tree = ast.parse(program)
    last = ast.Expression(tree.body.pop().value)
    names = {"torch": library}
    try:
        exec(compile(tree, program, "exec"), names)
        return repr(eval(compile(last, program, "eval"), names))
    except Exception as error:
        return f"{type(error).__name__}: {error}".partition("\n")[0]


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_program(program):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert outcome(st, program) == outcome(torch, program)
