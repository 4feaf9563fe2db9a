"""Module's tree half: walking over what a module holds, and printing it."""


def indent(text, spaces=2):
    """Indent all lines of `text` but the first; blank lines stay empty."""
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * spaces + line if line.strip() else "" for line in rest)])


class Traversal:
    """The part of :class:`Module` that walks over parameters, buffers and submodules."""

    def _named_members(self, get_members_fn, prefix="", recurse=True, remove_duplicate=True):
        """Yield (dotted name, tensor) for what ``get_members_fn(module)`` gives for each module."""
        seen = set()
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        for module_prefix, module in modules if recurse else [(prefix, self)]:
            for name, value in get_members_fn(module):
                if value is None or id(value) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(value))
                yield f"{module_prefix}.{name}" if module_prefix else name, value

    def parameters(self, recurse=True):
        """Iterate over the parameters, each once; without ``recurse`` over this module's own only."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """Iterate over (dotted name, parameter).

        Example::

            >>> import steepest as torch
            >>> [(name, tuple(p.shape)) for name, p in torch.nn.Linear(3, 2).named_parameters()]
            [('weight', (2, 3)), ('bias', (2,))]
        """
        yield from self._named_members(lambda m: m._parameters.items(), prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        """Iterate over the buffers, each once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """Iterate over (dotted name, buffer)."""
        yield from self._named_members(lambda m: m._buffers.items(), prefix, recurse, remove_duplicate)

    def children(self):
        """Iterate over the direct children, each once."""
        for _, module in self.named_children():
            yield module

    def named_children(self):
        """Iterate over (name, direct child)."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def modules(self, remove_duplicate=True):
        """Iterate over this module and all below it, each once if ``remove_duplicate``."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """Iterate over (dotted name, module), this module first under the name ``prefix``.

        Example::

            >>> import steepest as torch
            >>> net = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Sequential(torch.nn.Tanh()))
            >>> [name for name, m in net.named_modules()]
            ['', '0', '1', '1.0']
        """
        if memo is None:
            memo = set()
        if self not in memo:
            if remove_duplicate:
                memo.add(self)
            yield prefix, self
            for name, module in self._modules.items():
                if module is not None:
                    below = f"{prefix}.{name}" if prefix else name
                    yield from module.named_modules(memo, below, remove_duplicate)

    def _get_name(self):
        return type(self).__name__

    def extra_repr(self):
        """The text between the parentheses of the module's repr; subclasses override it."""
        return ""

    def __repr__(self):
        own = self.extra_repr()
        own_lines = own.split("\n") if own else []
        child_lines = [f"({name}): {indent(repr(module))}" for name, module in self._modules.items()]
        if len(own_lines) == 1 and not child_lines:
            return f"{self._get_name()}({own})"
        lines = "".join(f"\n  {line}" for line in own_lines + child_lines)
        return f"{self._get_name()}({lines}\n)" if lines else f"{self._get_name()}()"
