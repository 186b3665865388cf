"""Numbers as ``.fbs`` text has them, read.

As in C: integers are decimal or ``0x`` hexadecimal, leading zeros do not make them octal; for
others the rules of ``strtod`` hold. Texts may also come from strings: ``x:int = "12";``.
"""

from __future__ import annotations

from functools import lru_cache

from tensorwire.flat.declarations import FLOAT32, FLOAT64

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from re import Pattern

FLOATS = frozenset({FLOAT32, FLOAT64})

#: An integer of more digits, not counting leading zeros, fits no type.
_MOST_DIGITS = 20


def integer_of(text: str) -> int | None:
    """The number, or None for what is none or has more digits than any type holds."""
    if _integer().fullmatch(text) is None:
        return None
    text = text.strip(" ")
    sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("+", text)
    radix = 16 if digits[:2] in ("0x", "0X") else 10
    digits = digits[2:] if radix == 16 else digits
    digits = digits.lstrip("0") or "0"
    if len(digits) > _MOST_DIGITS:
        return None
    return -int(digits, radix) if sign == "-" else int(digits, radix)


def float_of(text: str) -> float | None:
    """The number, or None for what is none. What is too large is infinite."""
    if _decimal().fullmatch(text):
        return float(text)
    if _hexadecimal().fullmatch(text):
        try:
            return float.fromhex(text)
        except OverflowError:
            return float("-inf" if text.strip(" ")[0] == "-" else "inf")
    return None


@lru_cache(maxsize=1)
def _integer() -> Pattern[str]:
    import re

    return re.compile(" *[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)")


@lru_cache(maxsize=1)
def _decimal() -> Pattern[str]:
    import re

    number = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?"
    return re.compile(f" *[+-]?(?:{number}|inf(?:inity)?|nan)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _hexadecimal() -> Pattern[str]:
    """With an exponent, which flatc demands though ``strtod`` does not."""
    import re

    digits = "[0-9a-f]"
    return re.compile(
        rf" *[+-]?0x(?:{digits}+(?:\.{digits}*)?|\.{digits}+)p[+-]?[0-9]+", re.IGNORECASE
    )
