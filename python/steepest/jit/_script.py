"""torch.jit._script, where PyTorch's own names for compiled modules stand."""

from . import RecursiveScriptModule, ScriptFunction, ScriptModule, script

__all__ = ["RecursiveScriptModule", "ScriptFunction", "ScriptModule", "script"]
