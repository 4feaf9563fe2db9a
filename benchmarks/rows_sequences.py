"""Rows of attention and of recurrent layers, forward and gradients, with the arithmetic that bounds them."""

from pair import Row

# Name: batch, heads, queries, keys, features; the mask, further arguments, the part of the scores that counts.
ATTENTION = {
    "8x4x64x32": ((8, 4, 64, 64, 32), "None", "", 1),
    "8x4x64x32 causal": ((8, 4, 64, 64, 32), "None", ", is_causal=True", 0.5),
    "4x8x128x64 masked": ((4, 8, 128, 128, 64), "torch.ones(128, 128, dtype=torch.bool).tril()", "", 1),
    "2x8x512x64 causal": ((2, 8, 512, 512, 64), "None", ", is_causal=True", 0.5),
    "8x1x512x64, one query": ((1, 8, 1, 512, 64), "None", "", 1),
}
# Name: features and hidden units, steps, batch.
SEQUENCES = {"128 32 steps b32": (128, 32, 32), "16 8 steps b4": (16, 8, 4)}
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def attention():
    for name, ((batch, heads, queries, keys, width), mask, arguments, part) in ATTENTION.items():
        setup = f"q = rnd({batch}, {heads}, {queries}, {width}, grad=True)\n"
        setup += f"k, v = (f(rnd({batch}, {heads}, {keys}, {width})).requires_grad_() for f in (torch.sin, torch.cos))\nmask = {mask}\n"
        call = f"F.scaled_dot_product_attention(q, k, v, mask{arguments})"
        work = 4 * batch * heads * queries * keys * width * part
        yield Row(f"attention {name}", setup, call, flops=work, quick=True, tolerance=1e-3)
        setup += f"z = {call}\ng = torch.cos(z.detach())\n"
        statement = "torch.autograd.grad(z, (q, k, v), g, retain_graph=True)"
        yield Row(f"attention {name}, backward", setup, statement, flops=2.5 * work, quick=True, tolerance=1e-3)


def recurrent():
    for kind, gates in GATES.items():
        for name, (width, steps, batch) in SEQUENCES.items():
            setup = f"torch.manual_seed(0)\nnet = torch.nn.{kind}({width}, {width})\nx = rnd({steps}, {batch}, {width}, grad=True)\n"
            work = 4 * gates * width * width * steps * batch
            yield Row(f"{kind} {name}", setup, "net(x)[0]", flops=work, quick=True, tolerance=1e-3)
            setup += "z = net(x)[0]\ng = torch.cos(z.detach())\nwanted = [x, *net.parameters()]\n"
            statement = "torch.autograd.grad(z, wanted, g, retain_graph=True)"
            yield Row(f"{kind} {name}, backward", setup, statement, flops=2 * work, quick=True, tolerance=1e-3)


def rows():
    yield from attention()
    yield from recurrent()
