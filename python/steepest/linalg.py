"""torch.linalg: what the op table has of it."""

from . import _C

LinAlgError = _C._LinAlgError = type(
    "_LinAlgError",
    (RuntimeError,),
    {"__module__": "torch._C", "__doc__": "A matrix has not what an operation needs."},
)
_C._set_linalg_error(LinAlgError)
globals().update({name: f for name, f in vars(_C._linalg).items() if not name.startswith("_")})
