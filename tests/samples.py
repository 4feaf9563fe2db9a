"""The test data of the ops, one line an op: how it is called, and what numpy says of the result.

A new elementwise op's line goes here, any other's into the file of its kind in ops/. A call's `x()` is a tensor of any
shape, `x(3, 4)` of that shape; see ops/draw.py for them and for what else a line may say.
"""

import numpy as np

from ops import reference as ref
from ops.attentions import ATTENTIONS
from ops.combined import COMBINED
from ops.convolutions import CONVOLUTIONS
from ops.copies import COPIES
from ops.creations import CREATIONS
from ops.distances import DISTANCES
from ops.draw import binary, elementwise, f, mask, same_as, scalar, unary, x
from ops.indexes import INDEXES
from ops.losses import LOSSES
from ops.margins import MARGINS
from ops.matrices import MATRICES
from ops.norms import NORMS
from ops.planes import RESAMPLINGS
from ops.products import PRODUCTS
from ops.randoms import RANDOMS
from ops.recurrent import RECURRENT
from ops.reductions import REDUCTIONS
from ops.shapes import SHAPES
from ops.specials import SPECIALS

NUMBER = (x(), 0.75)
SELU = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
ABOVE_1, INSIDE = {"low": 1.01, "high": 4}, {"low": -0.99, "high": 0.99}
POSITIVE = {"low": 0.05, "high": 4}
TINY = (1e-9, -1e-9, 1e-30)

