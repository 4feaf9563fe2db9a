"""torch.special: what the op table has of it."""

from . import _C

globals().update({name: f for name, f in vars(_C._special).items() if not name.startswith("_")})
