"""Rows of optimizers, training steps and loaders, and what is measured in new processes: import and memory."""

import overhead
from pair import Row

# Name: arguments, whether PyTorch has a fused form.
FORMS = {
    "SGD": ("", True),
    "SGD momentum": (", momentum=0.9", True),
    "Adam": ("", True),
    "AdamW": ("", True),
    "Adagrad": ("", True),
    "RMSprop": ("", False),
    "Adadelta": ("", False),
    "NAdam": ("", False),
    "RAdam": ("", False),
    "Adamax": ("", False),
    "Rprop": ("", False),
    "ASGD": ("", False),
}
WAYS = {"loop": "foreach=False", "foreach": "foreach=True", "fused": "fused=True"}
# Tensors and the elements of each.
COUNTS = ((1, 1 << 20), (100, 10_000), (10_000, 100), (100, 100))
TARGETED = ("SGD", "SGD momentum", "Adam", "AdamW")

STEP = """
def step():
    optimizer.zero_grad()
    loss = objective()
    loss.backward()
    optimizer.step()
    return loss.detach()
"""

MLP = """
nn = torch.nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
x, t = rnd(64, 784), integers(10, 64)
def objective(): return F.cross_entropy(model(x), t)
optimizer = torch.optim.{}(model.parameters(), lr=1e-3)
"""

SMALL_MLP = """
nn = torch.nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
x, t = rnd(32, 2), rnd(32, 1)
def objective(): return F.mse_loss(model(x), t)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
"""

CNN = """
nn = torch.nn
torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
                      nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 49, 10))
x, t = rnd(32, 1, 28, 28), integers(10, 32)
def objective(): return F.cross_entropy(model(x), t)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
"""

RESNET = """
nn = torch.nn
torch.manual_seed(0)
class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.one = nn.Sequential(nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU())
        self.two = nn.Sequential(nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after))
        self.short = nn.Sequential()
        if stride != 1 or before != after:
            self.short = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
    def forward(self, x):
        return F.relu(self.two(self.one(x)) + self.short(x))
layers = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
channels = 64
for width, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
    layers += [Block(channels, width, stride), Block(width, width, 1)]
    channels = width
model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
x, t = rnd(16, 3, 32, 32), integers(10, 16)
def objective(): return F.cross_entropy(model(x), t)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
"""

RECURRENT = """
nn = torch.nn
torch.manual_seed(0)
net, head = nn.{}(128, 128, batch_first=True), nn.Linear(128, 10)
x, t = rnd(32, 32, 128), integers(10, 32)
def objective(): return F.cross_entropy(head(net(x)[0][:, -1]), t)
optimizer = torch.optim.SGD([*net.parameters(), *head.parameters()], lr=1e-3)
"""

GPT = """
nn = torch.nn
torch.manual_seed(0)
class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
    def forward(self, x):
        n, length, width = x.shape
        q, k, v = (p.view(n, length, self.heads, -1).transpose(1, 2) for p in self.qkv(self.norm1(x)).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(n, length, width))
        return x + self.mlp(self.norm2(x))
words, places = nn.Embedding(256, 128), nn.Embedding(64, 128)
body = nn.Sequential(*[Block(128, 4) for _ in range(4)], nn.LayerNorm(128), nn.Linear(128, 256))
x, t, order = integers(256, 8, 64), integers(256, 8 * 64), torch.arange(64)
def objective(): return F.cross_entropy(body(words(x) + places(order)).view(-1, 256), t)
optimizer = torch.optim.AdamW([p for m in (words, places, body) for p in m.parameters()], lr=1e-4)
"""

LOADER = """
data = torch.utils.data
loader = data.DataLoader(data.TensorDataset(rnd(4096, 16), integers(10, 4096)), batch_size=32, shuffle={})
def epoch():
    total = 0
    for x, t in loader: total += x.shape[0]
    return total
"""

