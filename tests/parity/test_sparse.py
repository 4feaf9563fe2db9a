"""Sparse tensors beside PyTorch: text, structure, values and gradients of their ops, errors, optimizers on sparse gradients."""

import copy
import functools
import io
import warnings

import pytest

from parity.pair import error_text, st, torch

PLACES = [[0, 1, 1, 0], [2, 0, 2, 2]]


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # PyTorch, of sparse tensors being in beta
        yield


def parts(t):
    """(a sparse matrix, the same coalesced, a dense factor, one of the same shape)"""
    s = t.sparse_coo_tensor(t.tensor(PLACES), t.tensor([3.0, 4.0, 5.0, 1.0]), (2, 3))
    return s, s.coalesce(), t.arange(6.0).view(3, 2), t.arange(6.0).view(2, 3) - 2


def names_in(t):
    """What the texts below speak of."""
    s, c, d, d2 = parts(t)
    names = {"t": t, "s": s, "c": c, "d": d, "d2": d2, "i": t.tensor(PLACES), "v": t.tensor([3.0, 4.0, 5.0, 1.0])}
    return names | {"r": c.to_sparse_csr(), "R": functools.partial(t.sparse_csr_tensor, check_invariants=True)}


SAME_TEXT = """
s c s.is_coalesced() s._nnz() s.shape s.layout s.is_sparse s.dim() s.sparse_dim() s.dense_dim() s.numel() s.size() s.type() s.dtype len(s)
c.indices() c.values() s._indices() s._values() c.coalesce()is(c) s.coalesce()is(s) s+s c+c c*2 2*c c/2 -c c-c c*c -s s*2 c.long()*2.5
c+c.double() c.add(c,alpha=2) c//2 d2+c d2-c d2*c c*d2 s*d2 c*d2[0] c*t.tensor(2.) t.add(d2,c,alpha=2) s@d s.mm(d) t.mm(s,d) t.spmm(s,d)
t.sparse.mm(s,d) t.matmul(s,d) s.matmul(d) d@s t.mm(d,s) s@d[:,0] t.mv(s,d[:,0]) s@c.t() t.sparse.mm(s,c.t()) t.smm(s,d) t.dsmm(s,d)
t.sparse.addmm(d[:2],s,d,beta=2,alpha=3) t.addmm(d[:2],s,d) t.nn.functional.linear(s,d.t()) t.nn.functional.linear(d.t(),s)
t.sparse.sum(s) t.sparse.sum(s,0) t.sparse.sum(s,1) t.sparse.sum(s,(0,1)) s.sum() s.sum(0) t.sum(s,1) s.sum(0,keepdim=True)
s.sum(dtype=t.float64) t.sparse.softmax(s,1) t.sparse.softmax(s,0) t.sparse.log_softmax(s,1) s.to_dense() t.eye(3).to_sparse()
t.ones(2,2,2).to_sparse(1) t.ones(2,2,3).to_sparse(2) t.tensor(3.).to_sparse() t.zeros(2,2).to_sparse()
t.tensor([[True,False]]).to_sparse().to_dense() s.to_sparse() t.eye(2).to_dense() t.eye(2).sparse_dim() t.eye(2).dense_dim()
d2.sparse_mask(c) d2.sparse_mask(s) s.sparse_mask(c) t.sparse_coo_tensor(i,v) t.sparse_coo_tensor((2,3)) t.sparse_coo_tensor(size=(2,3))
t.sparse_coo_tensor(i,d[[0,1,2,0]],(2,3,2)) t.sparse_coo_tensor([[0,1],[1,0]],[1,2],(2,2)) t.sparse_coo_tensor(i,v,(2,3),dtype=t.float64)
t.sparse_coo_tensor(i,v,requires_grad=True) t.sparse_coo_tensor(i,v,(2,3),is_coalesced=True).is_coalesced()
t.sparse_coo_tensor(i.int(),v,(2,3))._indices().dtype t.sparse_coo_tensor(t.zeros(2,0),[],(2,3))
t.sparse_coo_tensor(t.zeros(2,0),t.zeros(0)) t.sparse_coo_tensor([[0],[1]],[1.0]) s[0] s[1] s[0,0] s[-1] s[None] list(s) s.clone()
s.detach() s.data s.float() s.double() s.to(t.float64) s.cpu() s.to("cpu") s.long() s.half() s.bool() s.type(t.float64) s.abs() s.sqrt()
s.sin() s.sign() s.relu() t.relu(c) t.isnan(s) s.pow(2) s**2 s.square() s.round() s.norm() t.norm(s) s.norm(p=1) s.unsqueeze(0)
c.unsqueeze(2) t.cat([s,s]) t.cat([c,c],1) t.stack([s,s]) s.index_select(0,t.tensor([1])) c.index_select(1,t.tensor([2,0])) s.permute(1,0)
s.T s.mT s.t() s.transpose(0,1) t.t(s) t.zeros_like(s) t.empty_like(s)._nnz() s.element_size() s.any() s.is_same_size(c)
s.add(c.t().t()).to_dense() s.div(2) s.sub(c).to_dense() s.mul_(2) s.neg_() s.div_(2) s.zero_() c.mul_(c) c.sub_(c) s.copy_(c) c.add_(c)
d2.clone().add_(c) d2.clone().sub_(c) d2.clone().mul_(c) t.is_floating_point(s) s.is_complex() t.is_tensor(s) t.numel(s) s.stride()
s.is_contiguous() s.requires_grad_() s.requires_grad s.is_leaf s.grad_fn s.grad isinstance(c,t.sparse.FloatTensor)
t.sparse.FloatTensor(i,v,t.Size([2,3])) t.sparse.FloatTensor(2,3) t.sparse.FloatTensor(i,v) t.sparse.LongTensor(i,v.long())
t.sparse.spdiags(d2,t.tensor([0,1]),(3,3)) t.sparse.spdiags(t.ones(2),t.tensor(-1),(2,2)) c.half()@d.half() (c.t()@d2.t()[:2,:])
t.nn.functional.dropout(s,0.5,False) s.mH s.H s.unbind(1) t.bmm(s.to_dense()[None].to_sparse(),d[None]) s.sum().item()
(s.double()@d.double()).dtype t.sparse_coo_tensor(i,v.repeat(1),(2,3)).coalesce()
r r.layout r.is_sparse r.is_sparse_csr r._nnz() r.crow_indices() r.col_indices() r.values() r*2 2*r r+r -r r.abs() r*d2 r.t()
r.transpose(0,1) r.to_sparse_csc() r.to_sparse_csc().ccol_indices() r.to_sparse_csc().row_indices() d2.to_sparse_csc() c.to_sparse_csr()
s.to_sparse_csr() r.to_sparse() r.to_dense() r[0] r[0,1] r.sum() r.double() r.clone() r.detach() r@d r@d[:,0] d.t()@r.t()
(r@r.t()).to_dense() t.mm(r,d) t.mv(r,d[:,0]) t.sparse.mm(r,d) t.addmm(d[:2],r,d) t.zeros_like(r) d2.sparse_mask(r) r.sparse_dim()
r.dense_dim() r.dim() r.mul_(2) r.requires_grad_() t.sparse_csr_tensor([0,1,2],[1,0],[1,2])
t.sparse_csr_tensor([0,1,2],[1,0],[1,2],(2,4),dtype=t.float64) t.sparse_csc_tensor([0,1,2],[1,0],[1.,2.])
t.sparse_compressed_tensor([0,1,2],[1,0],[1.,2.],layout=t.sparse_csr) d2.to_sparse(layout=t.sparse_csr) t.zeros(2,2).to_sparse_csr()
r.is_floating_point() len(r) r.cpu()
""".split()


