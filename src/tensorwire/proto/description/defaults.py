"""Default values: the text of a declaration as a Python value.

Source: google/protobuf/descriptor.proto, ``FieldDescriptorProto.default_value``: numbers as text,
bytes with the escapes of C, enums by label.
"""

from __future__ import annotations

import re
import struct

from tensorwire._core.plan import KINDS
from tensorwire.proto.classes import ZEROS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FLOAT, DOUBLE, BOOL, STRING, BYTES = (
    KINDS[name] for name in ("float", "double", "bool", "string", "bytes")
)

_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_LETTERS = {
    letter.to_bytes(1, "big"): bytes([code])
    for letter, code in zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True)
}


def unescaped(text: str) -> bytes:
    """The bytes that a text with the escapes of C stands for."""
    return _ESCAPE.sub(_unescape, text.encode("utf-8"))


def scalar_default(kind: int, text: str | None) -> Any:
    """What an absent field reads as; ``text`` is None where no default was declared.

    Raises: ``ValueError`` for a text that is no value of that kind. Not for enums.
    """
    if text is None:
        return ZEROS.get(kind, 0)
    if kind == STRING:
        return text
    if kind == BYTES:
        return unescaped(text)
    if kind == BOOL:
        if text not in ("true", "false"):
            raise ValueError(f"{text!r} is neither true nor false")
        return text == "true"
    if kind == DOUBLE:
        return float(text)
    return _single(float(text)) if kind == FLOAT else int(text, 0)


def _single(value: float) -> float:
    """Rounded to four bytes, as it will be read."""
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
    return rounded


def _unescape(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, letter = match.groups()
    if octal is not None:
        return bytes([int(octal, 8) & 0xFF])
    if hexadecimal is not None:
        return bytes([int(hexadecimal, 16)])
    return _LETTERS.get(letter, letter)
