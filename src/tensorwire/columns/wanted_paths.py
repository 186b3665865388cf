"""From the paths that are asked for to the leaves below them, whatever an engine's types are."""

from __future__ import annotations

from tensorwire.columns.paths import join, split
from tensorwire.errors import LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from tensorwire.columns.place import Place

    #: (place, its path, depth, the types on the way) to the leaves of that place, and None for each
    #: type on the way, so that those count that have no leaves: they can be as many as 2**depth.
    Whole = Callable[[Any, tuple[str, ...], int, list[Any]], Iterator[tuple[str, ...] | None]]

__all__ = ["wanted_leaves"]

#: Fields that "every field" may stand for.
FIELDS_MAX = 10_000


def wanted_leaves(
    row: Place, paths: Sequence[str] | None, depth: int, whole: Whole
) -> tuple[str, ...]:
    """The full paths of the columns below ``row``, each once; ``paths`` None: of everything.

    ``whole`` goes over what lies below a place, adding it.
    Raises: ``LimitError`` for more than 10,000; what `Place.follow` raises.
    """
    columns: dict[str, None] = {}
    asked: set[Place] = set()
    types = 0
    for parts in [()] if paths is None else map(split, paths):
        place = row.follow(parts)
        asked.add(place)
        for found in whole(place, parts, depth, _ancestors(row, parts)):
            if found is None:
                types += 1
            else:
                columns[join(found)] = None
            if len(columns) > FIELDS_MAX or types > FIELDS_MAX:
                raise LimitError(f"more than {FIELDS_MAX} fields; name those that you need")
    _drop_cut(row, asked)
    return tuple(columns)


def _drop_cut(place: Place, asked: set[Place]) -> None:
    """Takes out what nobody named and has nothing below it since all of that occurs too often: a
    struct without fields could not be written to Parquet."""
    for name, below in list(place.below.items()):
        _drop_cut(below, asked)
        if not below.below and below.fields() and below not in asked:
            del place.below[name]


def _ancestors(row: Place, parts: tuple[str, ...]) -> list[Any]:
    """The types on the way to the end of ``parts``, it included."""
    found = [row.target]
    for part in parts:
        row = row.below[part]
        found.append(row.target)
    return found
