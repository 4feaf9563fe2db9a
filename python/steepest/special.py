"""torch.special: what the op table has under that name, and other names for functions that torch has too."""

from . import _C

globals().update({name: f for name, f in vars(_C._special).items() if not name.startswith("_")})

_SHARED = (
    "digamma erf erfc erfinv exp2 expm1 i0 log1p log_softmax logit logsumexp polygamma round sinc softmax xlogy"
)  # with torch's own name
_RENAMED = {
    "expit": "sigmoid",
    "gammainc": "igamma",
    "gammaincc": "igammac",
    "gammaln": "lgamma",
    "multigammaln": "mvlgamma",
    "psi": "digamma",
}
globals().update({name: getattr(_C, name) for name in _SHARED.split()})
globals().update({name: getattr(_C, of) for name, of in _RENAMED.items()})
