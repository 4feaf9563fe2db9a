"""torch.utils.flop_counter: how many floating-point operations the matrix products and convolutions of a block need.

Products are counted when they are called, and their derivatives when backward reaches the result; both belong to the modules that were
running at the call. Attention, recurrent layers and elementwise ops are not counted, as PyTorch does not on a CPU.
"""

import math
from collections import defaultdict

from .. import ops
from .._C import Tensor
from ..nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from ..overrides import TorchFunctionMode

__all__ = ["FlopCounterMode"]

_SUFFIXES = ("", "K", "M", "B", "T")


def _product(args, result):
    """a @ b: the op of PyTorch's that computes it, its count, and those of the derivatives that are asked for."""
    a, b = args[-2:]
    if a.dim() < 2 or b.dim() < 2:
        return None
    name, count = "mm" if max(a.dim(), b.dim()) == 2 else "bmm", 2 * result.numel() * a.shape[-1]
    return name, count, [(name, count) for x in (a, b) if x.requires_grad]


def _sum_of_products(args, result):
    """c + a @ b."""
    name, count, backward = _product(args[:3], result)
    return {"mm": "addmm", "bmm": "baddbmm"}[name], count, backward


def _linear(args, result):
    x, weight, *bias = args
    count = 2 * result.numel() * weight.shape[-1]
    return "addmm" if bias and bias[0] is not None else "mm", count, [("mm", count) for operand in (x, weight) if operand.requires_grad]


def _einsum(args, result):
    equation, operands = args
    if len(operands) != 2 or "." in equation:
        return None
    sizes = {}
    for letters, x in zip(equation.replace(" ", "").split("->")[0].split(","), operands, strict=True):
        sizes.update(zip(letters, x.shape, strict=True))
    count = 2 * math.prod(sizes.values())
    return "bmm", count, [("bmm", count) for x in operands if x.requires_grad]


def _convolution(args, result, transposed=False):
    x, weight = args[:2]
    spatial = weight.dim() - 2
    batch = math.prod(x.shape[: -spatial - 1])
    places = math.prod((x if transposed else result).shape[-spatial:])
    count = 2 * batch * places * weight.numel()
    # PyTorch's count for the weight's derivative takes no notice of groups.
    to_weight = 2 * batch * places * x.shape[-spatial - 1] * result.shape[-spatial - 1] * math.prod(weight.shape[2:])
    backward = count * x.requires_grad + to_weight * weight.requires_grad
    return "convolution", count, [("convolution_backward", backward)]


def _transposed(args, result):
    return _convolution(args, result, transposed=True)


_COUNTED = {
    **dict.fromkeys(("matmul", "mm", "bmm", "__matmul__"), _product),
    **dict.fromkeys(("addmm", "baddbmm"), _sum_of_products),
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), _convolution),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _transposed),
    "linear": _linear,
    "_einsum": _einsum,
}


def _op(name):
    """torch.ops' object for an op, or its name where there is none."""
    return getattr(ops.aten, name, None) or f"aten.{name}"


def _share(part, whole):
    return f"{part / whole:.2%}" if whole else "0%"


class FlopCounterMode(TorchFunctionMode):
    """Counts the floating-point operations of a block, for each module and for all ("Global").

    mods: not needed and not used. depth: how deep modules are listed in the table. display: whether the table is printed at the end of the
    block. custom_mapping: functions of further ops, by the op, which take its arguments' shapes, out_shape by name, and return a count.

    >>> import steepest as torch
    >>> from steepest.utils.flop_counter import FlopCounterMode
    >>> with FlopCounterMode(display=False) as counter:
    ...     y = torch.nn.Linear(3, 4)(torch.ones(2, 3))
    >>> counter.get_total_flops()
    48
    """

    def __init__(self, mods=None, depth=2, display=True, custom_mapping=None):
        super().__init__()
        self.depth, self.display = depth, display
        self.flop_counts = defaultdict(lambda: defaultdict(int))
        self._custom = {getattr(op, "__name__", str(op)).rpartition(".")[2]: (op, count) for op, count in (custom_mapping or {}).items()}
        self._running, self._hooks = [], []
        self._paths = {}  # of modules that have run: {each module within: its path}

    def get_total_flops(self):
        """The number of all."""
        return sum(self.flop_counts["Global"].values())

    def get_flop_counts(self):
        """{module: {op: number}}; a module's name begins with the class of the outermost."""
        return {name: dict(counts) for name, counts in self.flop_counts.items()}

    def get_table(self, depth=None):
        """The numbers as text, for modules down to a depth."""
        depth = self.depth if depth is None else depth
        total = self.get_total_flops()
        unit = max(0, min(len(_SUFFIXES) - 1, (len(str(total)) - 2) // 3))

        def rows(name):
            counts = self.flop_counts[name]
            for label, count in ((name, sum(counts.values())), *((f"- {op}", count) for op, count in counts.items())):
                yield label, f"{count / 1000**unit:.3f}{_SUFFIXES[unit]}" if unit else str(count), _share(count, total)

        names = [name for name in sorted(self.flop_counts) if name != "Global" and name.count(".") < depth]
        if not any(sum(self.flop_counts[name].values()) >= total for name in names):
            names.insert(0, "Global")
        header = ("Module", "FLOP", "% Total")
        table = [row for name in names for row in rows(name)] or [("Global", "0", "0%")]
        widths = [max(len(header[i]) + (2 if i else 0), *(len(row[i]) for row in table)) for i in range(3)]
        lines = [(*header,), tuple("-" * width for width in widths), *table]
        return "\n".join(f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}".rstrip() for a, b, c in lines)

    def __enter__(self):
        self.flop_counts.clear()
        self._running, self._paths = [("Global", None)], {}
        self._hooks = [register_module_forward_pre_hook(self._begin), register_module_forward_hook(self._end, always_call=True)]
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        if self.display:
            print(self.get_table(self.depth))

    def _begin(self, module, args):
        name = type(module).__name__
        for outer, holder in reversed(self._running):
            inner = holder is not None and self._paths_in(holder).get(module)
            if inner:
                name = f"{outer}.{inner}"
                break
        self._running.append((name, module))

    def _paths_in(self, holder):
        if holder not in self._paths:
            self._paths[holder] = {module: path for path, module in holder.named_modules()}
        return self._paths[holder]

    def _end(self, module, args, output):
        self._running.pop()

    def _add(self, modules, name, count):
        for module in modules:
            self.flop_counts[module][_op(name)] += count

    def __torch_function__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        modules = dict.fromkeys(module for module, _ in self._running)
        if name in self._custom:
            op, count = self._custom[name]
            shapes = [x.shape if isinstance(x, Tensor) else x for x in args]
            for module in modules:
                self.flop_counts[module][op] += count(*shapes, out_shape=result.shape, **(kwargs or {}))
        elif name in _COUNTED:
            given = args if not kwargs else (*args, *(x for x in kwargs.values() if isinstance(x, Tensor)))
            counted = _COUNTED[name](given, result)
            if counted is not None:
                op, count, backward = counted
                self._add(modules, op, count)
                if result.requires_grad:
                    result.register_hook(lambda grad: self._backward(modules, backward))
        return result

    def _backward(self, modules, counts):
        if self._hooks:  # the block has not ended
            for name, count in counts:
                self._add(modules, name, count)
