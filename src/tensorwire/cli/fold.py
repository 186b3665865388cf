"""Names that differ by layer numbers only, folded into one pattern."""

from __future__ import annotations

import re

from tensorwire.cli.statistics import merged

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

__all__ = ["fold"]

# A number by itself (layers.3.weight, MatMul_12), not a part of a word (conv1, fc2) ...
ALONE = re.compile(r"(?<![A-Za-z0-9])([0-9]+)(?![A-Za-z0-9])")
# ... unless the name has no other (layer3.weight, h3/bias).
ANY = re.compile(r"([0-9]+)")


def fold(tensors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One document for all tensors of one pattern, type and shape, in order of the first of each.

    Numbers that differ become ``*``, so that the pattern is a glob that picks those tensors.
    """
    groups: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for tensor in tensors:
        shape = None if tensor["shape"] is None else tuple(tensor["shape"])
        key = (tuple(_split(tensor["name"])[::2]), tensor["dtype"], shape, tensor["error"])
        groups.setdefault(key, []).append(tensor)
    return [_folded(group) for group in groups.values()]


def _split(name: str) -> list[str]:
    """Text and numbers in turn, text at both ends."""
    return (ALONE if ALONE.search(name) else ANY).split(name)


def _folded(group: list[dict[str, Any]]) -> dict[str, Any]:
    first = group[0]
    sizes = [tensor["nbytes"] for tensor in group]
    document = {
        "pattern": _pattern([tensor["name"] for tensor in group]),
        "count": len(group),
        "dtype": first["dtype"],
        "shape": first["shape"],
        "nbytes": None if None in sizes else sum(sizes),
        "unavailable": sum(not tensor["available"] for tensor in group),
    }
    if "stats" in first:
        found = [tensor["stats"] for tensor in group if tensor["stats"] is not None]
        errors = [tensor["stats_error"] for tensor in group if tensor["stats_error"] is not None]
        document |= {"stats": merged(found), "stats_error": errors[0] if errors else None}
    return document


def _pattern(names: list[str]) -> str:
    columns = zip(*map(_split, names), strict=True)
    return "".join(column[0] if len(set(column)) == 1 else "*" for column in columns)