@pytest.mark.parametrize("text", SAME_TEXT)
def test_text(text):
    shown = []
    for t in (st, torch):
        names = names_in(t)
        shown.append(repr(eval(text, names)))
    assert shown[0] == shown[1]


SAME_ERROR = """
s.indices() s.values() c+1 c-1 1-c c+d2 c-d2 c.add_(d2) t.sparse.mm(s,d2) s@d2 s@d2[0,:2] t.sparse.mm(s,d.double()) c+c.t() c*c.t() d+c
c/d2 c/c t.sparse.sum(s,2) t.sparse.softmax(s,2) s.transpose(0,2) s.permute(0) s.permute(0,0) s[2] s[0,5] t.ones(2).to_sparse(0)
t.ones(2).to_sparse(-1) t.eye(2).to_sparse(3) t.eye(2).indices() t.eye(2).values() t.eye(2).coalesce() t.eye(2).is_coalesced()
t.eye(2).sparse_mask(c) t.sparse_coo_tensor(i,v,(2,)) t.sparse_coo_tensor(i,v[:2],(2,3)) t.sparse_coo_tensor(i[0],v,(2,3))
t.sparse_coo_tensor(i,t.tensor(1.),(2,3)) t.sparse_coo_tensor(3,v) t.sparse_coo_tensor(-i,v)
t.sparse_coo_tensor(-i,v,(2,3),check_invariants=True) t.sparse_coo_tensor(i,v,(1,3),check_invariants=True) s.numpy() s.item() bool(s)
s.nbytes s.data_ptr() s.storage() len(t.tensor(1.).to_sparse()) s.to_dense(t.float64) d2.clone().copy_(c) c.copy_(d2) s.backward()
s.matmul(2) s.norm(2,dim=0) s.cuda() s.to("cuda") r.stride() r.is_contiguous() r.indices() r.coalesce() r.is_coalesced() d.crow_indices()
r.ccol_indices() d.row_indices() r.numpy() R([1,2],[0],[1.]) R([0,2],[0],[1.]) R([0,2,1],[0],[1.]) R([0,1],[2],[1.],(1,2))
R([0,1],[-1],[1.],(1,2)) R([0,2],[1,0],[1.,2.]) R([0,1],[0],[1.],(2,2)) R([0,1],[0],[1.,2.],(1,2))
R([0,1],[0],[1.],(1,)) R([[0,1]],[0],[1.])
R(t.tensor([0,1]).int(),t.tensor([0]),[1.])
""".split()


