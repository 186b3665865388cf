"""What a string of ``.fbs`` text stands for.

Escapes are those of JSON, ``\\'`` and ``\\x``, which gives one byte of UTF-8. Source: flatc.
"""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorwire.errors import SchemaError

    Wrong = Callable[[str], SchemaError]

_ESCAPES = {
    "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "/": "/",
}  # fmt: skip
_HIGH, _LOW, _AFTER = 0xD800, 0xDC00, 0xE000  # surrogates: first of a pair, second, none


def string_value(token: str, wrong: Wrong) -> tuple[str, bool]:
    """``(text, whether it is printable ASCII without escapes)`` of a string in its quotes.

    Raises: what ``wrong`` makes of a reason, for unknown escapes and for what is not UTF-8.
    """
    body = token[1:-1]
    if "\\" not in body and body.isascii():
        return body, body.isprintable()
    parts = body.split("\\")
    try:
        out = bytearray(_utf8(parts[0]))
        index = 1
        while index < len(parts):
            index = _escape(parts, index, out, wrong)
        return out.decode("utf-8"), False
    except UnicodeError:
        raise wrong("a string that is not UTF-8") from None


def _escape(parts: list[str], index: int, out: bytearray, wrong: Wrong) -> int:
    """Writes what the part behind a backslash begins with, and its rest; the next part's index."""
    part = parts[index]
    if not part:  # a backslash, escaped
        out += b"\\"
        rest = parts[index + 1] if index + 1 < len(parts) else ""
        out += _utf8(rest)
        return index + 2
    if part[0] == "x":
        out.append(_hexadecimal(part, 2, wrong))
        out += _utf8(part[3:])
        return index + 1
    if part[0] == "u":
        return _unicode(parts, index, out, wrong)
    if part[0] not in _ESCAPES:
        raise wrong(f"unknown escape {part[0]!a} in a string")
    out += _utf8(_ESCAPES[part[0]] + part[1:])
    return index + 1


def _unicode(parts: list[str], index: int, out: bytearray, wrong: Wrong) -> int:
    code = _hexadecimal(parts[index], 4, wrong)
    if _HIGH <= code < _LOW:
        high, index = code, index + 1
        if len(parts[index - 1]) == 5 and index < len(parts) and parts[index][:1] == "u":
            code = _hexadecimal(parts[index], 4, wrong)
        if not _LOW <= code < _AFTER:
            raise wrong("half of a surrogate pair in a string")
        code = 0x10000 + ((high - _HIGH) << 10) + (code - _LOW)
    elif _LOW <= code < _AFTER:
        raise wrong("half of a surrogate pair in a string")
    out += chr(code).encode()
    out += _utf8(parts[index][5:])
    return index + 1


def _hexadecimal(part: str, count: int, wrong: Wrong) -> int:
    digits = part[1 : 1 + count]
    if len(digits) < count or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
        raise wrong(f"\\{part[0]} without {count} hexadecimal digits in a string")
    return int(digits, 16)


def _utf8(text: str) -> bytes:
    """As read: bytes that were no UTF-8 are bytes again."""
    return text.encode("utf-8", "surrogateescape")
