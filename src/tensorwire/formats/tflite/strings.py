"""Buffers of string tensors: a count, where each string begins, where the last ends, and the bytes.

All numbers are int32, offsets count from the start of the buffer.
Source: LiteRT ``tflite/string_util.h``.
"""

from __future__ import annotations

from tensorwire.errors import DecodeError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire.places import Place, Span

__all__ = ["StringPlace"]

WIDTH = 4


class StringPlace:
    """The strings of a buffer that is at another place, listed each time they are asked for."""

    __slots__ = ("_place",)

    in_place = False

    def __init__(self, place: Place) -> None:
        self._place = place

    @property
    def available(self) -> bool:
        return self._place.available

    @property
    def file(self) -> str | None:
        return self._place.file

    @property
    def offset(self) -> int | None:
        """Where the count is."""
        return self._place.offset

    def locate(self) -> list[bytes]:
        """Raises: ``DecodeError`` for a buffer that is not of this form; and as the place."""
        span = self._place.locate()
        if isinstance(span, list):
            return span
        return _strings(span)


def _strings(span: Span) -> list[bytes]:
    """Takes time by the bytes of the buffer: offsets ascend, so that no string is read twice."""
    stored = span.view()
    if span.nbytes == 0:  # as a tensor without elements may have it
        return []
    count = int.from_bytes(stored[:WIDTH], "little", signed=True)
    room = span.nbytes // WIDTH - 2  # beside the count, there is an offset more than strings
    if not 0 <= count <= room:
        reason = f"{count} strings in a buffer of {span.nbytes} bytes"
        raise DecodeError(reason, span.offset, file=span.file)
    ends = stored[WIDTH : (count + 2) * WIDTH].cast("i")
    found, before = [], (count + 2) * WIDTH
    for i in range(count):
        if not before <= ends[i] <= ends[i + 1] <= span.nbytes:
            reason = f"string {i} goes from byte {ends[i]} to {ends[i + 1]} of {span.nbytes}"
            raise DecodeError(reason, span.offset + (i + 1) * WIDTH, file=span.file)
        found.append(bytes(stored[ends[i] : ends[i + 1]]))
        before = ends[i + 1]
    return found