STEPS = {
    "MLP 2-16-16-1 b32": SMALL_MLP,
    "MLP 784-256-128-10 b64 SGD": MLP.format("SGD"),
    "MLP 784-256-128-10 b64 Adam": MLP.format("Adam"),
    "CNN 28x28 b32": CNN,
    "ResNet-18 32x32 b16": RESNET,
    "LSTM 128 b32": RECURRENT.format("LSTM"),
    "GRU 128 b32": RECURRENT.format("GRU"),
    "GPT 4x128 b8 AdamW": GPT,
}
TARGETS = {"MLP 784-256-128-10 b64 SGD": 2.5, "MLP 784-256-128-10 b64 Adam": 2.7, "CNN 28x28 b32": 1.5, "ResNet-18 32x32 b16": 1.2,
           "LSTM 128 b32": 2.5, "GRU 128 b32": 4, "GPT 4x128 b8 AdamW": 2.2}


def optimizers():
    for name, (arguments, fuses) in FORMS.items():
        for tensors, each in COUNTS:
            for way, choice in WAYS.items():
                if way == "fused" and not fuses:
                    continue
                setup = f"ps = [rnd({each}, grad=True) for _ in range({tensors})]\nfor p in ps: p.grad = torch.ones_like(p)\n"
                setup += f"optimizer = torch.optim.{name.split()[0]}(ps, lr=1e-6{arguments}, {choice})\n"
                quick = name in TARGETED and tensors != 10_000
                yield Row(f"{name} {tensors} of {each}, {way}", setup, "optimizer.step()", check="ps[0]", quick=quick)


def graphs():
    """Graphs that are deep, and wide; what a graph costs to free counts where it is built."""
    chain = "def build():\n    y = x\n    for _ in range(100000): y = y * 1.00001\n    return y\n"
    fan = "def build():\n    y = 0\n    for _ in range(10000): y = y + x * 0.5\n    return y\n"
    x = "x = rnd(1, grad=True)\n"
    yield Row("chain of 100k nodes, build", x + chain, "build()", 25)
    yield Row("chain of 100k nodes, backward", x + chain, "y.backward()", 40, before="y = build()", check="None")
    yield Row("fan-out of 10k, backward", x + fan, "y.backward()", 40, before="y = build()", check="None")


def rows():
    for row in overhead.ROWS:
        yield Row("loop: " + row.name, row.setup, row.statement, row.target, row.count, row.before, check="None", quick=True)
    yield from optimizers()
    yield from graphs()
    for name, setup in STEPS.items():
        check = "[step() for _ in range(3)]"
        yield Row(f"step: {name}", setup + STEP, "step()", TARGETS.get(name), check=check, tolerance=1e-3, quick=True)
    plain = MLP.format("SGD") + "\nmodel.requires_grad_(False)\n"
    yield Row("MLP 784-256-128-10 b64 forward", plain, "model(x)", 2, quick=True, tolerance=1e-3)
    for shuffle in (False, True):
        yield Row(f"DataLoader{' shuffled' if shuffle else ''}, 128 batches of 32", LOADER.format(shuffle), "epoch()", quick=True)


FIRST_STEP = (
    "import time; start = time.perf_counter(); import LIBRARY as torch; w = torch.ones(3, requires_grad=True); "
    "o = torch.optim.Adam([w]); (w * w).sum().backward(); o.step(); print((time.perf_counter() - start) * 1e3)"
)
# Peak memory over that after the import, in MB (getrusage would count what the parent held).
PEAK = """
def peak():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
"""
MEMORY = f"import LIBRARY as torch\nfrom pair import HELPERS\n{PEAK}exec(HELPERS)\nbase = peak()\n"
LONG = MEMORY + overhead.SGD + "\nfor _ in range(1000): step()\nbase = peak()\nfor _ in range(1000000): step()\nprint(peak() - base)"


def fresh():
    """(name, unit, code, whether it is part of the short pass) of what needs a new process."""
    yield "import", "ms", overhead.IMPORT, True
    yield "import to first optimizer step", "ms", FIRST_STEP, True
    yield "memory after the import", "MB", f"import LIBRARY\n{PEAK}print(peak())", True
    for name, setup in STEPS.items():
        code = f"{MEMORY}{setup}{STEP}\nfor _ in range(20): step()\nprint(peak() - base)"
        yield f"peak memory: {name}", "MB", code, name.startswith("MLP")
    yield "growth of a million steps", "MB", LONG, False
