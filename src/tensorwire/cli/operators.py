"""How often each operator occurs."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.graph import Graph

__all__ = ["operators"]


def operators(graph: Graph) -> list[dict[str, Any]]:
    """Counts by operator, most frequent first, of nested graphs and functions too."""
    counts: dict[tuple[str, str], int] = {}
    _count(graph, counts)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"op_type": op_type, "domain": domain, "count": count}
        for (op_type, domain), count in ranked
    ]


def _count(graph: Graph, counts: dict[tuple[str, str], int]) -> None:
    """Ends: a file nests no deeper than the limit ``depth`` it was verified with."""
    for node in graph.nodes:
        key = (node.op_type, node.domain)
        counts[key] = counts.get(key, 0) + 1
        for inner in node.graphs:
            _count(inner, counts)
    for function in graph.functions:
        _count(function, counts)
