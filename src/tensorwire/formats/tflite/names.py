"""Every tensor of a model under names that are unique: in its graph, and in the model.

===============================  ================================================================
a tensor in its graph            its own name
a name that its graph uses more  ``<name>#<index of the tensor>``, each of them
a tensor without a name          ``#<index>``
in the model                     the same; of graphs after the first ``<graph>/<name>``
===============================  ================================================================

Graphs are called by their names, which are made unique in the same way; one without a name is
``subgraph[<index>]``. A name that becomes part of others is cut to `PART_MAX` characters.
"""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from tensorwire.formats.tflite.budget import Budget

__all__ = ["graph_names", "local_names", "unique"]

# Far beyond honest names, which are those of a dozen operations that were fused.
PART_MAX = 1000


def graph_names(root: Any, budget: Budget) -> list[str]:
    """The names of the subgraphs."""
    names = [_spent(graph.name, budget, "subgraphs") for graph in root.subgraphs]
    return _distinct([name or f"subgraph[{i}]" for i, name in enumerate(names)])


def local_names(graph: Any, budget: Budget, path: str) -> list[str]:
    """The names of the tensors of a subgraph, none of them empty."""
    return _distinct([_spent(tensor.name, budget, path) for tensor in graph.tensors])


def unique(names: Iterable[tuple[str, str, Any]]) -> Iterator[tuple[str, str, Any]]:
    """(name in the model, scope, what came with it) of (name in its graph, scope, ...)."""
    used: set[str] = set()
    for number, (name, scope, found) in enumerate(names):
        if scope:
            name = f"{_part(scope)}/{name}"
        while name in used:
            name = f"{_part(name)}#{number}"
        used.add(name)
        yield name, scope, found


def _distinct(names: list[str]) -> list[str]:
    """Names used once stay; no new name is one of the others."""
    known = set(names)
    if len(known) == len(names) and "" not in known:
        return names
    seen: set[str] = set()
    repeated = {name for name in names if name in seen or seen.add(name)} | {""}  # type: ignore[func-returns-value]
    return [_numbered(name, i, known) if name in repeated else name for i, name in enumerate(names)]


def _numbered(name: str, index: int, known: set[str]) -> str:
    found = f"{_part(name)}#{index}"
    while found in known:  # progress: it grows
        found += f"#{index}"
    known.add(found)
    return found


def _spent(name: str | None, budget: Budget, path: str) -> str:
    budget.spend(len(name or "") + 1, path)
    return name or ""


def _part(name: str) -> str:
    return name if len(name) <= PART_MAX else name[:PART_MAX]
