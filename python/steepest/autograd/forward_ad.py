"""torch.autograd.forward_ad: forward mode, which is not here; jvp() of autograd.functional gets the same from two reverse passes."""

from .._lazy import absent

_INSTEAD = "torch.autograd.functional.jvp computes products with Jacobians"
dual_level, enter_dual_level, exit_dual_level, make_dual, unpack_dual = (
    absent(f"torch.autograd.forward_ad.{name}", _INSTEAD)
    for name in ("dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual")
)
