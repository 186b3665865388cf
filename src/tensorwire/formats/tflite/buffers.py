"""Where the bytes of a buffer are: inside the FlatBuffer, behind it, or in another file.

Source: schema.fbs, Buffer, ExternalBuffer; LiteRT ``tflite/core/interpreter_builder.cc``,
InterpreterBuilder::ParseTensors.
"""

from __future__ import annotations

from functools import cached_property

from tensorwire._core.flat_pick import pick, pick_all
from tensorwire.errors import DecodeError, ModelError, UnsupportedError
from tensorwire.external import External
from tensorwire.formats.tflite.budget import allowed
from tensorwire.formats.tflite.tables import SCHEMA, Buffer
from tensorwire.places import Refused, Span

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire._core.source import Source
    from tensorwire.external import ExternalFiles
    from tensorwire.places import Place

__all__ = ["OFFSET_LEAST", "Buffers"]

# The exporter writes offset 1 where none is meant.
OFFSET_LEAST = 2

_FIELDS = (Buffer.data, Buffer.offset, Buffer.size)
_GROUP: Any = SCHEMA["tflite.ExternalBufferGroup"]
_EXTERNAL: Any = SCHEMA["tflite.ExternalBuffer"]
_EXTERNAL_FIELDS = (
    _EXTERNAL.id, _EXTERNAL.group, _EXTERNAL.offset, _EXTERNAL.length, _EXTERNAL.packing,
)  # fmt: skip

# How bytes lie in an external file; writers know one way, or say nothing.
PACKINGS = {"", "unpacked"}


class Buffers:
    """The buffers of one model. Reads tables, never payload."""

    def __init__(self, root: Any, source: Source, files: ExternalFiles) -> None:
        self._buffers = root.buffers
        self._root = root
        self.source = source
        self._files = files

    @property
    def count(self) -> int:
        """How many buffers there are; a model without any has at least the one of index 0."""
        return max(len(self._buffers), 1)

    def place(self, index: int) -> Span | Refused | None:
        """The bytes of the buffer at ``index``; None if it holds none, as most of them do.

        Inline data wins over an offset; 0 bytes of it are data, too. Out of range, a place that
        says so when it is asked.
        """
        if index == 0:  # the buffer of all tensors without data, by convention
            return None
        if index >= len(self._buffers):
            reason = f"buffer {index} of {len(self._buffers)}"
            return self._refused(ModelError(reason, path="buffers"))
        inline, offset, size = pick(self._buffers[index], _FIELDS)
        if inline is not None:
            return Span(self.source, inline[0], inline[1] - inline[0])
        if offset < OFFSET_LEAST:
            return None
        return self.behind(offset, size, f"buffers[{index}].offset")

    def behind(self, offset: int, nbytes: int, path: str) -> Span | Refused:
        """Bytes of the file that an offset names. Both numbers may be anything."""
        size = self.source.size
        if offset > size or nbytes > size - offset:
            reason = f"{nbytes} bytes in a file of {size}"
            return self._refused(DecodeError(reason, offset, path))
        return Span(self.source, offset, nbytes)

    def external(self, number: int) -> Place:
        """The bytes of the external buffer of that id, which is not 0."""
        found = self._external.get(number)
        if found is None:
            reason = f"external buffer {number:#x} is not among {len(self._external)}"
            return self._refused(ModelError(reason, path="external_buffers"))
        index, group, offset, nbytes, packing = found
        path = f"external_buffers[{index}]"
        if group >= len(self.groups):
            reason = f"group {group} of {len(self.groups)}"
            return self._refused(ModelError(reason, path=f"{path}.group"))
        if packing not in PACKINGS:
            reason = f"external data is packed in a way that is not known: {packing[:40]!r}"
            return self._refused(UnsupportedError(reason, path=f"{path}.packing"))
        return External(self._files, self.groups[group], offset, nbytes)

    # What follows is made once; threads that come at once make equal ones.

    @cached_property
    def groups(self) -> list[str]:
        """The names of external files. Raises: ``LimitError`` where tables share long ones."""
        rows = pick_all(self._root.external_buffer_groups, (_GROUP.name,), self._most)
        return [name or "" for (name,) in rows]

    @cached_property
    def _external(self) -> dict[int, tuple[int, int, int, int, str]]:
        """By id, the first of each: its index, group, offset, length and packing."""
        found: dict[int, tuple[int, int, int, int, str]] = {}
        rows = pick_all(self._root.external_buffers, _EXTERNAL_FIELDS, self._most)
        for i, (number, group, offset, nbytes, packing) in enumerate(rows):
            found.setdefault(number, (i, group, offset, nbytes, packing or ""))
        return found

    @property
    def _most(self) -> int:
        return allowed(self.source.size)

    def _refused(self, error: ModelError) -> Refused:
        """A place that raises such an error, made anew each time."""
        kind, arguments = type(error), (error.reason, error.offset, error.path)
        return Refused(lambda: kind(*arguments), self.source.path)
