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

from tensorwire._core.flat_pick import pick_all
from tensorwire.formats.tflite.tables import SubGraph

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

__all__ = ["distinct", "graph_names", "unused"]

# Far beyond honest names, which are those of a dozen operations that were fused.
PART_MAX = 1000


def graph_names(root: Any, most: int) -> list[str]:
    """The names of the subgraphs. Raises: ``LimitError`` for more than ``most`` bytes of them."""
    names = [name or "" for (name,) in pick_all(root.subgraphs, (SubGraph.name,), most)]
    return distinct([name or f"subgraph[{i}]" for i, name in enumerate(names)])


def unused(name: str, scope: str, index: int, used: set[str]) -> str:
    """What the tensor at ``index`` of a scope is called in the model; now it is used."""
    if scope:
        name = f"{_part(scope)}/{name}"
    while name in used:
        name = f"{_part(name)}#{index}"
    used.add(name)
    return name


def distinct(names: list[str]) -> list[str]:
    """Names used once stay; others, and empty ones, become unlike any that is there."""
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


def _part(name: str) -> str:
    return name if len(name) <= PART_MAX else name[:PART_MAX]
