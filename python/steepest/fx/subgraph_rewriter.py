"""replace_pattern: parts of a graph that look like a pattern give way to another."""

from typing import Any, NamedTuple

from ._symbolic_trace import symbolic_trace
from .graph import Graph
from .graph_module import GraphModule
from .node import Node

__all__ = ["Match", "replace_pattern"]


class Match(NamedTuple):
    """Where the pattern was found: its last node in the graph, and the graph's node for each of the pattern's."""

    anchor: Node
    nodes_map: dict[Any, Any]


def _graph(of):
    if isinstance(of, Graph):
        return of
    return of.graph if isinstance(of, GraphModule) else symbolic_trace(of).graph


def _matches(pattern, node, found):
    """Whether the node, with what it uses, looks like the pattern's node; `found` notes what stands for what."""
    if not isinstance(pattern, Node):
        return type(pattern) is type(node) and _equal(pattern, node, found)
    if pattern in found:
        return found[pattern] is node
    if pattern.op == "placeholder":
        found[pattern] = node
        return True
    if not isinstance(node, Node) or (pattern.op, pattern.target) != (node.op, node.target):
        return False
    found[pattern] = node
    return _equal(pattern.args, node.args, found) and _equal(pattern.kwargs, node.kwargs, found)


def _equal(pattern, given, found):
    if isinstance(pattern, (tuple, list)):
        return len(pattern) == len(given) and all(_matches(a, b, found) for a, b in zip(pattern, given, strict=True))
    if isinstance(pattern, dict):
        return pattern.keys() == given.keys() and all(_matches(pattern[key], given[key], found) for key in pattern)
    return pattern == given


def _replace(graph, match, old, new, replaced):
    """Lets nodes like those of `new` stand for what was found of `old`; `replaced` tells what stands for the anchors of other matches."""
    arguments = ([node for node in g.nodes if node.op == "placeholder"] for g in (new, old))
    found = ((theirs, match.nodes_map[ours]) for theirs, ours in zip(*arguments, strict=True))
    values = {theirs: replaced.get(node, node) for theirs, node in found}
    place = match.anchor.next
    while match.anchor.users and place not in match.anchor.users:
        place = place.next
    with graph.inserting_before(place):
        for node in new.nodes:
            if node.op not in ("placeholder", "output"):
                values[node] = graph.node_copy(node, lambda n: values[n])
    result = replaced[match.anchor] = values[new.output_node().args[0]]
    match.anchor.replace_all_uses_with(result)
    for ours in reversed(old.nodes):
        if ours.op not in ("placeholder", "output") and not match.nodes_map[ours].users:
            graph.erase_node(match.nodes_map[ours])


def replace_pattern(gm, pattern, replacement):
    """Replaces, in the graph of a GraphModule, every part that does what the function `pattern` does by what `replacement` does.

    Both are functions, modules or graphs with as many arguments and one result. Returns a Match for each.

    >>> import steepest as torch
    >>> traced = torch.fx.symbolic_trace(lambda x: torch.sin(x) + torch.sin(x).neg())
    >>> len(torch.fx.replace_pattern(traced, lambda x: torch.sin(x), lambda x: torch.cos(x)))
    2
    >>> traced(torch.zeros(1))
    tensor([0.])
    """
    old, new = _graph(pattern), _graph(replacement)
    (old_end,) = old.output_node().args
    inner = [node for node in old.nodes if node.op not in ("placeholder", "output") and node is not old_end]
    matches, taken = [], set()
    for node in list(gm.graph.nodes):
        found = {}
        if not _matches(old_end, node, found):
            continue
        part = {found[n] for n in (*inner, old_end)}
        outside = any(user not in part for n in inner for user in found[n].users)
        if outside or part & taken:
            continue
        taken |= part
        matches.append(Match(node, found))
    replaced = {}
    for match in matches:
        _replace(gm.graph, match, old, new, replaced)
    gm.recompile()
    return matches
