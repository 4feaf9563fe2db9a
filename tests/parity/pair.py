"""Calling the same op in both libraries. Where PyTorch is not installed, whoever imports this file is skipped."""

import warnings

import pytest

import steepest as st
from ops.draw import HALVES
from ops.run import arrays
from ops.table import PARTS, forms

torch = pytest.importorskip("torch")
PLACES = {"function": torch, "method": torch.Tensor, "nn": torch.nn.functional, "linalg": torch.linalg, "special": torch.special}


def public(name, form):
    """What users of steepest call: of nn the function around the op, where there is one."""
    return (form == "nn" and getattr(st.nn.functional, name, None)) or forms(name)[form][0]


def twin(name, form):
    """The same in PyTorch, or None."""
    return getattr(PLACES[form], name.removeprefix(PARTS[form][1] if form in PARTS else ""), None)


def to_torch(value):
    """The same argument for PyTorch: an own tensor with the same values, strides and dtype."""
    if isinstance(value, st.Tensor):
        half = value.dtype in HALVES
        plain = value.detach().float() if half else value.detach()
        other = torch.from_numpy(plain.numpy().copy()).to(getattr(torch, str(value.dtype).removeprefix("torch.")))
        return other.requires_grad_(value.requires_grad)
    if isinstance(value, st.dtype):
        return getattr(torch, str(value).removeprefix("torch."))
    if isinstance(value, dict):
        return {k: to_torch(v) for k, v in value.items()}
    return type(value)(map(to_torch, value)) if isinstance(value, (list, tuple)) else value


def attempt(library, function, args, kwargs):
    library.manual_seed(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*args, **kwargs)
    except Exception as error:
        return error


def tensors_of(result):
    if isinstance(result, (list, tuple)):
        return [t for r in result for t in tensors_of(r)]
    return [result] if isinstance(result, (st.Tensor, torch.Tensor)) else []


def plain(result):
    if isinstance(result, (list, tuple)):
        return [a for r in result for a in plain(r)]
    if isinstance(result, torch.Tensor):
        result = result.detach()
        return [(result.float() if result.dtype in (torch.float16, torch.bfloat16) else result).numpy(force=True)]
    return arrays(result)


def error_text(call, *args):
    """(type, text) of the exception that the call raises."""
    try:
        call(*args)
    except Exception as error:
        return type(error).__name__, str(error)
    return "no error", ""


def same_error(ours, theirs, *alike):
    """Both are exceptions, of one type or of two among `alike`."""
    kinds = {type(e).__name__ for e in (ours, theirs)}
    both = isinstance(ours, Exception) and isinstance(theirs, Exception)
    return both and (len(kinds) == 1 or kinds <= {"RuntimeError", "NotImplementedError", *alike})
