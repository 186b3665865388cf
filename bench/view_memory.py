"""(9) What views take of memory, of everything the process allocated.

Counted is what the system gave to the process, not what objects say of themselves: so tables of
children, the allocator's own bytes and whatever else belongs to a view are in it. Each figure is
of a fresh process.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fresh
import memory
from graph_model import NODES, QUICK_NODES, encoded_graph
from rows import Row
from verify_graph import SIDES

VIEW_MOST = 160.0
# A view of the graph and a few pages, over all nodes.
UNVISITED_MOST = 1.0
BY_SYSTEM, BY_PYTHON = "given by the system", "by tracemalloc"
# What the list of the views takes, of each.
PLACE = 8


def held(model: Any) -> list[Any]:
    """A view of every node, all held."""
    return list(model.graph.node)


def held_and_read(model: Any) -> list[Any]:
    """The same, of each the name read: the views know then where their fields are."""
    nodes = list(model.graph.node)
    for node in nodes:
        assert node.name
    return nodes


def visited_once(model: Any) -> list[Any]:
    """Every node visited and let go."""
    for node in model.graph.node:
        assert node.name
    return []


def untouched(model: Any) -> list[Any]:
    """The graph's view alone."""
    return [model.graph]


CASES: dict[str, Callable[[Any], list[Any]]] = {
    "untouched": untouched,
    "visited once": visited_once,
    "held": held,
    "held, one string of each read": held_and_read,
}


def added(path: str, side: str, case: str) -> dict[str, float]:
    """Bytes that the views of a parsed message added: to the process, and by Python's own count."""
    message = SIDES[side](Path(path).read_bytes())
    CASES[case](SIDES[side](encoded_graph(10)))
    _, seen = memory.added_by(lambda: CASES[case](message))
    tracemalloc.start()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    kept = CASES[case](SIDES[side](Path(path).read_bytes()))
    traced = tracemalloc.get_traced_memory()[0] - before - Path(path).stat().st_size
    return {BY_SYSTEM: seen["anonymous"], BY_PYTHON: traced, "kept": len(kept)}


def rows(quick: bool, folder: str) -> Iterator[Row]:
    if not memory.is_known():
        return
    nodes = QUICK_NODES if quick else NODES
    path = f"{folder}/graph.onnx"
    Path(path).write_bytes(encoded_graph(nodes))
    for case in CASES:
        found = {side: fresh.call("view_memory.added", path, side, case) for side in SIDES}
        places = PLACE if "held" in case else 0
        for kind in (BY_SYSTEM, BY_PYTHON):
            ours, upb = (max(0.0, found[side][kind] / nodes - places) for side in SIDES)
            most = VIEW_MOST if places else UNVISITED_MOST
            words = f"{nodes} nodes {case}: a node, {kind}"
            if kind == BY_SYSTEM:
                yield Row(words, "upb", ours, upb, "B", most=most)
            else:  # upb's arenas are not among what Python counts
                yield Row(words, "limit", ours, most, "B", most=most)
