"""The tree of all paths that are asked for, whatever an engine's types are."""

from __future__ import annotations

from tensorwire.columns.paths import PathError, join, unknown_name
from tensorwire.errors import LimitError
from tensorwire.limits import DEFAULT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self

__all__ = ["Place"]


class Place:
    """A field that is asked for, or the rows: a node of the trie of all paths.

    An engine says what fields a type has, and makes the places of them.
    """

    __slots__ = ("_known", "below", "name", "node", "target")

    WITH_FIELDS: str  # what has fields, as errors call it

    def __init__(self, name: str, target: Any) -> None:
        self.name = name
        #: the type that has the fields below; None of a value
        self.target = target
        self.below: dict[str, Self] = {}
        self.node = -1  # position among the nodes of the projection
        #: fields of all types met in the tree
        self._known: dict[Any, dict[str, Any]] = {}

    def fields_of(self, target: Any) -> dict[str, Any]:
        """The fields of a type, by name."""
        raise NotImplementedError

    def place_of(self, name: str, field: Any) -> Self:
        """A new place, of a field below."""
        raise NotImplementedError

    def add(self, name: str) -> Self | None:
        """The field of that name below, asked for from now on; None: there is none."""
        found = self.below.get(name)
        if found is not None:
            return found
        field = self.fields().get(name)
        if field is None:
            return None
        self.below[name] = made = self.place_of(name, field)
        made._known = self._known
        return made

    def fields(self) -> dict[str, Any]:
        """Those of the type, by name."""
        if self.target is None:
            return {}
        if self.target not in self._known:
            self._known[self.target] = self.fields_of(self.target)
        return self._known[self.target]

    def follow(self, parts: tuple[str, ...]) -> Self:
        """The place at the end of a path from here, asked for from now on.

        Raises: ``PathError`` where there is none, with near names.
        """
        if len(parts) > DEFAULT.depth + 1:
            raise LimitError(f"a path of {len(parts)} names; {DEFAULT.depth + 1} are allowed")
        place = self
        for part in parts:
            below = place.add(part)
            if below is None:
                raise place.unknown(part, join(parts))
            place = below
        return place

    def unknown(self, name: str, path: str) -> PathError:
        """There is no field of that name below."""
        if self.target is None:
            return PathError(
                f"path {path!r}: {self.name!r} is no {self.WITH_FIELDS}, it has no {name!r}"
            )
        return unknown_name(path, name, self.fields())
