"""Where a value lies, in the words of errors: its row, and a path with the positions in lists."""

from __future__ import annotations

from tensorwire.errors import EncodeError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.proto.batch.nodes import Values

QUOTED = 40  # bytes of a string that is no UTF-8


class Place:
    """A field of a message type that columns are written for; the outermost has no parent.

    ``offsets``: of a repeated field. ``node``: its values; ``about``: the name of its enum.
    """

    __slots__ = ("about", "error", "name", "node", "offsets", "parent")

    def __init__(
        self,
        name: str,
        parent: Place | None,
        offsets: np.ndarray[Any, Any] | None = None,
        error: type[EncodeError] = EncodeError,
    ) -> None:
        self.name = name
        self.parent = parent
        self.offsets = offsets
        self.error: type[EncodeError] = error if parent is None else parent.error
        self.node: Values | None = None
        self.about = ""

    @property
    def path(self) -> str:
        """The path as users give it, without positions."""
        above = self.parent.path if self.parent is not None else ""
        return f"{above}.{self.name}" if above else self.name

    def locate(self, at: int) -> tuple[int, str]:
        """The row of the outermost table, and the path, of row ``at`` of the field's values."""
        parts: list[str] = []
        place = self
        while place.parent is not None:  # progress: towards the outermost
            part = place.name
            if place.offsets is not None:
                outer = int(place.offsets.searchsorted(at, side="right")) - 1
                part, at = f"{part}[{at - int(place.offsets[outer])}]", outer
            parts.append(part)
            place = place.parent
        return at, ".".join(reversed(parts))

    def locate_list(self, at: int) -> tuple[int, str]:
        """The same of the list that begins at ``offsets[at]``."""
        if self.parent is None:
            return at, ""
        row, path = self.parent.locate(at)
        return row, f"{path}.{self.name}" if path else self.name

    def failed(self, at: int, text: str) -> EncodeError:
        """An error; ``text`` has ``{row}`` where the row is named."""
        row, path = self.locate(at)
        error = self.error(text.format(row=row), path=path)
        error.row = row
        return error


def fault_error(places: list[Place], fault: tuple[str, int, int, int]) -> EncodeError:
    """The error of a fault that the compiled encoder found."""
    reason, position, at, number = fault
    place = places[position]
    if reason == "offsets":
        row, path = place.locate_list(at)
        error = place.error(
            f"row {row}: the offsets of a list descend or pass its items", None, path
        )
        error.row = row
        return error
    return place.failed(at, _text(places, place, reason, at, number))


def _text(places: list[Place], place: Place, reason: str, at: int, number: int) -> str:
    if reason == "utf8":
        return f"{_braced(_quoted(place, at))} in row {{row}} is not UTF-8"
    if reason == "oneof":
        other = places[number].name
        return f"row {{row}} also has {_braced(other)}; a oneof has one member at most"
    return {
        "span": f"a string of row {{row}} lies outside of its buffers, at {number}",
        "enum": f"{number} in row {{row}} is no number of the closed enum {place.about}",
        "null item": "this item of row {row} is null, and a repeated field holds no nulls",
        "required": "row {row} lacks this required field; partial=True writes what is there",
        "size": f"row {{row}} needs {number} bytes; readers of Protobuf take at most {2**31 - 1}",
    }[reason]


def _quoted(place: Place, at: int) -> str:
    node = place.node
    if node is None or node.sources is None:
        return "a string"
    start, length = (int(one) for one in node.values[at])
    starts = node.sources.starts
    buffer = int(starts.searchsorted(start, side="right")) - 1
    first = start - int(starts[buffer])
    data = bytes(memoryview(node.sources.buffers[buffer])[first : first + min(length, QUOTED)])
    return repr(data) if length <= QUOTED else f"{data!r}... ({length} bytes)"


def _braced(text: str) -> str:
    """For `str.format`."""
    return text.replace("{", "{{").replace("}", "}}")