ELEMENTWISE = {
    "lt": binary(np.less, NUMBER, grad=False),
    "le": binary(np.less_equal, NUMBER, grad=False),
    "gt": binary(np.greater, NUMBER, grad=False),
    "ge": binary(np.greater_equal, NUMBER, grad=False),
    "eq": binary(np.equal, NUMBER, grad=False),
    "ne": binary(np.not_equal, NUMBER, grad=False),
    "where": elementwise((mask(), x(), x()), (mask(), x(), 0.75), (mask(3, 4),), ref=lambda c, *v: np.where(c, *v)),
    "maximum": binary(np.maximum),
    "minimum": binary(np.minimum),
    "fmax": binary(np.fmax),
    "fmin": binary(np.fmin),
    "clamp_min": binary(np.maximum, (x(), 1)),
    "clamp_max": binary(np.minimum, (x(), 1)),
    "clamp": elementwise((x(), 0, 1), (x(), x(low=-2, high=0), x(low=0, high=2)), (x(), {"max": 1}), (x(), x()),
        ref=ref.clamp, special=False, dtypes="fi"),
    "lerp": elementwise((x(), x(), x(low=0, high=1)), (x(), x(), 0.25), ref=lambda a, b, w: a + w * (b - a),
        dtypes="f", special=False, atol=4),
    "addcmul": elementwise((x(), x(), x()), (x(), x(), x(), {"value": 2}),
        ref=lambda v, a, b, value=1: v + value * a * b, dtypes="fi", atol=4),
    "addcdiv": elementwise((x(), x(), x(away=0.3)), (x(), x(), x(away=0.3), {"value": 2}),
        ref=lambda v, a, b, value=1: v + value * a / b, dtypes="f", atol=4),
    "heaviside": binary(lambda v, h: np.heaviside(v, h).astype(v.dtype), grad="refused", special=False),
    "hypot": binary(np.hypot, dtypes="f"),
    "floor": unary(np.floor, dtypes="fi"),
    "ceil": unary(np.ceil, dtypes="fi"),
    "trunc": unary(np.trunc, dtypes="fi"),
    "frac": unary(lambda v: np.fmod(v, 1), dtypes="f", special=False),
    "round": elementwise((x(),), (f(), {"decimals": 1}), ref=ref.rounded, dtypes="fi"),
    "sign": unary(lambda v: np.sign(v.astype(float)).astype(v.dtype)),
    "abs": unary(abs, dtypes="fi"),
    "signbit": unary(np.signbit, grad=False),
    "copysign": elementwise((x(), x()), (x(), -1.5), ref=np.copysign),
    "floor_divide": binary(np.floor_divide, (x(), 2), away=0.3, grad="refused", dtypes="fi"),
    "remainder": binary(np.remainder, (x(), 2), (3, x(away=0.3)), away=0.3, dtypes="fi", special=False, atol=4),
    "fmod": binary(np.fmod, (x(), 2), away=0.3, dtypes="fi", special=False),
    "add": binary(ref.add, NUMBER, (2, x()), (x(), x(), {"alpha": 3}), atol=2),
    "sub": binary(lambda a, b, alpha=1: a - alpha * b, NUMBER, (2, x()), (x(), x(), {"alpha": 3}), dtypes="fi", atol=2),
    "rsub": binary(lambda a, b, alpha=1: b - alpha * a, NUMBER, (x(), 2), (x(), x(), {"alpha": 3}), dtypes="fi",
        atol=2),
    "mul": binary(np.multiply, NUMBER, (2, x())),
    "div": binary(ref.divide, NUMBER, (2, x(away=0.3)), (x(), x(away=0.3), {"rounding_mode": "floor"}),
        (x(), x(away=0.3), {"rounding_mode": "trunc"}), away=0.3, dtypes="fi", special=False),
    "true_divide": binary(np.true_divide, (x(), 2), away=0.3),
    "neg": unary(np.negative, dtypes="fi"),
    "pow": elementwise((x(**POSITIVE), x(low=0)), (x(), 2), (x(**POSITIVE), 2.5), (2, x(low=0)), ref=np.power,
        dtypes="fi"),
    "float_power": elementwise((x(**POSITIVE), x()), (x(**POSITIVE), 2.5), (2, x()),
        ref=lambda a, b: np.power(a, b, dtype=float), halves=False, inplace=""),
    "square": unary(np.square, dtypes="fi"),
    "sqrt": unary(np.sqrt, **POSITIVE),
    "rsqrt": unary(lambda v: 1 / np.sqrt(v), **POSITIVE),
    "reciprocal": elementwise((x(away=0.3),), ref=lambda v: 1 / v.astype(float)),
    "logical_not": unary(np.logical_not, grad=False),
    "logical_and": binary(np.logical_and, grad=False),
    "logical_or": binary(np.logical_or, grad=False),
    "logical_xor": binary(np.logical_xor, grad=False),
    "bitwise_not": unary(np.invert, dtypes="ib", grad=False),
    "bitwise_and": binary(np.bitwise_and, (x(), 1), dtypes="ib", grad=False),
    "bitwise_or": binary(np.bitwise_or, (x(), 1), dtypes="ib", grad=False),
    "bitwise_xor": binary(np.bitwise_xor, (x(), 1), dtypes="ib", grad=False),
    "bitwise_left_shift": elementwise((x(low=0), x(low=0)), (x(), 2), ref=np.left_shift, dtypes="i", grad=False),
    "bitwise_right_shift": elementwise((x(high=100), x(low=0)), (x(high=100), 2), ref=np.right_shift, dtypes="i",
        grad=False),
    "isnan": unary(np.isnan, grad=False),
    "isinf": unary(np.isinf, grad=False),
    "isfinite": unary(np.isfinite, grad=False),
    "isposinf": unary(np.isposinf, grad=False),
    "isneginf": unary(np.isneginf, grad=False),
    "isclose": elementwise((x(), x(), 0.5, 0.5), (x(), x(), {"equal_nan": True}), ref=np.isclose, grad=False,
        special=False),
    "sin": unary(np.sin, -7, 7, TINY),
    "cos": unary(np.cos, -7, 7, TINY, atol=1),
    "tan": unary(np.tan, -1.5, 1.5, TINY),
    "asin": unary(np.arcsin, **INSIDE, at=TINY),
    "acos": unary(np.arccos, **INSIDE),
    "atan": unary(np.arctan, -7, 7, TINY),
    "atan2": binary(np.arctan2),
    "sinh": unary(np.sinh, -5, 5, TINY),
    "cosh": unary(np.cosh, -5, 5),
    "tanh": unary(np.tanh, -5, 5, TINY),
    "sinc": unary(np.sinc, 0.1, 4, TINY, atol=1),
    "asinh": unary(np.arcsinh, -7, 7, TINY),
    "acosh": unary(np.arccosh, **ABOVE_1),
    "atanh": unary(np.arctanh, **INSIDE, at=TINY),
    "deg2rad": unary(np.deg2rad),
    "rad2deg": unary(np.rad2deg),
    "exp": unary(np.exp, -9, 9),
    "exp2": unary(np.exp2, -9, 9),
    "expm1": unary(np.expm1, -9, 9, TINY),
    "log": unary(np.log, **POSITIVE, at=(1e-30,)),
    "log2": unary(np.log2, **POSITIVE, at=(1e-30,)),
    "log10": unary(np.log10, **POSITIVE, at=(1e-30,)),
    "log1p": unary(np.log1p, -0.95, 4, TINY),
    "sigmoid": unary(ref.sigmoid, -9, 9),
    "logit": elementwise((x(low=0.05, high=0.95),), (x(low=0.2, high=0.8), 0.1),
        ref=lambda p, eps=0: np.log(p / (1 - p.astype(float))), special=False, atol=2, dtypes="f"),
    "erf": unary(ref.erf, at=TINY),
    "erfc": unary(ref.erfc, -4, 4, rtol=64),
    "erfinv": unary(ref.erfinv, **INSIDE, at=TINY, rtol=64),
    "lgamma": unary(ref.lgamma, 0.1, 9, special=False, atol=2),
    "digamma": unary(ref.digamma, 0.1, 9, special=False, atol=4),
    "polygamma": elementwise((1, x(**POSITIVE)), (2, x(**POSITIVE)), (x(**POSITIVE), 1), ref=ref.polygamma,
        special=False, rtol=64),
    "xlogy": elementwise((x(), x(**POSITIVE)), (x(), 2), (2, x(**POSITIVE)),
        ref=lambda a, b: np.where(np.equal(a, 0), 0, a * np.log(b)), special=False),
    "logaddexp": binary(np.logaddexp, dtypes="f", special=False, atol=2),
    "logaddexp2": binary(np.logaddexp2, dtypes="f", special=False, atol=2),
    "nan_to_num": elementwise((x(),), (x(), 1.5, 2.0, {"neginf": -2.0}), ref=ref.nan_to_num, special=False),
    "relu": unary(lambda v: np.maximum(v, 0), dtypes="fi"),
    "relu6": unary(lambda v: np.clip(v, 0, 6), -9, 9, dtypes="fi"),
    "leaky_relu": elementwise((x(),), (x(), 0.2), ref=lambda v, slope=0.01: np.where(v > 0, v, slope * v), dtypes="f",
        special=False),
    "elu": elementwise((x(),), (x(), 0.5), ref=lambda v, a=1: np.where(v > 0, v, a * np.expm1(np.minimum(v, 0))),
        dtypes="f"),
    "selu": unary(lambda v: SELU[0] * np.where(v > 0, v, SELU[1] * np.expm1(np.minimum(v, 0))), dtypes="f",
        special=False),
    "celu": elementwise((x(),), (x(), 0.5), ref=lambda v, a=1: np.where(v > 0, v, a * np.expm1(np.minimum(v, 0) / a)),
        dtypes="f"),
    "gelu": elementwise((x(),), (x(), {"approximate": "tanh"}), ref=ref.gelu, dtypes="f", special=False, rtol=64),
    "silu": unary(lambda v: v * ref.sigmoid(v), -9, 9, dtypes="f", special=False),
    "softplus": elementwise((x(),), (x(), 2, 1), ref=ref.softplus, dtypes="f"),
    "mish": unary(lambda v: v * np.tanh(ref.softplus(v)), dtypes="f", special=False),
    "logsigmoid": unary(lambda v: -np.logaddexp(0, -v), -9, 9, dtypes="f", special=False),
    "hardtanh": elementwise((x(),), (x(), -0.5, 0.5), ref=lambda v, low=-1, high=1: np.clip(v, low, high), dtypes="f"),
    "hardsigmoid": unary(lambda v: np.clip(v / 6 + 0.5, 0, 1), -5, 5, dtypes="f", atol=4),
    "hardswish": unary(lambda v: v * np.clip(v / 6 + 0.5, 0, 1), -5, 5, dtypes="f", special=False, atol=4),
    "hardshrink": elementwise((x(),), (x(), 1.0), ref=lambda v, lambd=0.5: np.where(abs(v) <= lambd, 0, v), dtypes="f"),
    "softshrink": elementwise((x(),), (x(), 1.0), ref=lambda v, lambd=0.5: np.sign(v) * np.maximum(abs(v) - lambd, 0),
        dtypes="f", special=False),
    "threshold": elementwise((x(), 0.5, -1), ref=lambda v, threshold, value: np.where(v <= threshold, value, v),
        dtypes="fi"),
    "positive": elementwise((x(),), ref=np.positive, dtypes="fi", views=True),
    "masked_fill": elementwise((x(), mask(), 1), (x(), mask(), scalar()),
        ref=lambda v, m, value: np.where(m, value, v).astype(v.dtype)),
}

# Other names of ops above.
SAME = {
    "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge", "not_equal": "ne", "clip": "clamp",
    "fix": "trunc", "sgn": "sign", "absolute": "abs", "divide": "div", "multiply": "mul", "subtract": "sub", "negative": "neg",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh",
}

SAMPLES = {
    **ELEMENTWISE,
    **REDUCTIONS,
    **SHAPES,
    **INDEXES,
    **PRODUCTS,
    **MATRICES,
    **CONVOLUTIONS,
    **LOSSES,
    **CREATIONS,
    **RANDOMS,
    **COMBINED,
    **COPIES,
    **SPECIALS,
    **RECURRENT,
    **ATTENTIONS,
    **NORMS,
    **RESAMPLINGS,
    **MARGINS,
    **DISTANCES,
}
SAMPLES |= {name: same_as(SAMPLES[of]) for name, of in SAME.items()}
