"""Files appended to a model as a zip archive: labels and vocabularies.

Source: PKWARE APPNOTE.TXT, 4.3.12 and 4.3.16; tensorflow/tflite-support
``tensorflow_lite_support/metadata/python/metadata.py``, which writes them uncompressed.
"""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire._core.source import Source

__all__ = ["associated_files"]

END = b"PK\x05\x06"
END_SIZE = 22
COMMENT_MAX = 0xFFFF
ENTRY = b"PK\x01\x02"
ENTRY_SIZE = 46
UTF8 = 1 << 11


def associated_files(source: Source) -> dict[str, int]:
    """Name and size of each file appended; none where the archive is none, or cannot be followed.

    Only the list at its end is read. `zipfile` of the standard library reads the files themselves,
    from the model as it is.
    """
    tail = bytes(source.span(max(source.size - END_SIZE - COMMENT_MAX, 0), _tail_size(source)))
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_SIZE:
        return {}
    count, nbytes = _number(tail, at + 10, 2), _number(tail, at + 12, 4)
    end = source.size - len(tail) + at
    return {} if nbytes > end else _entries(bytes(source.span(end - nbytes, nbytes)), count)


def _entries(listed: bytes, count: int) -> dict[str, int]:
    found: dict[str, int] = {}
    at = 0
    for _ in range(count):
        if listed[at : at + 4] != ENTRY or len(listed) - at < ENTRY_SIZE:
            break
        flags, size = _number(listed, at + 8, 2), _number(listed, at + 24, 4)
        name, extra, comment = (_number(listed, at + i, 2) for i in (28, 30, 32))
        start = at + ENTRY_SIZE
        encoding = "utf-8" if flags & UTF8 else "cp437"
        found[listed[start : start + name].decode(encoding, "surrogateescape")] = size
        at = start + name + extra + comment
    return found


def _tail_size(source: Source) -> int:
    return min(source.size, END_SIZE + COMMENT_MAX)


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "little")
