"""Rows of ops that programs use less, each at one size where the work counts: what the other rows leave out."""

from pair import Row

SETUP = """
x, y = rnd(1024, 1024), rnd(1024, 1024).roll(1)
p, mask, v = rnd(1024, 1024, low=0.1, high=0.9), x > 0, x.reshape(-1)
i, at = integers(1000, 1 << 20), integers(1024, 1024, 1024)
h, b, c = x.half(), x.bfloat16(), torch.complex(x, y)
u, j, many_short = (p * 200).to(torch.uint8), i.int(), list(x.view(16, -1))
image, sequence = rnd(8, 16, 64, 64), rnd(32, 128, 64)
square = rnd(64, 64)
positive = square @ square.T + 64 * torch.eye(64)
many = rnd(64, 32, 32) + 32 * torch.eye(32)
"""
# Functions that are called alike, by how they are called.
FAMILIES = {
    "of p": "acos acosh asin asinh atan atanh cosh digamma erfc erfinv exp2 i0 log10 log2 logit sinc sinh tan trunc frac expm1",
    "functions of x": "relu6 selu celu softsign tanhshrink hardshrink softshrink hardsigmoid hardswish glu",
    "of p, p": "remainder fmod hypot copysign xlogy logaddexp floor_divide nextafter",
    "along rows": "sum mean std amax median cumsum cumprod sort argsort softmax log_softmax nansum count_nonzero",
    "along columns": "std median cumprod argmax",
}
FORMS = {"of p": "torch.{}(p)", "functions of x": "F.{}(x)", "of p, p": "torch.{}(p, p)", "along rows": "torch.{}(x, dim=1)",
         "along columns": "torch.{}(x, dim=0)"}
EXPRESSIONS = {
    "half": ["h.sum()", "h.sum(0)", "h + h", "h.exp()", "h.softmax(1)", "h.float()", "x.half()", "b.sum()", "b + b", "b.softmax(1)",
             "b.abs()", "b.norm()", "b.amax()", "b.aminmax()[0]"],
    "integers": ["i + i", "i // 7", "i % 7", "i.sum()", "i.max()", "i.float()", "i == 3", "i.sort()[0]", "i.unique()", "i.bincount()",
                 "torch.isin(i, i[:100])", "i.unique_consecutive()", "F.one_hot(i[:10000], 1000)"],
    "bytes": ["u + u", "u // 7", "u << 1", "u.amax(0)", "mask.logical_not()", "mask.max()", "(p * 9).to(torch.uint8)"],
    "more integers": ["torch.gcd(i, i + 1)", "j // 7", "j % 7", "i.view(1024, 1024).max(0)[0]", "i.view(1024, 1024).t().max(0)[0]"],
    "of every other column": ["x[:, ::2].any(0)", "x[:, ::2].count_nonzero(0)", "x[:, ::2] + x[:, 1::2]", "u[:, ::2].sum(0)"],
    "of doubles": ["p.double().log2()", "p.double().log10()", "p.double().asin()", "p.double().acosh()"],
    "complex": ["c * c", "c.abs()", "c.conj() + 1", "c.exp()", "c[:128, :128] @ c[:128, :128]"],
    "indexing": ["x[mask]", "mask.nonzero()", "x[at[0]]", "x[:, at[0]]", "x[at[0], at[1]]", "x.gather(0, at)", "v.take(i)",
                 "x.index_select(1, at[0])", "x.scatter(1, at, y)", "x.scatter_add(0, at, y)", "x.index_add(0, at[0], y)",
                 "v.index_put((i,), v, accumulate=True)", "v.kthvalue(100)", "v.histc(100)",
                 "x.aminmax()[0]", "v.median()", "x.cummax(1)[0]",
                 "torch.searchsorted(torch.arange(1000.0), v)"],
    "copies": ["x.t().contiguous()", "image.permute(0, 2, 3, 1).contiguous()", "torch.cat([x, y], 1)", "torch.stack([x, y], -1)",
               "torch.stack(many_short, -1)",
               "x.flip(1)", "x.roll(5, 1)", "x.repeat(2, 2)", "x.repeat_interleave(2, 1)", "x.tril()", "F.pad(image, (1, 1, 1, 1))",
               "F.pad(image, (2, 2, 2, 2), mode='reflect')", "F.unfold(image, 3)", "x[::2, ::2].contiguous()", "torch.outer(x[0], y[0])",
               "[a.contiguous() for a in torch.meshgrid(x[0], y[0], indexing='ij')]", "torch.linspace(0, 1, 1 << 20)"],
    "images": ["F.max_pool2d(image, 3, 1, 1)", "F.adaptive_avg_pool2d(image, 7)", "F.interpolate(image, scale_factor=2)",
               "F.interpolate(image, scale_factor=2, mode='bilinear')", "F.interpolate(image, scale_factor=2, mode='bicubic')",
               "F.pixel_shuffle(image, 2)", "F.grid_sample(image, rnd(8, 64, 64, 2), align_corners=False)", "F.instance_norm(image)",
               "F.local_response_norm(image, 5)", "F.normalize(sequence, dim=-1)", "F.rms_norm(sequence, (64,))"],
    "losses": ["F.l1_loss(x, y)", "F.smooth_l1_loss(x, y)", "F.huber_loss(x, y)", "F.binary_cross_entropy(p, p)",
               "F.binary_cross_entropy_with_logits(x, p)", "F.kl_div(x, p)", "F.triplet_margin_loss(x, y, p)", "F.cosine_similarity(x, y)",
               "F.nll_loss(sequence.view(-1, 64), i[:4096] % 64)"],
    "matrices": ["torch.linalg.inv(positive)", "torch.linalg.cholesky(positive)", "torch.linalg.solve(positive, square)",
                 "torch.linalg.qr(square)[1].abs()", "torch.linalg.svdvals(square)", "torch.linalg.eigvalsh(positive)",
                 "torch.linalg.inv(many)", "torch.linalg.solve(many, many)", "torch.matrix_exp(square / 10)",
                 "torch.cdist(x[:, :64], y[:, :64])", "x @ x[0]",
                 "torch.einsum('bld,de->ble', sequence, square)", "many @ many"],
    "transforms": ["torch.fft.fft(v)", "torch.fft.rfft(x)", "torch.fft.fft2(x)",
                   "torch.stft(v[:65536], 512, window=torch.ones(512), return_complex=True)"],
    "special": ["torch.polygamma(1, p)", "torch.special.zeta(p + 1, p)", "torch.special.ndtri(p)", "torch.special.gammainc(p, p)",
                "torch.logcumsumexp(x, 1)", "torch.renorm(x, 2, 0, 1.0)", "torch.add(x, y, out=torch.empty_like(x))"],
}


def rows():
    """All rows; complex results are compared by their real parts."""
    for family, names in FAMILIES.items():
        for name in names.split():
            expression = FORMS[family].format(name)
            yield Row(f"wide: {expression}", SETUP, expression)
    for expressions in EXPRESSIONS.values():
        for expression in expressions:
            yield Row(f"wide: {expression}", SETUP, expression)