@pytest.mark.parametrize("text", SAME_ERROR)
def test_errors(text):
    found = []
    for t in (st, torch):
        names = names_in(t)
        found.append(error_text(lambda names=names: eval(text, names)))
    assert found[0] == found[1]
    assert found[1][0] != "no error"


REFUSED = """
s.view(6) s[:1] s[[0]] s.exp() s.max() s.mean() s==s s>0 s.fill_(1) s.nonzero() s.softmax(1) t.equal(c,c) t.allclose(c,c) t.ones_like(s)
s.trace() 2/c c%2 s.all() s.cos() t.dot(s,s) s.narrow(0,0,1) t.nn.functional.dropout(s) s.untyped_storage() t.eye(2)._nnz()
t.eye(2)._values()
""".split()


@pytest.mark.parametrize("text", REFUSED)
def test_what_neither_has(text):
    for t in (st, torch):
        s, c, _, _ = parts(t)
        with pytest.raises(NotImplementedError):
            eval(text, {"t": t, "s": s, "c": c})


GRADIENTS = {
    "mm": lambda t, s, d: t.sparse.mm(s, d),
    "mm, dense first": lambda t, s, d: d.t() @ s.t(),
    "mv": lambda t, s, d: s @ d[:, 0],
    "two": lambda t, s, d: t.sparse.mm(s, s.t()).to_dense(),
    "dense": lambda t, s, d: s.to_dense() * d.t(),
    "sum": lambda t, s, d: t.sparse.sum(s) * d,
    "sums": lambda t, s, d: t.sparse.sum(s, 1).to_dense() @ d.t()[:2],
    "softmax": lambda t, s, d: t.sparse.softmax(s.coalesce(), 1).to_dense() @ d,
    "log_softmax": lambda t, s, d: t.sparse.log_softmax(s.coalesce(), 1).to_dense() @ d,
    "sum of two": lambda t, s, d: ((s * 2) + s).to_dense() @ d,
    "values": lambda t, s, d: s.coalesce().values()[:3] @ d,
    "addmm": lambda t, s, d: t.sparse.addmm(d[:2], s, d, beta=2),
    "transpose": lambda t, s, d: s.t() @ d[:2],
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    found = []
    for t in (st, torch):
        v = t.tensor([3.0, 4.0, 5.0, 1.0], dtype=t.float64, requires_grad=True)
        d = t.linspace(-1, 2, 6, dtype=t.float64).view(3, 2).requires_grad_()
        y = GRADIENTS[name](t, t.sparse_coo_tensor(t.tensor(PLACES), v, (2, 3)), d)
        y.pow(2).sum().backward()
        found.append([y.tolist(), *[None if x.grad is None else x.grad.flatten().tolist() for x in (v, d)]])
    assert found[0][0] == pytest.approx(found[1][0]) if y.dim() == 1 else sum(found[0][0], []) == pytest.approx(sum(found[1][0], []))
    for own, peer in zip(found[0][1:], found[1][1:], strict=True):
        assert own == (peer if peer is None else pytest.approx(peer))


def test_gradient_of_a_leaf():
    texts = []
    for t in (st, torch):
        s = t.sparse_coo_tensor(t.tensor(PLACES), t.tensor([3.0, 4.0, 5.0, 1.0]), (2, 3), requires_grad=True)
        t.sparse.mm(s, t.arange(6.0).view(3, 2)).pow(2).sum().backward()
        texts.append(repr(s.grad))
        x = t.eye(3, requires_grad=True)
        x.to_sparse().to_dense().pow(2).sum().backward()
        texts[-1] += repr(x.grad)
    assert texts[0] == texts[1]


def embedded(t, **options):
    layer = t.nn.Embedding(6, 2, sparse=True, **options)
    with t.no_grad():
        layer.weight.copy_(t.arange(12.0).view(6, 2).sin())
    return layer, t.tensor([[1, 2], [1, 4]])


def test_gradients_of_tables():
    texts = []
    for t in (st, torch):
        shown = []
        layer, x = embedded(t)
        y = layer(x)
        shown.append(type(y.grad_fn).__name__)
        y.pow(2).sum().backward()
        shown.append(layer.weight.grad)
        layer(t.tensor([5, 1])).sum().backward()
        shown += [layer.weight.grad, layer.weight.grad.is_coalesced()]
        layer.weight.sum().backward()
        shown.append(layer.weight.grad)
        layer(t.tensor([5])).sum().backward()
        shown.append(layer.weight.grad)
        layer.zero_grad()
        (layer(t.tensor([5])).sum() + layer.weight.sum()).backward()
        shown.append(layer.weight.grad)
        layer.zero_grad()
        (layer(t.tensor([5, 1])).sum() + layer(t.tensor([5, 2])).sum()).backward()
        shown.append(layer.weight.grad)
        layer.zero_grad(set_to_none=False)
        shown += [layer.weight.grad, *t.autograd.grad(layer(x).sum(), layer.weight)]
        seen = []
        layer.weight.register_hook(seen.append)
        layer(x).sum().backward()
        shown += seen
        layer, x = embedded(t, padding_idx=1)
        layer(x).sum().backward()
        shown.append(layer.weight.grad)
        for mode in ("sum", "mean"):
            bag = t.nn.EmbeddingBag.from_pretrained(layer.weight.detach(), False, mode=mode, sparse=True, padding_idx=4)
            bag(x).sum().backward()
            shown.append(bag.weight.grad)
        weights = t.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        bag = t.nn.EmbeddingBag.from_pretrained(layer.weight.detach(), False, mode="sum", sparse=True)
        bag(x, per_sample_weights=weights).sum().backward()
        shown += [bag.weight.grad, weights.grad]
        texts.append([repr(item) for item in shown])
    assert texts[0] == texts[1]


STEPS = [
    ("SparseAdam", {}), ("SparseAdam", {"maximize": True, "betas": (0.5, 0.9)}), ("SGD", {}), ("SGD", {"maximize": True}),
    ("SGD", {"momentum": 0.9}), ("SGD", {"momentum": 0.9, "nesterov": True}), ("SGD", {"momentum": 0.9, "dampening": 0.5}),
    ("Adagrad", {}), ("Adagrad", {"lr_decay": 0.1}), ("Adagrad", {"initial_accumulator_value": 0.5, "maximize": True}), ("LBFGS", {}),
]


@pytest.mark.parametrize(("name", "options"), STEPS)
def test_optimizers(name, options):
    tables, states = [], []
    for t in (st, torch):
        layer, x = embedded(t)
        optimizer = getattr(t.optim, name)(layer.parameters(), lr=0.1, **options)
        for k in range(4):
            optimizer.zero_grad()
            loss = layer(x + k % 2).pow(2).sum()
            loss.backward()
            optimizer.step((lambda loss=loss: loss) if name == "LBFGS" else None)
        tables.append(layer.weight.flatten().tolist())
        state = optimizer.state_dict()["state"].get(0, {}) if name != "LBFGS" else {}
        dense = {key: value.to_dense() if isinstance(value, t.Tensor) else t.tensor(value) for key, value in state.items()}
        states.append({key: value.flatten().tolist() for key, value in dense.items()})
    assert tables[0] == pytest.approx(tables[1], rel=1e-5, abs=1e-6)
    assert states[0].keys() == states[1].keys()
    for key, value in states[0].items():
        assert value == pytest.approx(states[1][key], rel=1e-5, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "options"),
    [(name, {}) for name in "Adam AdamW RMSprop Adadelta Adamax NAdam RAdam ASGD Rprop Muon Adafactor".split()]
    + [("SGD", {"weight_decay": 0.1}), ("Adagrad", {"weight_decay": 0.1})],
)
def test_optimizers_that_refuse(name, options):
    found = []
    for t in (st, torch):
        layer, x = embedded(t)
        optimizer = getattr(t.optim, name)(layer.parameters(), lr=0.1, **options)
        layer(x).sum().backward()
        found.append(error_text(optimizer.step))
    assert found[0] == found[1]


@pytest.mark.parametrize("writer", [st, torch], ids=["ours", "theirs"])
def test_files(writer):
    s, c, _, _ = parts(writer)
    file = io.BytesIO()
    writer.save({"s": s, "c": c}, file)
    for reader in (st, torch):
        file.seek(0)
        read = reader.load(file)
        assert repr(read["s"]) == repr(s)
        assert repr(read["c"]) == repr(c)
        assert (read["s"].is_coalesced(), read["c"].is_coalesced()) == (False, True)


def test_modules_with_sparse_buffers():
    texts = []
    for t in (st, torch):
        module = t.nn.Module()
        module.register_buffer("adjacency", parts(t)[1])
        other = copy.deepcopy(module)
        module.double()
        module.load_state_dict(other.state_dict())
        texts.append(repr(module.adjacency) + repr(other.state_dict()) + str(copy.deepcopy(module.adjacency).is_coalesced()))
    assert texts[0] == texts[1]
